// SPDX-License-Identifier: BSD-3-Clause

// Identities that every registered regularizer must fulfil, in two and three dimensions.

#include "regularizers/regularizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>

#include "tests/physics/problem.hpp"
#include "tests/physics/taylor.hpp"
#include "tests/regularizers/models.hpp"

namespace fathom::testing {
namespace {

constexpr double rounding = in_double ? 1e-13 : 1e-5;

struct RegularizerVariant {
  std::string name;
  bool three_d;
  bool guided;
};

/// Slopes of noise on these grids are around 0.1 per metre: some are rounded off, others are not.
constexpr double rounding_slope = 0.08;

class EveryRegularizer : public ::testing::TestWithParam<RegularizerVariant> {
 protected:
  Grid grid_ = GetParam().three_d ? Grid{{9, 7, 11}, {10., 14., 8.}, {100., -50., 30.}}
                                  : Grid{{23, 1, 17}, {10., 14., 8.}, {100., 0., 30.}};
  std::unique_ptr<Regularizer> regularizer_ = on(grid_);

  std::unique_ptr<Regularizer> on(const Grid& grid) const {
    return regularizers().make(GetParam().name, {GetParam().guided ? rough_guidance(grid) : Guidance{},
                                                 rounding_slope, std::make_shared<SlopeDenoiser>(grid)});
  }

  Model noise(unsigned seed) const {
    Noise noise(seed);
    Model model{grid_, {}};
    for (const char* property : {"vp", "rho"}) {
      model[property] = make_field(property, grid_);
      from_host(noise.many(grid_.cells()), model[property]);
    }
    return model;
  }
  double value(const Model& u) const {
    Model ignored = zeros_like(u);
    return regularizer_->value_and_gradient(u, ignored);
  }
  Model gradient(const Model& u) const {
    Model gradient = zeros_like(u);
    regularizer_->value_and_gradient(u, gradient);
    return gradient;
  }
};

std::vector<RegularizerVariant> variants() {
  std::vector<RegularizerVariant> all;
  for (const std::string& name : regularizers().names())
    for (const bool three_d : {false, true})
      for (const bool guided : {false, true}) all.push_back({name, three_d, guided});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryRegularizer, ::testing::ValuesIn(variants()), [](const auto& info) {
  return info.param.name + (info.param.three_d ? "_3d" : "_2d") + (info.param.guided ? "_guided" : "");
});

TEST_P(EveryRegularizer, HasGradientOfSecondOrderRemainder) {
  if (!in_double) return;  // the double build runs it
  const Model u = noise(1), slopes = gradient(u);
  // Random, but uphill everywhere: a direction across the gradient would measure nothing.
  Model direction = noise(2);
  for (auto& [name, field] : direction.properties) {
    std::vector<double> along = to_host(field);
    const std::vector<double> uphill = to_host(slopes.at(name));
    for (std::size_t i = 0; i < along.size(); ++i) along[i] = std::copysign(along[i], uphill[i]);
    from_host(along, field);
  }
  EXPECT_TRUE(has_second_order_remainder([&](double step) { return value(moved(u, direction, step)); },
                                         dot(slopes, direction), 0.02));
}

TEST_P(EveryRegularizer, IsNowhereNegative) {
  for (unsigned seed = 1; seed < 5; ++seed) EXPECT_GT(value(noise(seed)), 0);
}

TEST_P(EveryRegularizer, IsConvexBetweenRandomModels) {
  const Model u = noise(3), v = noise(4);
  const double at_u = value(u), at_v = value(v);
  for (const double share : {0.1, 0.5, 0.9}) {
    Model between = moved(u, u, -share);
    between = moved(between, v, share);
    EXPECT_LE(value(between), ((1 - share) * at_u + share * at_v) * (1 + rounding));
  }
}

TEST_P(EveryRegularizer, LeavesConstantModelsAlone) {
  const Model constant = sampled(grid_, [](double, double, double) { return 2.5; });
  EXPECT_EQ(value(constant), 0);
  EXPECT_EQ(norm(gradient(constant)), 0);
}

TEST_P(EveryRegularizer, DoesNotFeelAConstantThatIsAdded) {
  const Model u = noise(5);
  Model raised = clone(u);
  for (auto& [name, field] : raised.properties) {
    std::vector<double> values = to_host(field);
    for (double& value : values) value += 0.75;
    from_host(values, field);
  }
  EXPECT_NEAR(value(raised), value(u), 10 * rounding * value(u));
  for (const auto& [name, field] : gradient(u).properties) {
    const std::vector<double> slopes = to_host(field);
    EXPECT_NEAR(std::accumulate(slopes.begin(), slopes.end(), 0.), 0, rounding * norm(slopes)) << name;
  }
}

TEST_P(EveryRegularizer, DoesNotDependOnTheGridSpacing) {
  Grid fine = grid_;
  double edges = 0;
  for (int axis = 0; axis < 3; ++axis) {
    if (!grid_.active(axis)) continue;
    fine.size[axis] = 2 * grid_.size[axis] - 1;
    fine.spacing[axis] = grid_.spacing[axis] / 2;
    edges += 1. / (grid_.size[axis] - 1);
  }
  const auto ramp = [](double x, double y, double z) { return 0.003 * x + 0.002 * y - 0.005 * z; };
  Model ignored = zeros_like(sampled(fine, ramp));
  const double on_fine = on(fine)->value_and_gradient(sampled(fine, ramp), ignored);
  EXPECT_NEAR(on_fine / value(sampled(grid_, ramp)), 1, edges);
}

TEST_P(EveryRegularizer, DoesNotFeelTheSpacingOfAnAxisWithOneCell) {
  if (GetParam().three_d) return;  // all its axes have more
  Model u = noise(6);
  const double before = value(u);
  u.grid.spacing[1] *= 3;
  EXPECT_EQ(value(u), before);
}

TEST_P(EveryRegularizer, AddsToTheGradientThatItIsGiven) {
  const Model u = noise(7), there_before = noise(8), alone = gradient(u);
  Model both = clone(there_before);
  regularizer_->value_and_gradient(u, both);
  for (const auto& [name, field] : moved(both, there_before, -1).properties)
    EXPECT_LT(relative_l2(to_host(field), to_host(alone.at(name))), 10 * rounding) << name;
}

TEST_P(EveryRegularizer, SumsOverTheProperties) {
  const Model u = noise(9);
  double sum = 0;
  for (const auto& [name, field] : u.properties) sum += value(Model{grid_, {{name, field}}});
  EXPECT_NEAR(value(u), sum, rounding * sum);
}

/// The double build writes its gradients, the float build compares its own with them; CTest runs them in that
/// order.
TEST_P(EveryRegularizer, HasTheSameGradientInFloatAndDouble) {
  std::vector<double> values;
  for (const auto& [name, field] : gradient(noise(10)).properties)
    for (const double value : to_host(field)) values.push_back(value);
  const std::string file = "regularizer_" + GetParam().name + (GetParam().three_d ? "_3d" : "_2d") +
                           (GetParam().guided ? "_guided" : "") + ".f64";
  const std::streamsize bytes = std::streamsize(values.size() * sizeof(double));
  if (in_double) {
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(values.data()), bytes);
    return;
  }
  std::ifstream in(file, std::ios::binary);
  ASSERT_TRUE(in) << file << " is missing: run test_regularizers_double in this folder first";
  std::vector<double> reference(values.size());
  in.read(reinterpret_cast<char*>(reference.data()), bytes);
  EXPECT_LT(relative_l2(values, reference), 1e-5);
}

/// Exactly quadratic: the remainder is the value of the step itself, and nothing else.
TEST(Tikhonov, HasARemainderThatIsItsValueOfTheStep) {
  const auto tikhonov = regularizers().make("tikhonov", {});
  for (const Grid& grid : {Grid{{23, 1, 17}, {10., 14., 8.}, {}}, Grid{{9, 7, 11}, {10., 14., 8.}, {}}}) {
    Noise noise(10);
    const auto random = [&](double, double, double) { return noise(); };
    const Model u = sampled(grid, random), step = sampled(grid, random);
    Model slopes = zeros_like(u), ignored = zeros_like(u);
    const double at_u = tikhonov->value_and_gradient(u, slopes);
    const double moved_by_step = tikhonov->value_and_gradient(moved(u, step, 1), ignored);
    EXPECT_NEAR(moved_by_step, at_u + dot(slopes, step) + tikhonov->value_and_gradient(step, ignored),
                rounding * moved_by_step);
  }
}

TEST(Tikhonov, OfARampIsHalfItsSquaredSlopeTimesTheArea) {
  const Grid grid{{11, 1, 21}, {10., 1., 5.}, {}};
  const Model ramp = sampled(grid, [](double, double, double z) { return 0.02 * z; });
  Model ignored = zeros_like(ramp);
  const double area = 11 * 10. * 20 * 5.;  // the last row has no neighbour below
  EXPECT_NEAR(regularizers().make("tikhonov", {})->value_and_gradient(ramp, ignored),
              0.5 * 0.02 * 0.02 * area, 10 * rounding);
}

}  // namespace
}  // namespace fathom::testing
