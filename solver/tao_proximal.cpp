// SPDX-License-Identifier: BSD-3-Clause
//
// The method is a type of TAO like any other. As for the others, an iteration is one TaoSolve of a fresh
// solver that starts where the state says, so that it is a pure function of the state.
#include "solver/tao_proximal.hpp"

#include <fmt/format.h>
#include <petsc/private/taoimpl.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <utility>

#include "solver/tao_line_search.hpp"
#include "solver/tao_petsc.hpp"
#include "solver/vectors.hpp"

namespace fathom {
namespace {

constexpr char proximal_type[] = "fathom_proximal";
constexpr char stiffness_name[] = "stiffness";
constexpr double most_change_of_stiffness = 10;
constexpr int most_unevaluated_trials = 60;

/// What one TaoSolve works on and brings back.
struct ProximalRun {
  const Iterate& start;
  SmoothObjective& objective;
  const Box& box;
  double largest_change = 0;  ///< allowed in a trial
  int evaluations_left = 0;
  double stiffness = 0;  ///< L: to begin with, and for the next iteration
  OptimizerMemory memory{};

  Iterate lowest{};  ///< of the trials; empty where none is lower than the start
  bool accepted = false;
  bool stationary = false;
  int evaluations = 0;
  std::exception_ptr failure{};
};

std::vector<double> difference(const std::vector<double>& to, const std::vector<double>& from) {
  std::vector<double> change(to.size());
  for (std::size_t i = 0; i < to.size(); ++i) change[i] = to[i] - from[i];
  return change;
}

std::vector<double> advance(ProximalRun& run) {
  const Iterate& from = run.start;
  if (RoughTerm* rough = run.objective.rough())
    return rough->advance(from.x, from.gradient, run.stiffness, run.box, run.memory);
  std::vector<double> to(from.x.size());
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i] = run.box.clip(i, from.x[i] - from.gradient[i] / run.stiffness);
  return to;
}

/// What the model of the objective promises for a step; it is below zero wherever there is something to gain.
double promise(ProximalRun& run, const std::vector<double>& to) {
  RoughTerm* rough = run.objective.rough();
  const double smooth = dot(run.start.gradient, difference(to, run.start.x));
  return rough ? smooth + rough->value(to) - rough->value(run.start.x) : smooth;
}

/// f + g by TAO's own entry, which comes back to evaluate_trial() below.
Iterate evaluated(Tao tao, std::vector<double> x) {
  Iterate point{.x = std::move(x)};
  const VecHandle at = make_vec(point.x), gradient = make_vec(point.x);
  PetscReal value = 0;
  check_petsc(TaoComputeObjectiveAndGradient(tao, at.get(), &value, gradient.get()));
  point.value = value;
  point.gradient = read_vec(gradient.get());
  return point;
}

/// The stiffness that the objective has shown between two points.
double seen_stiffness(const Iterate& from, const Iterate& to, double used) {
  const std::vector<double> step = difference(to.x, from.x), turn = difference(to.gradient, from.gradient);
  const double seen = dot(step, turn) / dot(step, step);
  if (!(seen > 0)) return used / 2;
  return std::clamp(seen, used / most_change_of_stiffness, used * most_change_of_stiffness);
}

/// One step: trials of growing stiffness until one is low enough.
void step(Tao tao, ProximalRun& run) {
  int unevaluated = 0;
  while (run.evaluations < run.evaluations_left && unevaluated < most_unevaluated_trials) {
    std::vector<double> to = advance(run);
    const double promised = promise(run, to);
    if (!(promised < 0)) {
      run.stationary = true;
      return;
    }
    if (largest_change(run.start.x, to) > run.largest_change) {
      run.stiffness *= 2;
      ++unevaluated;
      continue;
    }
    Iterate trial = evaluated(tao, std::move(to));
    ++run.evaluations;
    const bool low_enough =
        is_finite(trial) && trial.value <= run.start.value + sufficient_decrease * promised;
    const double so_far = run.lowest.x.empty() ? run.start.value : run.lowest.value;
    if (is_finite(trial) && trial.value < so_far) run.lowest = std::move(trial);
    if (low_enough) {
      run.accepted = true;
      run.stiffness = seen_stiffness(run.start, run.lowest, run.stiffness);
      return;
    }
    run.stiffness *= 2;
  }
}

PetscErrorCode solve_proximal(Tao tao) {
  void* context = nullptr;
  PetscCall(TaoGetApplicationContext(tao, &context));
  ProximalRun& run = *static_cast<ProximalRun*>(context);
  try {
    step(tao, run);
  } catch (...) {  // carried over the C code
    if (!run.failure) run.failure = std::current_exception();
  }
  ++tao->niter;
  if (!run.lowest.x.empty()) PetscCall(write_vec(run.lowest.x, 1, tao->solution));
  return TaoSetConvergedReason(tao, run.accepted ? TAO_CONVERGED_USER : TAO_DIVERGED_LS_FAILURE);
}

PetscErrorCode set_up_proximal(Tao tao) {
  if (!tao->gradient) PetscCall(VecDuplicate(tao->solution, &tao->gradient));
  return 0;
}

PetscErrorCode create_proximal(Tao tao) {
  tao->ops->setup = set_up_proximal;
  tao->ops->solve = solve_proximal;
  tao->max_it = 1;
  return 0;
}

PetscErrorCode evaluate_trial(Tao, Vec at, PetscReal* value, Vec gradient, void* context) {
  ProximalRun& run = *static_cast<ProximalRun*>(context);
  try {
    std::vector<double> slopes(run.start.x.size());
    *value = run.objective.value_and_gradient(read_vec(at), slopes);
    return write_vec(slopes, 1, gradient);
  } catch (...) {
    run.failure = std::current_exception();
    return PETSC_ERR_USER;
  }
}

class Proximal final : public Optimizer {
 public:
  explicit Proximal(OptimizerOptions options) : options_(std::move(options)) {}

  OptimizerStep iterate(OptimizerState& state, SmoothObjective& objective, const Box& box,
                        double x_unit) const override {
    const Iterate start = state.current();
    ProximalRun run{.start = start, .objective = objective, .box = box};
    run.evaluations_left = options_.max_evaluations;
    run.memory = state.memory;
    run.largest_change =
        options_.max_step ? *options_.max_step * x_unit : std::numeric_limits<double>::infinity();
    const auto remembered = state.memory.find(stiffness_name);
    run.stiffness =
        remembered != state.memory.end() ? remembered->second.at(0) : first_stiffness(start, x_unit);
    if (run.stiffness > 0)
      solve_once(run);
    else
      run.stationary = true;
    return conclude(state, std::move(run));
  }

 private:
  /// Lets the gradient change no variable by more than first_step.
  double first_stiffness(const Iterate& start, double x_unit) const {
    double steepest = 0;
    for (const double slope : start.gradient) steepest = std::max(steepest, std::abs(slope));
    return steepest / (options_.first_step * x_unit);
  }

  static void solve_once(ProximalRun& run) {
    const VecHandle x = make_vec(run.start.x), lower = make_vec(run.box.lower),
                    upper = make_vec(run.box.upper);
    Tao created = nullptr;
    check_petsc(TaoCreate(PETSC_COMM_SELF, &created));
    const TaoHandle tao(created);
    check_petsc(TaoSetType(tao.get(), proximal_type));
    check_petsc(TaoSetSolution(tao.get(), x.get()));
    check_petsc(TaoSetVariableBounds(tao.get(), lower.get(), upper.get()));
    check_petsc(TaoSetObjectiveAndGradient(tao.get(), nullptr, evaluate_trial, &run));
    check_petsc(TaoSetApplicationContext(tao.get(), &run));
    check_petsc(TaoSolve(tao.get()));
    if (run.failure) std::rethrow_exception(run.failure);
  }

  static OptimizerStep conclude(OptimizerState& state, ProximalRun run) {
    OptimizerStep step;
    step.evaluations = run.evaluations;
    step.value = state.current().value;
    state.evaluations += run.evaluations;
    state.memory = std::move(run.memory);
    state.memory[stiffness_name] = {run.stiffness};
    if (run.lowest.x.empty()) {
      step.stuck = true;
      step.explanation = run.stationary ? "no proximal step promises a decrease inside the bounds"
                                        : fmt::format("no decrease after {} evaluations", run.evaluations);
      return step;
    }
    step.moved = true;
    step.value = run.lowest.value;
    step.largest_change = largest_change(state.current().x, run.lowest.x);
    step.step_length = 1 / run.stiffness;
    step.explanation = fmt::format("proximal step of at most {:.3g}", step.largest_change);
    if (!run.accepted) step.explanation += ": no sufficient decrease, the lowest point is kept";
    state.visited = {std::move(run.lowest)};
    ++state.iterations;
    return step;
  }

  const OptimizerOptions options_;
};

}  // namespace

void register_proximal() {
  check_petsc(TaoRegister(proximal_type, create_proximal));
}

std::unique_ptr<Optimizer> make_proximal(const OptimizerOptions& options) {
  return std::make_unique<Proximal>(options);
}

}  // namespace fathom
