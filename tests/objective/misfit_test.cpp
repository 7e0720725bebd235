// SPDX-License-Identifier: BSD-3-Clause

// What every registered misfit must fulfil.

#include "solver/misfit.hpp"

#include <gtest/gtest.h>

#include "tests/physics/problem.hpp"
#include "tests/physics/taylor.hpp"

namespace fathom::testing {
namespace {

class EveryMisfit : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Misfit> misfit_ = misfits().make(GetParam(), {});

  double value(const Gather& predicted, const Gather& observed) const {
    Gather ignored;
    return misfit_->value_and_adjoint_source(predicted, observed, ignored);
  }
};

INSTANTIATE_TEST_SUITE_P(Registry, EveryMisfit, ::testing::ValuesIn(misfits().names()),
                         [](const auto& info) { return info.param; });

constexpr TimeAxis axis{-0.1, 0.004, 150};

/// A few Ricker wavelets a trace, no two traces alike.
Gather pulses(const TimeAxis& time, unsigned seed) {
  Noise noise(seed);
  Gather gather(time, 4);
  for (int receiver = 0; receiver < gather.receivers; ++receiver)
    for (int pulse = 0; pulse < 3; ++pulse) {
      const double strength = 1 + 0.5 * noise(), arrival = 0.2 + 0.1 * noise();
      const std::vector<double> trace = ricker(time, 15, arrival);
      for (int sample = 0; sample < time.samples; ++sample)
        gather.trace(receiver)[sample] += strength * trace[sample];
    }
  return gather;
}

TEST_P(EveryMisfit, HasExactAdjointSource) {
  Noise noise(3);
  Gather predicted = pulses(axis, 1);
  for (double& sample : predicted.data) sample += 0.2 * noise();  // an envelope of zero has no Taylor series
  const Gather observed = pulses(axis, 2);
  Gather source;
  misfit_->value_and_adjoint_source(predicted, observed, source);
  // Random, but uphill everywhere: a direction across the gradient would measure nothing.
  std::vector<double> direction = noise.many(source.data.size());
  for (std::size_t i = 0; i < direction.size(); ++i)
    direction[i] = std::copysign(direction[i], source.data[i]);
  const auto along = [&](double step) {
    Gather moved = predicted;
    for (std::size_t i = 0; i < direction.size(); ++i) moved.data[i] += step * direction[i];
    return value(moved, observed);
  };
  EXPECT_TRUE(has_second_order_remainder(along, dot(source.data, direction), 1e-3));
}

TEST_P(EveryMisfit, GivesAnAdjointSourceSampledLikeThePrediction) {
  const Gather predicted = pulses(axis, 4);
  for (const int receivers : {2, 4, 9}) {
    Gather source(axis, receivers);  // what it held does not matter
    source.data.assign(source.data.size(), 1e30);
    misfit_->value_and_adjoint_source(predicted, pulses(axis, 5), source);
    EXPECT_EQ(source.time, predicted.time);
    EXPECT_EQ(source.receivers, predicted.receivers);
    EXPECT_EQ(source.data.size(), predicted.data.size());
    for (const double sample : source.data) EXPECT_LT(std::abs(sample), 1e3);
  }
}

TEST_P(EveryMisfit, IsZeroWhereThePredictionIsTheData) {
  const Gather data = pulses(axis, 6);
  Gather source, of_others;
  EXPECT_NEAR(misfit_->value_and_adjoint_source(data, data, source), 0, 1e-14 * value(pulses(axis, 7), data));
  misfit_->value_and_adjoint_source(pulses(axis, 7), data, of_others);
  EXPECT_LE(norm(source.data), 1e-14 * norm(of_others.data));
}

TEST_P(EveryMisfit, IsPositiveElsewhereAndLargestFarAway) {
  const Gather data = pulses(axis, 8), other = pulses(axis, 9);
  Gather near = data;
  for (std::size_t i = 0; i < near.data.size(); ++i) near.data[i] += 0.1 * (other.data[i] - data.data[i]);
  EXPECT_GT(value(near, data), 0);
  EXPECT_GT(value(other, data), value(near, data));
}

TEST_P(EveryMisfit, DoesNotDependOnTheSampling) {
  const TimeAxis fine{axis.start, axis.step / 2, 2 * axis.samples - 1};
  const double coarsely = value(pulses(axis, 10), pulses(axis, 11));
  EXPECT_NEAR(value(pulses(fine, 10), pulses(fine, 11)), coarsely, 0.01 * coarsely);
}

TEST(LeastSquares, GrowsWithTheSquareOfTheData) {
  const auto misfit = misfits().make("least_squares", {});
  Gather predicted = pulses(axis, 12), observed = pulses(axis, 13), source, tripled;
  const double before = misfit->value_and_adjoint_source(predicted, observed, source);
  for (double& sample : predicted.data) sample *= 3;
  for (double& sample : observed.data) sample *= 3;
  EXPECT_NEAR(misfit->value_and_adjoint_source(predicted, observed, tripled), 9 * before, 1e-13 * before);
  for (double& sample : source.data) sample *= 3;
  EXPECT_LT(relative_l2(tripled.data, source.data), 1e-14);
}

TEST(LeastSquares, IsHalfTheIntegralOfTheSquaredResidual) {
  Gather predicted({0, 0.5, 3}, 2), observed({0, 0.5, 3}, 2), source;
  predicted.data = {1, 2, 3, 4, 5, 6};
  observed.data = {1, 1, 1, 4, 4, 4};
  EXPECT_DOUBLE_EQ(misfits().make("least_squares", {})->value_and_adjoint_source(predicted, observed, source),
                   0.5 * 0.5 * (1 + 4 + 1 + 4));
  EXPECT_EQ(source.data, (std::vector<double>{0, 0.5, 1, 0, 0.5, 1}));
}

}  // namespace
}  // namespace fathom::testing
