// SPDX-License-Identifier: BSD-3-Clause
#include "solver/parameterization.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace fathom {
namespace {

class EveryParameterization : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Parameterization> parameter_ = parameterizations().make(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Registry, EveryParameterization, testing::ValuesIn(parameterizations().names()),
                         [](const auto& info) { return info.param; });

constexpr double velocities[] = {300, 900, 1480, 2500, 4321.5, 9000};

TEST_P(EveryParameterization, ComesBackToTheVelocity) {
  for (const double v : velocities)
    EXPECT_NEAR(parameter_->to_velocity(parameter_->from_velocity(v)), v, 1e-13 * v);
}

TEST_P(EveryParameterization, HasTheSlopeOfItsMap) {
  for (const double v : velocities) {
    const double m = parameter_->from_velocity(v), step = 1e-5 * m;
    const double measured =
        (parameter_->to_velocity(m + step) - parameter_->to_velocity(m - step)) / (2 * step);
    EXPECT_NEAR(parameter_->velocity_slope(v) / measured, 1, 1e-8);
  }
}

TEST_P(EveryParameterization, IsMonotonic) {
  const double sign = parameter_->velocity_slope(2500) > 0 ? 1 : -1;
  for (std::size_t i = 1; i < std::size(velocities); ++i)
    EXPECT_GT(
        sign * (parameter_->from_velocity(velocities[i]) - parameter_->from_velocity(velocities[i - 1])), 0);
}

TEST_P(EveryParameterization, HasAUnitThatStandsForAThousandMetresPerSecond) {
  const double small = 1e-4 * parameter_->unit();
  const double m = parameter_->from_velocity(2500);
  EXPECT_GT(small, 0);
  EXPECT_NEAR(std::abs(parameter_->to_velocity(m + small) - 2500), 0.1, 1e-4);
}

TEST(Parameterizations, AreVelocityAndItsTwoSlownesses) {
  EXPECT_DOUBLE_EQ(parameterizations().make("velocity")->from_velocity(2000), 2000);
  EXPECT_DOUBLE_EQ(parameterizations().make("slowness")->from_velocity(2000), 5e-4);
  EXPECT_DOUBLE_EQ(parameterizations().make("slowness_squared")->from_velocity(2000), 2.5e-7);
}

}  // namespace
}  // namespace fathom
