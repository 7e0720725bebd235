// SPDX-License-Identifier: BSD-3-Clause
#include "solver/optimizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>

#include "physics/error.hpp"

namespace fathom {
namespace {

using Vector = std::vector<double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct PetscEnvironment : testing::Environment {
  void SetUp() override { session = std::make_unique<PetscSession>(); }
  void TearDown() override { session.reset(); }
  std::unique_ptr<PetscSession> session;
};
const testing::Environment* const petsc = testing::AddGlobalTestEnvironment(new PetscEnvironment);

/// Remembers where it was evaluated.
class Recorded : public SmoothObjective {
 public:
  using Function = std::function<double(const Vector&, Vector&)>;
  explicit Recorded(Function function) : function_(std::move(function)) {}
  double value_and_gradient(const Vector& x, Vector& gradient) override {
    points.push_back(x);
    return function_(x, gradient);
  }
  std::vector<Vector> points;

 private:
  Function function_;
};

Box box(std::size_t size, double lower, double upper) {
  return {Vector(size, lower), Vector(size, upper)};
}

/// 1/2 x^T A x - b^T x with A = tridiag(-1, 2.1, -1), and b such that a chosen x with chosen multipliers is
/// optimal.
struct BoundedQuadratic {
  Vector solution, b;
  Box bounds;

  explicit BoundedQuadratic(std::size_t size) : solution(size), b(size), bounds(box(size, -1, 1)) {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> uniform(-0.9, 0.9);
    for (double& x : solution) x = uniform(random);
    Vector multiplier(size, 0.);
    for (std::size_t i = 0; i < size; i += 5) {
      solution[i] = i % 2 ? 1 : -1;
      multiplier[i] = i % 2 ? -0.5 : 0.5;
    }
    for (std::size_t i = 3; i < size; i += 7) bounds.lower[i] = bounds.upper[i] = solution[i];
    b = apply(solution);
    for (std::size_t i = 0; i < size; ++i) b[i] -= multiplier[i];
  }
  static Vector apply(const Vector& x) {
    Vector y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      y[i] = 2.1 * x[i] - (i ? x[i - 1] : 0) - (i + 1 < x.size() ? x[i + 1] : 0);
    return y;
  }
  double operator()(const Vector& x, Vector& gradient) const {
    gradient = apply(x);
    double value = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      value += x[i] * (0.5 * gradient[i] - b[i]);
      gradient[i] -= b[i];
    }
    return value;
  }
};

double rosenbrock_pairs(const Vector& x, Vector& gradient) {
  double value = 0;
  for (std::size_t i = 0; i + 1 < x.size(); i += 2) {
    const double a = x[i + 1] - x[i] * x[i], c = 1 - x[i];
    value += 100 * a * a + c * c;
    gradient[i] = -400 * a * x[i] - 2 * c;
    gradient[i + 1] = 200 * a;
  }
  return value;
}

double sum_of_squares(const Vector& x, Vector& gradient) {
  double value = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    value += x[i] * x[i];
    gradient[i] = 2 * x[i];
  }
  return value;
}

class EveryOptimizer : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Optimizer> make(OptimizerOptions options = {}) {
    options.method = GetParam();
    return optimizers().make(GetParam(), options);
  }
  /// Until it is stuck or has no iterations left.
  OptimizerState minimise(Recorded& objective, const Vector& x, const Box& bounds, int iterations,
                          const OptimizerOptions& options = {}) {
    const auto optimizer = make(options);
    OptimizerState state = optimizer->start(x, objective, bounds);
    for (int k = 0; k < iterations; ++k)
      if (optimizer->iterate(state, objective, bounds).stuck) break;
    return state;
  }
};

INSTANTIATE_TEST_SUITE_P(Tao, EveryOptimizer, testing::Values("bqnls", "blmvm"),
                         [](const auto& name) { return name.param; });

TEST(Optimizers, AreFoundByName) {
  EXPECT_EQ(optimizers().names(), (std::vector<std::string>{"bqnls", "blmvm", "proximal", "adam"}));
  EXPECT_EQ(optimizers().names().front(), OptimizerOptions{}.method);
  EXPECT_THROW(optimizers().make("bfgs", OptimizerOptions{}), UserError);
}

TEST_P(EveryOptimizer, FindsTheKnownMinimumOfABoundedQuadratic) {
  const BoundedQuadratic quadratic(300);
  Recorded objective(quadratic);
  const OptimizerState state = minimise(objective, Vector(300, 0.), quadratic.bounds, 200);
  const Vector& x = state.current().x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(x[i], quadratic.solution[i], 1e-6) << i;
    if (i % 5 == 0) {
      EXPECT_EQ(x[i], quadratic.solution[i]) << "active " << i;
    }
  }
}

TEST_P(EveryOptimizer, FindsTheMinimumOfABoundedRosenbrockFunction) {
  Recorded objective(rosenbrock_pairs);
  Vector start(1000);
  Box bounds = box(1000, -2, 2);
  for (std::size_t i = 0; i < start.size(); i += 2) {
    start[i] = -1.2;
    start[i + 1] = 1;
    if (i % 4 == 0) bounds.upper[i] = 0.8;
  }
  const OptimizerState state = minimise(objective, start, bounds, 150);
  for (std::size_t i = 0; i < start.size(); i += 2) {
    EXPECT_NEAR(state.current().x[i], i % 4 == 0 ? 0.8 : 1, 1e-4);
    EXPECT_NEAR(state.current().x[i + 1], i % 4 == 0 ? 0.64 : 1, 1e-4);
  }
}

TEST_P(EveryOptimizer, ManagesACurvatureThatSpansFourDecades) {
  const auto function = [](const Vector& x, Vector& gradient) {
    double value = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double curvature = std::pow(10., -4. * i / (x.size() - 1)), error = x[i] - 0.5 * (i % 3);
      value += 0.5 * curvature * error * error;
      gradient[i] = curvature * error;
    }
    return value;
  };
  Recorded objective(function);
  const OptimizerState state = minimise(objective, Vector(1000, 0.2), box(1000, 0, 0.8), 75);
  Vector gradient(1000), best(1000);
  for (std::size_t i = 0; i < best.size(); ++i) best[i] = std::min(0.8, 0.5 * (i % 3));
  const double lowest = function(best, gradient), first = function(Vector(1000, 0.2), gradient);
  EXPECT_LT(state.current().value - lowest, 1e-4 * (first - lowest));
  EXPECT_LT(state.evaluations, 100);
}

TEST_P(EveryOptimizer, CountsEveryEvaluationAndRepeatsNone) {
  const BoundedQuadratic quadratic(60);
  Recorded objective(quadratic);
  const OptimizerOptions options{.max_evaluations = 5};
  const auto optimizer = make(options);
  OptimizerState state = optimizer->start(Vector(60, 5.), objective, quadratic.bounds);
  int evaluations = 1;
  for (int k = 0; k < 25; ++k) {
    const double before = state.current().value;
    const OptimizerStep step = optimizer->iterate(state, objective, quadratic.bounds);
    evaluations += step.evaluations;
    EXPECT_LE(step.evaluations, 5);
    EXPECT_EQ(step.value, state.current().value);
    EXPECT_EQ(step.moved, step.value < before);
    EXPECT_EQ(evaluations, static_cast<int>(objective.points.size()));
    EXPECT_EQ(evaluations, state.evaluations);
    EXPECT_LE(state.visited.size(), static_cast<std::size_t>(options.memory) + 1);
  }
  EXPECT_LT(evaluations, 1.3 * state.iterations + 2) << "mostly one evaluation an iteration";
  for (std::size_t i = 0; i < objective.points.size(); ++i) {
    EXPECT_EQ(std::count(objective.points.begin(), objective.points.end(), objective.points[i]), 1);
    for (std::size_t j = 0; j < 60; ++j)
      EXPECT_EQ(objective.points[i][j], quadratic.bounds.clip(j, objective.points[i][j]));
  }
}

TEST_P(EveryOptimizer, ContinuesFromAnyCheckpointWithTheSameBits) {
  constexpr int iterations = 14;  // more than the memory holds
  const Box bounds = box(40, -2, 0.9);
  Vector start(40, 0.3);
  for (std::size_t i = 0; i < start.size(); i += 2) start[i] = -1.2 + 0.01 * i;
  const auto optimizer = make({.memory = 4});
  Recorded objective(rosenbrock_pairs);
  OptimizerState unbroken = optimizer->start(start, objective, bounds);
  std::vector<std::map<std::string, Vector>> checkpoints;
  for (int k = 0; k < iterations; ++k) {
    checkpoints.push_back(unbroken.to_arrays());
    optimizer->iterate(unbroken, objective, bounds);
  }
  for (int k = 0; k < iterations; ++k) {
    const auto restarted = make({.memory = 4});
    OptimizerState resumed = OptimizerState::from_arrays(checkpoints[k]);
    for (int rest = k; rest < iterations; ++rest) restarted->iterate(resumed, objective, bounds);
    EXPECT_EQ(resumed.to_arrays(), unbroken.to_arrays()) << "resumed at iteration " << k;
  }
}

TEST_P(EveryOptimizer, DoesNotDependOnTheUnitOfTheObjective) {
  std::vector<Vector> ends;
  for (const double unit : {1., std::ldexp(1., -40), std::ldexp(1., 40)}) {
    Recorded objective([unit](const Vector& x, Vector& gradient) {
      const double value = rosenbrock_pairs(x, gradient);
      for (double& g : gradient) g *= unit;
      return unit * value;
    });
    ends.push_back(minimise(objective, {-1.2, 1, -0.5, 0.1}, box(4, -2, 2), 20).current().x);
  }
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_EQ(ends[0], ends[2]);
}

TEST_P(EveryOptimizer, CapsTheFirstTrialWithoutAMemory) {
  Recorded objective(sum_of_squares);
  const Vector start{3, -4, 1};
  const Box bounds = box(3, -10, 10);
  const auto optimizer = make({.first_step = 0.02});
  OptimizerState state = optimizer->start(start, objective, bounds);
  optimizer->iterate(state, objective, bounds, 5);
  double largest = 0;
  for (std::size_t i = 0; i < 3; ++i)
    largest = std::max(largest, std::abs(objective.points[1][i] - start[i]));
  EXPECT_NEAR(largest, 0.02 * 5, 1e-12);

  optimizer->restart(state, objective, bounds);
  EXPECT_EQ(state.visited.size(), 1u);
  const Vector from = state.current().x;
  optimizer->iterate(state, objective, bounds);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_LE(std::abs(objective.points[3][i] - from[i]), 0.02 + 1e-12);
}

TEST_P(EveryOptimizer, KeepsEveryTrialWithinTheLargestStep) {
  Recorded objective(rosenbrock_pairs);
  Vector from{-1.2, 1};
  const Box bounds = box(2, -2, 2);
  const auto optimizer = make({.first_step = 0.01, .max_step = 0.05});
  OptimizerState state = optimizer->start(from, objective, bounds);
  for (int k = 0; k < 10; ++k) {
    const std::size_t before = objective.points.size();
    optimizer->iterate(state, objective, bounds);
    for (std::size_t p = before; p < objective.points.size(); ++p)
      for (std::size_t i = 0; i < 2; ++i)
        EXPECT_LE(std::abs(objective.points[p][i] - from[i]), 0.05 * (1 + 1e-12));
    from = state.current().x;
  }
}

TEST_P(EveryOptimizer, ExtendsAFirstStepThatIsTooTimid) {
  Recorded objective(sum_of_squares);
  const OptimizerState state =
      minimise(objective, Vector{3, -4, 1}, box(3, -10, 10), 10, {.first_step = 1e-3});
  EXPECT_LT(state.current().value, 1e-12);
  EXPECT_LT(state.evaluations, 12);
}

TEST_P(EveryOptimizer, StepsBackFromWhereTheObjectiveIsNotFinite) {
  for (const double outside : {nan, infinity, -infinity}) {
    // 1 / (1 - x) = 3 at the minimum; x >= 1 is out of the domain.
    Recorded objective([outside](const Vector& x, Vector& gradient) {
      double value = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        value += x[i] < 1 ? -std::log(1 - x[i]) - 3 * x[i] : outside;
        gradient[i] = x[i] < 1 ? 1 / (1 - x[i]) - 3 : nan;
      }
      return value;
    });
    const OptimizerState state = minimise(objective, Vector(5, 0.), box(5, -10, 10), 30, {.first_step = 1});
    for (const double x : state.current().x) EXPECT_NEAR(x, 2. / 3, 1e-6);
    EXPECT_TRUE(std::any_of(objective.points.begin(), objective.points.end(),
                            [](const Vector& x) { return x[0] >= 1; }));
  }
}

TEST_P(EveryOptimizer, KeepsTheLowestPointWhenTheSearchGivesUp) {
  Recorded objective([](const Vector& x, Vector& gradient) {  // never as low as its gradient promises
    gradient[0] = -1;
    return -1e-9 * x[0];
  });
  const Box bounds = box(1, 0, 10);
  const auto optimizer = make();
  OptimizerState state = optimizer->start({1}, objective, bounds);
  const OptimizerStep step = optimizer->iterate(state, objective, bounds);
  EXPECT_TRUE(step.moved);
  EXPECT_TRUE(step.memory_cleared);
  EXPECT_EQ(step.evaluations, OptimizerOptions{}.max_evaluations);
  EXPECT_EQ(state.visited.size(), 1u);
  EXPECT_EQ(state.current().x[0], (*std::max_element(objective.points.begin(), objective.points.end()))[0]);
  EXPECT_NE(step.explanation.find("the lowest point is kept"), std::string::npos) << step.explanation;
}

TEST_P(EveryOptimizer, SaysThatItIsStuckWhereNothingIsLower) {
  Recorded objective([](const Vector& x, Vector& gradient) {
    const double value = sum_of_squares(x, gradient);
    for (double& g : gradient) g = -g;
    return value;
  });
  const Box bounds = box(2, -5, 5);
  const auto optimizer = make();
  OptimizerState state = optimizer->start({1, 2}, objective, bounds);
  const OptimizerStep step = optimizer->iterate(state, objective, bounds);
  EXPECT_FALSE(step.moved);
  EXPECT_TRUE(step.stuck);
  EXPECT_EQ(step.evaluations, OptimizerOptions{}.max_evaluations);
  EXPECT_EQ(state.current().x, (Vector{1, 2}));
  EXPECT_NE(step.explanation.find("no further decrease along the gradient"), std::string::npos)
      << step.explanation;
}

TEST_P(EveryOptimizer, FallsBackToTheGradientWhenTheMemoryMisleads) {
  Recorded objective([](const Vector& x, Vector& gradient) {
    return std::abs(x[0]) < 1 ? sum_of_squares(x, gradient) : nan;
  });
  OptimizerState state;
  state.visited = {{{0.6}, 0.37, {1 + 1e-6}}, {{0.5}, 0.25, {1}}};  // as if the function were a plane
  const OptimizerStep step = make()->iterate(state, objective, box(1, -1e9, 1e9));
  EXPECT_TRUE(step.moved);
  EXPECT_TRUE(step.memory_cleared);
  EXPECT_EQ(state.visited.size(), 2u) << "where it was and where it is";
  ASSERT_GT(objective.points.size(), 4u);
  EXPECT_LE(std::abs(objective.points[4][0] - 0.5), OptimizerOptions{}.first_step);
  EXPECT_NE(step.explanation.find("the memory is cleared"), std::string::npos) << step.explanation;
}

TEST_P(EveryOptimizer, EvaluatesNothingAtAStationaryPoint) {
  Recorded objective(sum_of_squares);
  const Box bounds{{1, -1, 3}, {2, 1, 3}};  // at a bound, inside, fixed
  const auto optimizer = make();
  OptimizerState state = optimizer->start({0, 0, 0}, objective, bounds);
  EXPECT_EQ(state.current().x, (Vector{1, 0, 3}));
  const OptimizerStep step = optimizer->iterate(state, objective, bounds);
  EXPECT_TRUE(step.stuck);
  EXPECT_EQ(step.evaluations, 0);
  EXPECT_EQ(objective.points.size(), 1u);
}

TEST_P(EveryOptimizer, LeavesItsStateWhenTheObjectiveThrows) {
  bool broken = false;
  Recorded objective([&broken](const Vector& x, Vector& gradient) {
    if (broken) throw std::runtime_error("a disk is full");
    return rosenbrock_pairs(x, gradient);
  });
  const Box bounds = box(2, -2, 2);
  const auto optimizer = make();
  OptimizerState state = optimizer->start({-1.2, 1}, objective, bounds);
  optimizer->iterate(state, objective, bounds);
  const auto before = state.to_arrays();
  broken = true;
  EXPECT_THROW(optimizer->iterate(state, objective, bounds), std::runtime_error);
  EXPECT_EQ(state.to_arrays(), before);
  broken = false;
  EXPECT_TRUE(optimizer->iterate(state, objective, bounds).moved);
}

TEST_P(EveryOptimizer, RefusesToStartWhereTheObjectiveIsNotFinite) {
  Recorded objective([](const Vector&, Vector& gradient) { return gradient[0] = nan, 1.; });
  EXPECT_THROW(make()->start({0}, objective, box(1, -1, 1)), RunError);
}

TEST(OptimizerState, RejectsArraysThatDoNotFit) {
  OptimizerState state;
  state.visited = {{{1, 2}, 3, {4, 5}}};
  state.evaluations = 7;
  std::map<std::string, Vector> arrays = state.to_arrays();
  EXPECT_EQ(OptimizerState::from_arrays(arrays).evaluations, 7);
  arrays["gradient_0"] = {1};
  EXPECT_THROW(OptimizerState::from_arrays(arrays), RunError);
  arrays.erase("gradient_0");
  EXPECT_THROW(OptimizerState::from_arrays(arrays), RunError);
}

}  // namespace
}  // namespace fathom
