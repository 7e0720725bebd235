// SPDX-License-Identifier: BSD-3-Clause

// The stochastic method. A PetscSession lives as long as the tests (see optimizer_test.cpp).

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "physics/error.hpp"
#include "solver/optimizer.hpp"

namespace fathom {
namespace {

using Vector = std::vector<double>;

/// The sum over `parts` of 1/2 |x - c_k|^2 a_k, of which an estimate sees one part. Where all c_k agree, no
/// estimate contradicts another.
class Parts : public SmoothObjective {
 public:
  Parts(std::size_t size, int parts, double disagreement, double unit = 1) : unit_(unit) {
    for (int k = 0; k < parts; ++k) {
      centres_.emplace_back(size);
      for (std::size_t i = 0; i < size; ++i)
        centres_.back()[i] = 0.3 * std::sin(1. + double(i)) + disagreement * std::cos(double(i) + 2.4 * k);
    }
  }

  double value_and_gradient(const Vector& x, Vector& gradient) override {
    ++evaluations;
    gradient.assign(x.size(), 0.);
    double value = 0;
    for (std::size_t k = 0; k < centres_.size(); ++k) value += add(k, 1, x, gradient);
    return value;
  }
  double estimate(std::int64_t draw, const Vector& x, Vector& gradient) override {
    draws.push_back(draw);
    points.push_back(x);
    if (broken) throw std::runtime_error("a disk is full");
    gradient.assign(x.size(), 0.);
    const std::size_t part = std::size_t(draw * 7919 % std::int64_t(centres_.size()));
    return add(part, double(centres_.size()), x, gradient);
  }
  /// Where the sum is least.
  double mean(std::size_t i) const {
    double sum = 0;
    for (const Vector& centre : centres_) sum += centre[i] / double(centres_.size());
    return sum;
  }

  int evaluations = 0;
  bool broken = false;
  std::vector<std::int64_t> draws;
  std::vector<Vector> points;

 private:
  double add(std::size_t part, double weight, const Vector& x, Vector& gradient) const {
    double value = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double away = x[i] - centres_[part][i];
      value += 0.5 * unit_ * weight * away * away;
      gradient[i] += unit_ * weight * away;
    }
    return value;
  }

  double unit_;
  std::vector<Vector> centres_;
};

Box box(std::size_t size, double lower, double upper) {
  return {Vector(size, lower), Vector(size, upper)};
}

std::unique_ptr<Optimizer> adam(int planned, AdamOptions options = {}) {
  OptimizerOptions all;
  all.adam = options;
  all.adam.planned_iterations = planned;
  return optimizers().make("adam", all);
}

TEST(Adam, IsTheOnlyStochasticMethod) {
  for (const std::string& name : optimizers().names())
    EXPECT_EQ(optimizers().make(name, OptimizerOptions{})->is_stochastic(), name == "adam");
}

TEST(Adam, FindsTheLeastSumFromPartsThatDisagree) {
  Parts parts(50, 8, 0.1);
  const Box bounds = box(50, -1, 1);
  const auto optimizer = adam(400, {.step = 0.05, .final_step = 0.01});
  OptimizerState state = optimizer->start(Vector(50, 0.), parts, bounds);
  for (int k = 0; k < 400; ++k) optimizer->iterate(state, parts, bounds);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_NEAR(state.current().x[i], parts.mean(i), 0.01) << i;
}

TEST(Adam, EvaluatesTheWholeOnceAndThenAnEstimateAnIteration) {
  Parts parts(5, 8, 0.1);
  const Box bounds = box(5, -1, 1);
  const auto optimizer = adam(10);
  OptimizerState state = optimizer->start(Vector(5, 0.), parts, bounds);
  EXPECT_EQ(optimizer->iterate(state, parts, bounds).evaluations, 0) << "its gradient is known";
  for (int k = 1; k < 5; ++k) EXPECT_EQ(optimizer->iterate(state, parts, bounds).evaluations, 1);
  EXPECT_EQ(parts.evaluations, 1);
  EXPECT_EQ(parts.draws, (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(state.evaluations, 5);
  EXPECT_EQ(state.visited.size(), 1u);
}

TEST(Adam, NeverLeavesTheBoxAndHoldsFixedVariables) {
  Parts parts(50, 8, 0.5);
  Box bounds = box(50, -0.1, 0.2);
  bounds.lower[7] = bounds.upper[7] = 0.05;
  const auto optimizer = adam(100, {.step = 0.1});
  OptimizerState state = optimizer->start(Vector(50, 0.), parts, bounds);
  int at_bounds = 0;
  for (int k = 0; k < 100; ++k) {
    optimizer->iterate(state, parts, bounds);
    for (std::size_t i = 0; i < 50; ++i) {
      const double x = state.current().x[i];
      EXPECT_TRUE(x >= bounds.lower[i] && x <= bounds.upper[i]);
      at_bounds += x == bounds.lower[i] || x == bounds.upper[i];
    }
    EXPECT_EQ(state.current().x[7], 0.05);
  }
  EXPECT_GT(at_bounds, 100) << "else the bounds were not put to the test";
}

TEST(Adam, FirstStepsByItsStepAndLastByItsFinalShareOfIt) {
  Parts parts(5, 1, 0, 1e6);  // far away: the gradient hardly changes
  const Box bounds = box(5, -1e9, 1e9);
  const auto optimizer = adam(30, {.step = 0.02, .final_step = 0.25, .floor = 0});
  OptimizerState state = optimizer->start(Vector(5, 1e6), parts, bounds);
  double last = 1e9;
  for (int k = 0; k < 30; ++k) {
    const OptimizerStep step = optimizer->iterate(state, parts, bounds, 3);
    EXPECT_LT(step.step_length, last);
    EXPECT_NEAR(step.largest_change, step.step_length, 1e-3 * step.step_length);
    if (k == 0) {
      EXPECT_NEAR(step.step_length, 3 * 0.02, 1e-12);
    }
    last = step.step_length;
  }
  EXPECT_NEAR(last, 3 * 0.02 * 0.25, 1e-12);
}

TEST(Adam, DoesNotDependOnTheUnitOfTheObjective) {
  std::vector<Vector> ends;
  for (const double unit : {1., 0x1p40, 0x1p-40}) {
    Parts parts(20, 8, 0.1, unit);
    const Box bounds = box(20, -1, 1);
    const auto optimizer = adam(20);
    OptimizerState state = optimizer->start(Vector(20, 0.), parts, bounds);
    for (int k = 0; k < 20; ++k) optimizer->iterate(state, parts, bounds);
    ends.push_back(state.current().x);
  }
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_EQ(ends[0], ends[2]);
}

TEST(Adam, GoesOnFromStoredArraysWithTheSameBits) {
  const Box bounds = box(20, -0.2, 0.25);
  for (const int stop : {0, 1, 7}) {
    Parts parts(20, 8, 0.1), again(20, 8, 0.1);
    OptimizerState unbroken = adam(15)->start(Vector(20, 0.), parts, bounds);
    for (int k = 0; k < stop; ++k) adam(15)->iterate(unbroken, parts, bounds);
    OptimizerState resumed = OptimizerState::from_arrays(unbroken.to_arrays());
    for (int k = stop; k < 15; ++k) {
      adam(15)->iterate(unbroken, parts, bounds);
      adam(15)->iterate(resumed, again, bounds);
    }
    EXPECT_EQ(resumed.to_arrays(), unbroken.to_arrays()) << "stopped after " << stop;
  }
}

TEST(Adam, ForgetsItsMomentsAtARestartButDrawsOn) {
  Parts parts(5, 8, 0.1);
  const Box bounds = box(5, -1, 1);
  const auto optimizer = adam(10);
  OptimizerState state = optimizer->start(Vector(5, 0.), parts, bounds);
  for (int k = 0; k < 3; ++k) optimizer->iterate(state, parts, bounds);
  optimizer->restart(state, parts, bounds);
  EXPECT_EQ(optimizer->iterate(state, parts, bounds).evaluations, 0);
  optimizer->iterate(state, parts, bounds);
  EXPECT_EQ(parts.draws.back(), 4);
  EXPECT_EQ(state.memory.at("count"), Vector{2});
}

TEST(Adam, LeavesItsStateWhenTheObjectiveThrows) {
  Parts parts(5, 8, 0.1);
  const Box bounds = box(5, -1, 1);
  const auto optimizer = adam(10);
  OptimizerState state = optimizer->start(Vector(5, 0.), parts, bounds);
  optimizer->iterate(state, parts, bounds);
  const auto before = state.to_arrays();
  parts.broken = true;
  EXPECT_THROW(optimizer->iterate(state, parts, bounds), std::runtime_error);
  EXPECT_EQ(state.to_arrays(), before);
  parts.broken = false;
  EXPECT_TRUE(optimizer->iterate(state, parts, bounds).moved);
}

TEST(Adam, IsStuckWhereTheGradientVanishes) {
  Parts parts(1, 1, 0);
  const Box bounds = box(1, -1, 1);
  const auto optimizer = adam(10);
  OptimizerState state = optimizer->start({parts.mean(0)}, parts, bounds);
  const OptimizerStep step = optimizer->iterate(state, parts, bounds);
  EXPECT_TRUE(step.stuck);
  EXPECT_FALSE(step.moved);
}

TEST(Adam, RefusesAnEstimateThatIsNotFinite) {
  class Broken : public SmoothObjective {
    double value_and_gradient(const Vector&, Vector& gradient) override { return gradient[0] = 1; }
    double estimate(std::int64_t, const Vector&, Vector& gradient) override {
      gradient[0] = 1;
      return std::numeric_limits<double>::quiet_NaN();
    }
  } broken;
  const Box bounds = box(1, -1, 1);
  OptimizerState state = adam(10)->start({0}, broken, bounds);
  adam(10)->iterate(state, broken, bounds);
  EXPECT_THROW(adam(10)->iterate(state, broken, bounds), RunError);
}

}  // namespace
}  // namespace fathom
