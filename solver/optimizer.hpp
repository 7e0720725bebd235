// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "physics/options.hpp"
#include "physics/registry.hpp"

namespace fathom {

struct Box;

/// What a method keeps besides points, by name.
using OptimizerMemory = std::map<std::string, std::vector<double>>;

/// A convex part g of an objective f + g that has kinks, or is the indicator of a set; it takes no wave
/// simulation to evaluate.
class RoughTerm {
 public:
  virtual ~RoughTerm() = default;
  /// g(x); infinite outside its set.
  virtual double value(const std::vector<double>& x) = 0;
  /// argmin_y <gradient, y - x> + stiffness / 2 |y - x|^2 + g(y) over the box (in a metric that is the
  /// identity but for variables that it makes stiffer). `memory` holds what an earlier call left to start
  /// from.
  virtual std::vector<double> advance(const std::vector<double>& x, const std::vector<double>& gradient,
                                      double stiffness, const Box& box, OptimizerMemory& memory) = 0;
};

/// A function to be minimised. x is dimensionless: the caller scales the model (and so preconditions) such
/// that a change of 1 is large. An evaluation is expensive (dozens of wave simulations), and the optimizers
/// count them.
class SmoothObjective {
 public:
  virtual ~SmoothObjective() = default;
  /// f(x), and df/dx into `gradient`, which has x's size on entry and holds whatever. On several ranks all of
  /// them call with the same x and must return the same bits. A result that is not finite means that x is
  /// outside the function's domain: the search steps back.
  virtual double value_and_gradient(const std::vector<double>& x, std::vector<double>& gradient) = 0;
  /// The part g of f + g that has no gradient, for methods that can deal with one: then value_and_gradient()
  /// gives f + g, and the gradient of f alone. Null: there is none.
  virtual RoughTerm* rough() { return nullptr; }
  /// Unbiased estimates of value and gradient from a random part of the function, which depends on `draw`
  /// (0, 1, ...) alone. Here: the whole.
  virtual double estimate(std::int64_t /*draw*/, const std::vector<double>& x,
                          std::vector<double>& gradient) {
    return value_and_gradient(x, gradient);
  }
};

/// lower <= x <= upper, element by element; infinities are no bounds, and lower == upper holds a variable
/// fixed.
struct Box {
  std::vector<double> lower, upper;

  double clip(std::size_t i, double value) const {
    return value < lower[i] ? lower[i] : value > upper[i] ? upper[i] : value;
  }
};

/// Of the stochastic method (tao_adam.hpp). Its step is in m/s: see StageProblem::meter_per_second(). The
/// customary momentum of 0.9 remembers ten batches: two epochs and more of a small survey, a seventh of a
/// stage. On a path of a given length a change of velocity is worth the more of a period, the higher the
/// band: with the inverse of its edge, steps are as bold in all.
struct AdamOptions {
  int batch = 4;
  std::string encoding = "none";
  int seed = 1;
  double step = 20;
  double final_step = 0.3;
  double step_power = 1;
  double momentum = 0.5;
  double averaging = 0.99;
  double floor = 0.1;
  double illumination_floor = 1;
  int planned_iterations = 0;  ///< over which the step falls; the caller's, not the user's

  void describe(OptionVisitor& option);
};

struct OptimizerOptions {
  std::string method = "bqnls";
  int memory = 8;
  std::string scaling = "diagonal";
  double first_step = 0.02;
  std::optional<double> max_step{};
  int max_evaluations = 8;
  AdamOptions adam{};

  void describe(OptionVisitor& option);
};

/// A point that was visited, with what the objective said there.
struct Iterate {
  std::vector<double> x{};
  double value = 0;
  std::vector<double> gradient{};
};

/// All that an optimizer knows: the next iteration is a pure function of it, bit by bit. A checkpoint that
/// stores the arrays therefore continues exactly as the unbroken run would have.
struct OptimizerState {
  std::vector<Iterate> visited;  ///< memory + 1 at most, oldest first; the last is the current point
  int iterations = 0;            ///< that moved
  int evaluations = 0;           ///< of all objectives that this state has seen
  /// What a method remembers besides points: moments, dual fields. restart() forgets it.
  OptimizerMemory memory{};

  const Iterate& current() const { return visited.back(); }

  std::map<std::string, std::vector<double>> to_arrays() const;
  /// Throws RunError where arrays are missing or do not fit together.
  static OptimizerState from_arrays(const std::map<std::string, std::vector<double>>& arrays);
};

/// What one iteration did.
struct OptimizerStep {
  bool moved = false;           ///< to a lower value, always (unless the method is stochastic)
  bool stuck = false;           ///< at a stationary point, or where nothing lower can be found: stop
  bool memory_cleared = false;  ///< the next step is one along the gradient
  double value = 0;             ///< at the current point
  double largest_change = 0;    ///< of any variable
  double step_length = 0;       ///< in units of the direction: 1 is the full quasi-Newton step
  int evaluations = 0;
  std::string explanation{};  ///< a clause in words, for the log
};

/// Minimises a smooth function in a box. Replicated: each rank runs the same iteration on the same numbers,
/// and only the objective works in parallel.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Evaluates once, at x clipped to the box. RunError where the objective is not finite there.
  OptimizerState start(std::vector<double> x, SmoothObjective& objective, const Box& box) const;

  /// For an objective or a box that changed: clips, evaluates once, forgets the memory; counters go on.
  void restart(OptimizerState& state, SmoothObjective& objective, const Box& box) const;

  /// One iteration: a direction from the memory, then a search along its projection onto the box. Never
  /// evaluates at a point that it has just seen, nor more than max_evaluations times; what the objective
  /// throws passes through and leaves the state as it was. `x_unit` is the size in x of what options call 1.
  virtual OptimizerStep iterate(OptimizerState& state, SmoothObjective& objective, const Box& box,
                                double x_unit = 1) const = 0;

  /// Whether it works on SmoothObjective::estimate(), one a iteration, instead of the function itself: values
  /// are then estimates, made at the point before the step, and may rise.
  virtual bool is_stochastic() const { return false; }
};

/// Those of PETSc/TAO, and ours among them: bqnls, blmvm, proximal and adam. They need a PetscSession.
const Registry<Optimizer, const OptimizerOptions&>& optimizers();
/// The name of the one that takes rough terms.
inline constexpr const char* proximal_method = "proximal";

/// PETSc's life, once in a program, after MPI's start and before its end (it starts and ends MPI itself where
/// nobody did; within another's life it does nothing). It reads no command line and no files, installs no
/// signal handlers and prints nothing.
class PetscSession {
 public:
  PetscSession();
  ~PetscSession();
  PetscSession(const PetscSession&) = delete;
  PetscSession& operator=(const PetscSession&) = delete;

 private:
  bool owns_ = false;
};

}  // namespace fathom
