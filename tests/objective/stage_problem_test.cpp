// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stage_problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tests/objective/several_shots.hpp"
#include "tests/physics/taylor.hpp"
#include "tests/regularizers/models.hpp"

namespace fathom::testing {
namespace {

constexpr VelocityBounds bounds{1500, 2750};
constexpr double illumination_floor = 0.01;

/// A stage of a small inversion whose uppermost rows are frozen.
struct SmallStage {
  explicit SmallStage(const std::string& parameterization, const std::string& regularizer_name = "tikhonov")
      : shots(3),
        data(shots.objective()),
        parameter(parameterizations().make(parameterization)),
        regularizer(regularizers().make(
            regularizer_name,
            {.eps = 0.05, .denoiser = std::make_shared<SlopeDenoiser>(shots.model().grid)})),
        frozen(shots.model().grid.cells(), false) {
    const int depth = shots.model().grid.size[2];
    for (std::size_t cell = 0; cell < frozen.size(); ++cell) frozen[cell] = int(cell) % depth < 4;
    for (std::size_t cell = 0; cell < frozen.size(); ++cell)
      if (!frozen[cell]) active.push_back(cell);
  }
  StageProblem problem(bool with_regularizer = true) {
    return StageProblem(
        {data, *parameter, with_regularizer ? regularizer.get() : nullptr, bounds, shots.model(), frozen});
  }
  /// The problem at the start, its weight relative.
  StageProblem measured(double weight = 0.35) {
    StageProblem stage = problem();
    stage.measure(illumination_floor, weight, true);
    return stage;
  }
  std::vector<double> velocities(const StageProblem& stage, const std::vector<double>& x) const {
    return to_host(stage.model(x).at("vp"));
  }

  SeveralShots shots;
  DataObjective data;
  std::unique_ptr<Parameterization> parameter;
  std::unique_ptr<Regularizer> regularizer;
  std::vector<bool> frozen;
  std::vector<std::size_t> active;  // cells that are not frozen
};

/// Points in the box, away from its faces by a share of the way to them.
std::vector<double> inside(const Box& box, double share, unsigned seed) {
  Noise noise(seed);
  std::vector<double> x(box.lower.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double random = noise();
    x[i] = share * (random < 0 ? -random * box.lower[i] : random * box.upper[i]);
  }
  return x;
}

using Choice = std::tuple<std::string, std::string>;  // parameterization, regularizer

class EveryStageProblem : public ::testing::TestWithParam<Choice> {
 protected:
  SmallStage small_{std::get<0>(GetParam()), std::get<1>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Registries, EveryStageProblem,
                         ::testing::Combine(::testing::ValuesIn(parameterizations().names()),
                                            ::testing::ValuesIn(regularizers().names())),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_" + std::get<1>(info.param);
                         });

TEST_P(EveryStageProblem, HasGradientOfSecondOrderRemainder) {
  if (!in_double) return;  // the double build runs it
  StageProblem stage = small_.measured();
  const std::vector<double> x = inside(stage.box(), 0.3, 1);
  std::vector<double> gradient, ignored;
  stage.value_and_gradient(x, gradient);
  Noise noise(2);
  std::vector<double> direction(x.size());  // uphill everywhere, and no further than a tenth of the box
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double reach = 0.1 * std::min(stage.box().upper[i], -stage.box().lower[i]);
    direction[i] = std::copysign(reach * noise(), gradient[i]);
  }
  const auto along = [&](double step) {
    std::vector<double> moved = x;
    for (std::size_t i = 0; i < x.size(); ++i) moved[i] += step * direction[i];
    return stage.value_and_gradient(moved, ignored);
  };
  EXPECT_TRUE(has_second_order_remainder(along, dot(gradient, direction), 0.02));
}

TEST_P(EveryStageProblem, WeighsTheRegularizerByTheRatioOfGradientNormsAfterASmallStep) {
  StageProblem stage = small_.measured(0.35), data_alone = small_.problem(false);
  data_alone.measure(illumination_floor, 0, false);
  ASSERT_EQ(stage.scale(), data_alone.scale());
  const std::vector<double> start(stage.size(), 0.), velocity = to_host(small_.shots.model().at("vp"));
  std::vector<double> of_data, there_both, there_data;
  data_alone.value_and_gradient(start, of_data);
  // A step along the data's gradient that changes no velocity by more than 2 %, to first order.
  double longest = 0;
  for (std::size_t i = 0; i < start.size(); ++i) {
    const double v = velocity[small_.active[i]];
    longest =
        std::max(longest, std::abs(small_.parameter->velocity_slope(v) * stage.scale()[i] * of_data[i]) / v);
  }
  std::vector<double> x(start.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = -0.02 / longest * of_data[i];
  stage.value_and_gradient(x, there_both);
  data_alone.value_and_gradient(x, there_data);
  std::vector<double> of_regularizer(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) of_regularizer[i] = there_both[i] - there_data[i];
  EXPECT_GT(stage.regularizer_weight(), 0);
  EXPECT_NEAR(norm(of_regularizer) / norm(of_data), 0.35, in_double ? 1e-10 : 1e-4);
}

class EveryStageParameter : public ::testing::TestWithParam<std::string> {
 protected:
  SmallStage small_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Registry, EveryStageParameter, ::testing::ValuesIn(parameterizations().names()),
                         [](const auto& info) { return info.param; });

TEST_P(EveryStageParameter, StartsFromTheStart) {
  StageProblem stage = small_.measured();
  const std::vector<double> start = small_.shots.velocity();
  EXPECT_LT(relative_l2(small_.velocities(stage, std::vector<double>(stage.size(), 0.)), start),
            in_double ? 1e-14 : 1e-7);
}

TEST_P(EveryStageParameter, NeverChangesFrozenCells) {
  StageProblem stage = small_.measured();
  ASSERT_EQ(stage.size(), small_.active.size());
  const std::vector<double> start = small_.shots.velocity();
  for (const double size : {0.1, 1e3}) {
    std::vector<double> x = Noise(3).many(stage.size());
    for (double& value : x) value *= size;
    const std::vector<double> velocity = small_.velocities(stage, x);
    for (std::size_t cell = 0; cell < start.size(); ++cell) {
      if (small_.frozen[cell])
        EXPECT_EQ(velocity[cell], start[cell]);
      else
        EXPECT_NE(velocity[cell], start[cell]);
    }
  }
}

TEST_P(EveryStageParameter, StaysWithinItsBounds) {
  StageProblem stage = small_.measured();
  const Box box = stage.box();
  for (std::size_t i = 0; i < stage.size(); ++i) {
    EXPECT_LE(box.lower[i], 0);
    EXPECT_GE(box.upper[i], 0);
  }
  const bool rises = small_.parameter->velocity_slope(2500) > 0;
  for (const bool upwards : {false, true}) {
    const std::vector<double> at_box = small_.velocities(stage, upwards ? box.upper : box.lower);
    const std::vector<double> beyond =
        small_.velocities(stage, std::vector<double>(stage.size(), upwards ? 1e9 : -1e9));
    const double bound = upwards == rises ? bounds.max : bounds.min;
    for (const std::size_t cell : small_.active) {
      EXPECT_NEAR(at_box[cell], bound, (in_double ? 1e-12 : 1e-6) * bound);
      EXPECT_EQ(beyond[cell], bound);
    }
  }
  for (const double velocity : small_.velocities(stage, inside(box, 1, 4))) {
    EXPECT_GE(velocity, bounds.min);
    EXPECT_LE(velocity, bounds.max);
  }
}

TEST_P(EveryStageParameter, CompensatesTheIllumination) {
  StageProblem stage = small_.measured();
  const std::vector<double>& scale = stage.scale();
  EXPECT_NEAR(*std::max_element(scale.begin(), scale.end()), small_.parameter->unit(),
              1e-12 * small_.parameter->unit());
  EXPECT_GT(*std::min_element(scale.begin(), scale.end()), 0);

  // scale^2 (H + floor max H) is one number for all cells, H the pseudo-Hessian of the parameter.
  std::vector<double> ignored, light;
  small_.data.value_and_gradient(small_.shots.model(), ignored, &light);
  const std::vector<double> velocity = small_.shots.velocity();
  std::vector<double> hessian;
  for (const std::size_t cell : small_.active)
    hessian.push_back(light[cell] * std::pow(small_.parameter->velocity_slope(velocity[cell]), 2));
  const double floor = illumination_floor * *std::max_element(hessian.begin(), hessian.end());
  for (std::size_t i = 0; i < hessian.size(); ++i)
    EXPECT_NEAR(scale[i] * scale[i] * (hessian[i] + floor) / (scale[0] * scale[0] * (hessian[0] + floor)), 1,
                1e-10);
}

TEST_P(EveryStageParameter, GoesOnAfterRestoreAsIfNothingHadHappened) {
  StageProblem stage = small_.measured(), resumed = small_.problem();
  const std::vector<double> x = inside(stage.box(), 0.4, 5), next = inside(stage.box(), 0.4, 6);
  std::vector<double> gradient, again;
  const double here = stage.value_and_gradient(x, gradient);
  resumed.restore(stage.scale(), stage.regularizer_weight(), stage.terms_of(here));
  EXPECT_EQ(resumed.terms_of(here).data, stage.terms_of(here).data);
  EXPECT_EQ(resumed.terms_of(here).regularizer, stage.terms_of(here).regularizer);
  EXPECT_EQ(resumed.box().lower, stage.box().lower);
  EXPECT_EQ(resumed.box().upper, stage.box().upper);
  EXPECT_EQ(resumed.value_and_gradient(next, again), stage.value_and_gradient(next, gradient));
  EXPECT_EQ(again, gradient);
}

TEST(StageProblem, RemembersTheTermsOfEvaluations) {
  SmallStage small("slowness");
  StageProblem stage = small.measured();
  std::vector<double> gradient;
  const double here = stage.value_and_gradient(inside(stage.box(), 0.2, 7), gradient);
  const double there = stage.value_and_gradient(inside(stage.box(), 0.5, 8), gradient);
  ASSERT_NE(here, there);
  for (const double value : {here, there}) {
    const StageProblem::Terms& terms = stage.terms_of(value);
    EXPECT_EQ(terms.total, value);
    EXPECT_EQ(terms.data + terms.regularizer, value);
    EXPECT_GT(terms.data, 0);
    EXPECT_GT(terms.regularizer, 0);
  }
}

TEST(StageProblem, PropagatesTheStartOnlyOnce) {
  SmallStage small("slowness");
  StageProblem stage = small.measured();
  const std::vector<double> start(stage.size(), 0.);
  const std::int64_t once = small.data.solves();
  std::vector<double> first, second;
  const double value = stage.value_and_gradient(start, first);
  EXPECT_EQ(small.data.solves(), once);
  EXPECT_NEAR(stage.value_and_gradient(start, second), value, (in_double ? 1e-12 : 1e-5) * value);
  EXPECT_LT(relative_l2(second, first), in_double ? 1e-12 : 1e-4);
}

TEST(StageProblem, TakesAnAbsoluteWeightAsItIs) {
  SmallStage small("slowness");
  StageProblem stage = small.problem();
  stage.measure(illumination_floor, 0.125, false);
  EXPECT_EQ(stage.regularizer_weight(), 0.125);
  std::vector<double> gradient;
  const double value = stage.value_and_gradient(std::vector<double>(stage.size(), 0.), gradient);

  // u is the parameter in units of what 1000 m/s is at 2500 m/s.
  std::vector<double> scaled = small.shots.velocity();
  for (double& v : scaled) v = small.parameter->from_velocity(v) / small.parameter->unit();
  const Model u = small.shots.with_velocity(scaled);
  Model ignored = zeros_like(u);
  const double wanted = 0.125 * small.regularizer->value_and_gradient(u, ignored);
  EXPECT_NEAR(stage.terms_of(value).regularizer, wanted, 1e-12 * wanted);
}

TEST(StageProblem, RegularizesTheDifferenceToAReference) {
  for (const std::string& parameterization : parameterizations().names()) {
    SmallStage small(parameterization, "total_variation");
    StageProblem stage({small.data, *small.parameter, small.regularizer.get(), bounds, small.shots.model(),
                        small.frozen, nullptr, small.shots.velocity()});
    stage.measure(illumination_floor, 0.35, true);
    EXPECT_GT(stage.regularizer_weight(), 0) << "measured on the model itself";
    std::vector<double> gradient;
    const double here = stage.value_and_gradient(std::vector<double>(stage.size(), 0.), gradient);
    EXPECT_NEAR(stage.terms_of(here).regularizer, 0, 1e-6 * here) << parameterization;
    const double there = stage.value_and_gradient(inside(stage.box(), 0.3, 9), gradient);
    EXPECT_GT(stage.terms_of(there).regularizer, 1e-3) << parameterization;
  }
}

/// A stage whose total variation is left to the optimizer.
StageProblem exact_stage(SmallStage& small, double weight, bool constrained) {
  StageProblem stage({small.data,
                      *small.parameter,
                      small.regularizer.get(),
                      bounds,
                      small.shots.model(),
                      small.frozen,
                      nullptr,
                      {},
                      true,
                      constrained});
  stage.measure(illumination_floor, weight, !constrained);
  return stage;
}

double variation_at(const SmallStage& small, const StageProblem& stage, const std::vector<double>& x) {
  std::vector<double> u = small.velocities(stage, x);
  for (double& value : u) value = small.parameter->from_velocity(value) / small.parameter->unit();
  const Model scaled = small.shots.with_velocity(u);
  return Variation().value(scaled.at("vp"), scaled.grid);
}

TEST(StageProblem, LeavesTheExactVariationToTheOptimizer) {
  for (const std::string& parameterization : parameterizations().names()) {
    SmallStage small(parameterization, "total_variation");
    StageProblem stage = exact_stage(small, 0.35, false), data_alone = small.problem(false);
    data_alone.measure(illumination_floor, 0, false);
    ASSERT_NE(stage.rough(), nullptr);
    const std::vector<double> x = inside(stage.box(), 0.3, 10);
    std::vector<double> gradient, of_data;
    const double value = stage.value_and_gradient(x, gradient),
                 data = data_alone.value_and_gradient(x, of_data);
    EXPECT_LT(relative_l2(gradient, of_data), in_double ? 1e-12 : 1e-4);
    const double wanted = stage.regularizer_weight() * variation_at(small, stage, x);
    EXPECT_NEAR(value, data + wanted, (in_double ? 1e-9 : 1e-4) * value) << parameterization;
  }
}

/// <g, y - x> + L/2 |y - x|^2 + g(y) is lower at the advance than at points around it, in the box and with
/// frozen cells where they were.
TEST(StageProblem, AdvancesToTheMinimumOfItsModelOfTheObjective) {
  for (const std::string& parameterization : parameterizations().names()) {
    SmallStage small(parameterization, "total_variation");
    StageProblem stage = exact_stage(small, 0.35, false);
    const Box box = stage.box();
    const std::vector<double> x = inside(box, 0.5, 11);
    std::vector<double> gradient;
    stage.value_and_gradient(x, gradient);
    double steepest = 0;
    for (const double slope : gradient) steepest = std::max(steepest, std::abs(slope));
    const double stiffness = steepest / 0.05;
    OptimizerMemory memory;
    const std::vector<double> to = stage.rough()->advance(x, gradient, stiffness, box, memory);
    const auto model = [&](const std::vector<double>& y) {
      double sum = stage.rough()->value(y);
      for (std::size_t i = 0; i < y.size(); ++i)
        sum += gradient[i] * (y[i] - x[i]) + 0.5 * stiffness * (y[i] - x[i]) * (y[i] - x[i]);
      return sum;
    };
    const double least = model(to);
    EXPECT_LT(least, model(x));
    for (unsigned seed = 20; seed < 30; ++seed) {
      Noise noise(seed);
      std::vector<double> other = to;
      for (std::size_t i = 0; i < other.size(); ++i) {
        EXPECT_EQ(box.clip(i, to[i]), to[i]);
        other[i] = box.clip(i, to[i] + 0.01 * noise());
      }
      EXPECT_GT(model(other), least - 2e-3 * std::abs(least)) << parameterization;
    }
  }
}

TEST(StageProblem, BeginsWithinItsConstraintAndStaysThere) {
  SmallStage small("slowness", "total_variation");
  StageProblem stage = exact_stage(small, 0.8, true);
  const double of_start = variation_at(small, stage, std::vector<double>(stage.size(), 0.));
  EXPECT_NEAR(stage.regularizer_weight(), 0.8 * of_start, 1e-5 * of_start) << "the bound";
  const std::vector<double> x = stage.starting_point();
  EXPECT_NEAR(variation_at(small, stage, x) / of_start, 0.8, 0.003);
  std::vector<double> gradient;
  EXPECT_TRUE(std::isfinite(stage.value_and_gradient(x, gradient)));
  double steepest = 0;
  for (const double slope : gradient) steepest = std::max(steepest, std::abs(slope));
  OptimizerMemory memory;
  const std::vector<double> to = stage.rough()->advance(x, gradient, steepest / 0.05, stage.box(), memory);
  EXPECT_EQ(stage.rough()->value(to), 0);
  StageProblem loose = exact_stage(small, 1.1, true);
  EXPECT_EQ(loose.starting_point(), std::vector<double>(loose.size(), 0.)) << "there already";
}

TEST(StageProblem, RejectsAModelThatIsFrozenEverywhere) {
  SmallStage small("velocity");
  small.frozen.assign(small.frozen.size(), true);
  EXPECT_THROW(small.problem(), UserError);
}

TEST(StageProblem, RejectsTheCheckpointOfAnotherGrid) {
  SmallStage small("velocity");
  StageProblem stage = small.problem();
  EXPECT_THROW(stage.restore(std::vector<double>(stage.size() + 1, 1.), 0.1, {}), RunError);
}

TEST(StageProblem, TellsItsValueWithoutAGradientForHalfTheSolves) {
  SmallStage small("slowness");
  StageProblem stage = small.measured();
  const std::vector<double> x = inside(stage.box(), 0.2, 8);
  std::vector<double> gradient(x.size());
  const double value = stage.value_and_gradient(x, gradient);
  const std::int64_t before = small.data.solves();
  Gathers predicted;
  EXPECT_NEAR(stage.value(x, predicted), value, 1e-6 * value);
  EXPECT_GT(stage.terms_of(value).regularizer, 0);
  EXPECT_EQ(small.data.solves() - before, 3);
  EXPECT_EQ(predicted.size(), 3u);
}

TEST(StageProblem, EstimatesWhatItIsFromTheBatchesOfAnEpoch) {
  SmallStage small("slowness");
  const ShotBatches batches(3, 2, 5, 0);
  StageProblem::Parts parts{small.data, *small.parameter,    small.regularizer.get(),
                            bounds,     small.shots.model(), small.frozen};
  parts.batches = &batches;
  StageProblem stage(parts);
  stage.measure(illumination_floor, 0.35, true);
  const std::vector<double> x = inside(stage.box(), 0.2, 8);
  std::vector<double> gradient(x.size()), part(x.size()), mean(x.size(), 0.);
  const double value = stage.value_and_gradient(x, gradient);
  double mean_value = 0;
  for (int turn = 0; turn < batches.per_epoch(); ++turn) {
    mean_value += stage.estimate(turn, x, part) / batches.per_epoch();
    for (std::size_t i = 0; i < x.size(); ++i) mean[i] += part[i] / batches.per_epoch();
  }
  EXPECT_NEAR(mean_value, value, 1e-10 * value) << "the regularizer is in every estimate whole";
  EXPECT_LT(relative_l2(mean, gradient), 1e-10);
}

TEST(StageProblem, TakesAMeterPerSecondInTheRootMeanSquareOfItsCells) {
  for (const char* parameterization : {"velocity", "slowness", "slowness_squared"}) {
    SmallStage small(parameterization);
    StageProblem stage = small.measured();
    double sum = 0;
    for (const double scale : stage.scale()) {
      const double change = scale * stage.meter_per_second();
      sum += change * change / double(stage.size());
    }
    const double slope = small.parameter->velocity_slope(2500);
    EXPECT_NEAR(std::sqrt(sum) * std::abs(slope), 1, 1e-6) << parameterization;
  }
}

}  // namespace
}  // namespace fathom::testing
