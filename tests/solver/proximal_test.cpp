// SPDX-License-Identifier: BSD-3-Clause

// The proximal-gradient method on functions whose minimum is known.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "physics/error.hpp"
#include "solver/optimizer.hpp"

namespace fathom {
namespace {

using Vector = std::vector<double>;

/// weight * sum |x|, which remembers how often it was asked.
struct AbsoluteValues final : RoughTerm {
  double weight = 0.3;
  double value(const Vector& x) override {
    double sum = 0;
    for (const double v : x) sum += weight * std::abs(v);
    return sum;
  }
  Vector advance(const Vector& x, const Vector& gradient, double stiffness, const Box& box,
                 OptimizerMemory& memory) override {
    Vector to(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double centre = x[i] - gradient[i] / stiffness;
      const double shrunk = std::copysign(std::max(0., std::abs(centre) - weight / stiffness), centre);
      to[i] = box.clip(i, shrunk);
    }
    memory["asked"] = {memory.count("asked") ? memory.at("asked").at(0) + 1 : 1};
    return to;
  }
};

/// sum x >= 1, as an indicator.
struct HalfSpace final : RoughTerm {
  double value(const Vector& x) override {
    double sum = 0;
    for (const double v : x) sum += v;
    return sum >= 1 - 1e-9 ? 0 : std::numeric_limits<double>::infinity();
  }
  Vector advance(const Vector& x, const Vector& gradient, double stiffness, const Box&,
                 OptimizerMemory&) override {
    Vector to(x.size());
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += to[i] = x[i] - gradient[i] / stiffness;
    for (double& v : to) v += std::max(0., 1 - sum) / double(to.size());
    return to;
  }
};

/// sum curvature / 2 (x - centre)^2, curvatures over two decades, plus a rough term.
struct Composite final : SmoothObjective {
  explicit Composite(RoughTerm* term, std::size_t size = 40) : term_(term), centre(size), curvature(size) {
    for (std::size_t i = 0; i < size; ++i) {
      centre[i] = std::sin(3. * double(i));
      curvature[i] = std::pow(10., -2. * double(i) / double(size));
    }
  }
  double value_and_gradient(const Vector& x, Vector& gradient) override {
    ++evaluations;
    if (broken) throw std::runtime_error("a disk is full");
    double sum = term_ ? term_->value(x) : 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      gradient[i] = curvature[i] * (x[i] - centre[i]);
      sum += 0.5 * gradient[i] * (x[i] - centre[i]);
    }
    return sum;
  }
  RoughTerm* rough() override { return term_; }

  RoughTerm* term_;
  Vector centre, curvature;
  int evaluations = 0;
  bool broken = false;
};

Box box(std::size_t size, double lower, double upper) {
  return {Vector(size, lower), Vector(size, upper)};
}

std::unique_ptr<Optimizer> proximal(OptimizerOptions options = {}) {
  options.method = proximal_method;
  return optimizers().make(proximal_method, options);
}

OptimizerState minimise(Composite& objective, Vector x, const Box& bounds, int iterations) {
  const auto optimizer = proximal();
  OptimizerState state = optimizer->start(std::move(x), objective, bounds);
  for (int k = 0; k < iterations; ++k)
    if (optimizer->iterate(state, objective, bounds).stuck) break;
  return state;
}

TEST(Proximal, SoftThresholdsWhereTheRoughTermIsTheSumOfAbsoluteValues) {
  AbsoluteValues term;
  term.weight = 0.05;
  Composite objective(&term);
  const OptimizerState state = minimise(objective, Vector(40, 0.5), box(40, -10, 0.6), 400);
  int zeros = 0, bounded = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    const double b = objective.centre[i],
                 shrunk = std::max(0., std::abs(b) - term.weight / objective.curvature[i]);
    const double wanted = std::min(0.6, std::copysign(shrunk, b));
    EXPECT_NEAR(state.current().x[i], wanted, 1e-6) << i;
    zeros += wanted == 0;
    bounded += wanted == 0.6;
    if (wanted == 0) {
      EXPECT_EQ(state.current().x[i], 0) << "kinks are hit, not approached";
    }
  }
  EXPECT_GT(zeros, 3);
  EXPECT_GT(bounded, 3);
}

TEST(Proximal, IsAProjectedGradientWithoutARoughTerm) {
  Composite objective(nullptr);
  const OptimizerState state = minimise(objective, Vector(40, 0.), box(40, -0.5, 0.5), 400);
  for (std::size_t i = 0; i < 40; ++i)
    EXPECT_NEAR(state.current().x[i], std::clamp(objective.centre[i], -0.5, 0.5), 1e-6);
}

TEST(Proximal, StaysInTheSetOfAConstraint) {
  HalfSpace term;
  Composite objective(&term, 4);
  objective.centre = {-1, -1, -1, -1};
  objective.curvature = {1, 1, 1, 1};
  const OptimizerState state = minimise(objective, Vector(4, 1.), box(4, -9, 9), 100);
  for (const double x : state.current().x) EXPECT_NEAR(x, 0.25, 1e-8);
}

TEST(Proximal, LowersTheWholeObjectiveInEveryIterationAndCountsWhatItEvaluates) {
  AbsoluteValues term;
  Composite objective(&term);
  const Box bounds = box(40, -10, 10);
  const auto optimizer = proximal({.max_evaluations = 4});
  OptimizerState state = optimizer->start(Vector(40, 3.), objective, bounds);
  for (int k = 0; k < 60; ++k) {
    const double before = state.current().value;
    const int evaluations = objective.evaluations;
    const OptimizerStep step = optimizer->iterate(state, objective, bounds);
    EXPECT_EQ(step.evaluations, objective.evaluations - evaluations);
    EXPECT_LE(step.evaluations, 4);
    EXPECT_EQ(state.evaluations, objective.evaluations);
    EXPECT_EQ(step.moved, state.current().value < before);
    EXPECT_EQ(state.visited.size(), 1u);
    if (step.stuck) break;
  }
}

TEST(Proximal, CapsItsFirstStepAndEveryStep) {
  AbsoluteValues term;
  term.weight = 0;
  Composite objective(&term);
  const Box bounds = box(40, -10, 10);
  const auto first = proximal({.first_step = 0.02});
  OptimizerState state = first->start(Vector(40, 3.), objective, bounds);
  EXPECT_NEAR(first->iterate(state, objective, bounds).largest_change, 0.02, 1e-12);
  const auto every = proximal({.first_step = 0.02, .max_step = 0.05});
  for (int k = 0; k < 20; ++k) EXPECT_LE(every->iterate(state, objective, bounds).largest_change, 0.05);
}

TEST(Proximal, EndsWhereNothingIsLower) {
  AbsoluteValues term;
  Composite objective(&term);
  objective.centre.assign(40, 0.1);  // |f'(0)| is below the weight: 0 is the minimum
  const OptimizerState state = minimise(objective, Vector(40, 0.), box(40, -1, 1), 5);
  EXPECT_EQ(objective.evaluations, 1);
  EXPECT_EQ(state.current().x, Vector(40, 0.));
}

TEST(Proximal, ContinuesFromAnyCheckpointWithTheSameBits) {
  AbsoluteValues term;
  Composite objective(&term);
  const Box bounds = box(40, -10, 0.6);
  const auto optimizer = proximal();
  OptimizerState unbroken = optimizer->start(Vector(40, 0.5), objective, bounds);
  std::vector<std::map<std::string, Vector>> checkpoints;
  constexpr int iterations = 12;
  for (int k = 0; k < iterations; ++k) {
    checkpoints.push_back(unbroken.to_arrays());
    optimizer->iterate(unbroken, objective, bounds);
  }
  EXPECT_GE(unbroken.memory.at("asked").at(0), iterations);
  for (int k = 0; k < iterations; ++k) {
    OptimizerState resumed = OptimizerState::from_arrays(checkpoints[k]);
    for (int rest = k; rest < iterations; ++rest) proximal()->iterate(resumed, objective, bounds);
    EXPECT_EQ(resumed.to_arrays(), unbroken.to_arrays()) << "resumed at iteration " << k;
  }
}

TEST(Proximal, LeavesItsStateWhenTheObjectiveThrows) {
  AbsoluteValues term;
  Composite objective(&term);
  const Box bounds = box(40, -10, 10);
  const auto optimizer = proximal();
  OptimizerState state = optimizer->start(Vector(40, 0.5), objective, bounds);
  optimizer->iterate(state, objective, bounds);
  const auto before = state.to_arrays();
  objective.broken = true;
  EXPECT_THROW(optimizer->iterate(state, objective, bounds), std::runtime_error);
  EXPECT_EQ(state.to_arrays(), before);
  objective.broken = false;
  EXPECT_TRUE(optimizer->iterate(state, objective, bounds).moved);
}

}  // namespace
}  // namespace fathom
