// SPDX-License-Identifier: BSD-3-Clause

// Weighted and steerable variation, and the envelope that stands in for it.

#include <gtest/gtest.h>

#include <cmath>

#include "physics/error.hpp"
#include "regularizers/regularizer.hpp"
#include "tests/regularizers/models.hpp"

namespace fathom::testing {
namespace {

constexpr double rounding = in_double ? 1e-13 : 1e-5;

const Grid flat{{23, 1, 17}, {10., 14., 8.}, {}};
const Grid deep{{9, 7, 11}, {10., 14., 8.}, {}};
const Grid column{{1, 1, 12}, {10., 10., 5.}, {}};

/// Theta = 1 and one P everywhere.
Guidance steered(const Grid& grid, double x, double y, double z) {
  const auto constant = [&](double value) {
    return sampled_field(grid, [value](double, double, double) { return value; });
  };
  return {grid, {}, {constant(x), constant(y), constant(z)}, {}, {}};
}

double smooth_value(const Guidance& guidance, double eps, const Field& u, const Grid& grid) {
  Model model{grid, {{"vp", u}}}, ignored = zeros_like(model);
  return regularizers().make("total_variation", {guidance, eps})->value_and_gradient(model, ignored);
}

TEST(Variation, IsThetaTimesTheLengthPlusPTimesTheSlope) {
  for (const Grid& grid : {flat, deep}) {
    const Guidance guidance = rough_guidance(grid);
    const Field u = random_field(grid, 1);
    const VectorField slopes = differences_of(u, grid);
    double wanted = 0;
    std::vector<double> z[3], p[3];
    for (int axis = 0; axis < 3; ++axis) {
      z[axis] = to_host(slopes[axis]);
      p[axis] = to_host(guidance.p[axis]);
      if (!grid.active(axis)) std::fill(p[axis].begin(), p[axis].end(), 0.);
    }
    const std::vector<double> theta = to_host(guidance.theta);
    int capped = 0;
    for (std::size_t cell = 0; cell < theta.size(); ++cell) {
      const double steering = std::hypot(p[0][cell], p[1][cell], p[2][cell]);
      const double share = std::min(1., 0.95 * theta[cell] / steering);
      capped += share < 1;
      wanted += theta[cell] * std::hypot(z[0][cell], z[1][cell], z[2][cell]);
      for (int axis = 0; axis < 3; ++axis) wanted += share * p[axis][cell] * z[axis][cell];
    }
    EXPECT_GT(capped, 10);
    EXPECT_LT(capped, int(theta.size()) - 10);
    wanted *= grid.cell_volume();
    EXPECT_NEAR(Variation(guidance).value(u, grid), wanted, rounding * wanted);
  }
}

/// q of a cell maximises <q, z> over the ball |q - P| <= Theta: no other q there does better.
TEST(Variation, IsTheSupremumOverItsDualBalls) {
  const Guidance guidance = rough_guidance(deep);
  const Variation variation(guidance);
  const Field u = random_field(deep, 2);
  const double value = variation.value(u, deep);
  const VectorField slopes = differences_of(u, deep);
  const std::vector<double> radius = to_host(variation.balls().theta);
  for (unsigned seed = 10; seed < 15; ++seed) {
    const VectorField random = random_vectors(deep, seed);
    double pairing = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const std::vector<double> z = to_host(slopes[axis]), p = to_host(variation.balls().p[axis]),
                                direction = to_host(random[axis]);
      for (std::size_t cell = 0; cell < z.size(); ++cell)  // each part of the direction is at most 1
        pairing += z[cell] * (p[cell] + radius[cell] * direction[cell] / std::sqrt(3.));
    }
    EXPECT_LT(pairing * deep.cell_volume(), value);
  }
}

TEST(Variation, WithASteeringAsLongAsThetaStillHasALowerBound) {
  const Field u = random_field(flat, 3);
  for (const double length : {1., 5., 1e6}) {
    const Variation variation(steered(flat, 0.6 * length, 0, -0.8 * length));
    EXPECT_GE(variation.value(u, flat), 0.0499 * Variation().value(u, flat)) << length;
  }
}

/// A jump up over one cell of a column costs Theta + p, the same jump down Theta - p.
TEST(Variation, MakesAJumpAgainstPCheapAndOneAlongPDear) {
  const double p = -0.7;
  const Variation variation(steered(column, 0, 0, p));
  const auto step = [](double height) {
    return sampled_field(column, [height](double, double, double z) { return z > 27 ? height : 0.; });
  };
  EXPECT_NEAR(variation.value(step(2), column), 2 * (1 + p), 1e-6);
  EXPECT_NEAR(variation.value(step(-2), column), 2 * (1 - p), 1e-6);
}

TEST(Variation, SteeredAlikeEverywhereIsTotalVariationPlusTheNetRise) {
  for (const Grid& grid : {flat, deep, column}) {
    const Field u = random_field(grid, 4);
    const std::vector<double> values = to_host(u);
    const int nz = grid.size[2];
    double net_rise = 0;  // of all columns, times the area that each stands for
    for (std::size_t top = 0; top < values.size(); top += nz)
      net_rise += (values[top + nz - 1] - values[top]) * grid.cell_volume() / grid.spacing[2];
    const double gamma = 0.8, plain = Variation().value(u, grid);
    EXPECT_NEAR(Variation(steered(grid, 0, 0, -gamma)).value(u, grid), plain - gamma * net_rise,
                rounding * plain);
  }
}

TEST(Variation, OfAFlippedGuidanceForgivesTheMirrorImage) {
  Guidance guidance = rough_guidance(flat);
  const Field u = random_field(flat, 5);
  std::vector<double> mirrored = to_host(u);
  for (double& value : mirrored) value = -value;
  const Field other = make_field("mirrored", flat);
  from_host(mirrored, other);
  const double value = Variation(guidance).value(u, flat);
  EXPECT_NEAR(Variation(for_falling_parameter(guidance)).value(other, flat), value, rounding * value);
  EXPECT_GT(std::abs(Variation(guidance).value(other, flat) - value), 1e-3 * value);
}

TEST(Envelope, ApproachesTheVariationFromBelow) {
  for (const Grid& grid : {flat, deep}) {
    const Guidance guidance = rough_guidance(grid);
    const Field u = random_field(grid, 6);
    const double exact = Variation(guidance).value(u, grid);
    double last = 1e300;
    for (const double eps : {0.1, 0.03, 0.01, 0.003}) {
      // |q| <= 1.95 Theta, and h - h_eps <= eps |q|^2 / 2.
      const double gap = exact - smooth_value(guidance, eps, u, grid);
      EXPECT_GT(gap, 0);
      EXPECT_LE(gap, 0.5 * eps * 1.95 * 1.95 * grid.cell_volume() * grid.cells());
      EXPECT_LT(gap, last);
      last = gap;
    }
    EXPECT_LT(last, 0.05 * exact);
  }
}

/// min_y h(y) + |z - y|^2 / (2 eps), by brute force over y, for one difference in one dimension.
TEST(Envelope, IsTheInfimalConvolutionWithAParabola) {
  const Grid pair{{1, 1, 2}, {10., 10., 1.}, {}};
  const double p = -0.6, eps = 0.3;
  for (const double z : {-1.3, -0.2, -0.05, 0., 0.1, 0.5, 2.}) {
    double least = 1e300;
    for (int i = -40000; i <= 40000; ++i) {
      const double y = i * 1e-4;
      least = std::min(least, std::abs(y) + p * y + (z - y) * (z - y) / (2 * eps));
    }
    const Field u = sampled_field(pair, [z](double, double, double depth) { return z * depth; });
    // The second cell has no difference: it adds h_eps(0) = 0.
    EXPECT_NEAR(smooth_value(steered(pair, 0, 0, p), eps, u, pair), least, 1e-6) << z;
  }
}

/// What sqrt(|z|^2 + eps^2) + P z would get wrong: its minimum is not at z = 0.
TEST(Envelope, HasItsMinimumAtTheConstantModelHoweverItIsSteered) {
  const Guidance guidance = steered(column, 0, 0, -0.95);
  Model constant = sampled(column, [](double, double, double) { return 1.; }), slopes = zeros_like(constant);
  EXPECT_EQ(regularizers().make("total_variation", {guidance, 0.1})->value_and_gradient(constant, slopes), 0);
  EXPECT_EQ(norm(slopes), 0);
}

TEST(Envelope, NeedsAPositiveEps) {
  EXPECT_THROW(regularizers().make("total_variation", {{}, 0}), UserError);
}

}  // namespace
}  // namespace fathom::testing
