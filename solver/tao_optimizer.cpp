// SPDX-License-Identifier: BSD-3-Clause
//
// The bounded quasi-Newton methods of PETSc/TAO, run one iteration at a time.
//
// TAO keeps its memory to itself (curvature pairs, a diagonal that is updated recursively, the tolerance of
// the active-set estimate), so a run that stopped could not go on from the same bits. Here every iteration is
// therefore one TaoSolve of a fresh solver that starts at the oldest visited point and is led through the
// others by a line search of ours, which hands it each stored point as if it had found it there, and searches
// in earnest only from the last. Replaying costs a few vector operations per pair, no evaluation, and makes
// an iteration a pure function of the visited points.
#include <fmt/format.h>
#include <petsc/private/taolinesearchimpl.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <span>
#include <utility>

#include "physics/error.hpp"
#include "solver/optimizer.hpp"
#include "solver/tao_adam.hpp"
#include "solver/tao_line_search.hpp"
#include "solver/tao_petsc.hpp"
#include "solver/tao_proximal.hpp"

namespace fathom {
namespace {

constexpr char search_name[] = "fathom";
constexpr char prefix[] = "fathom_";
constexpr double retry_shortening = 0.25;

/// What one TaoSolve works on and brings back.
struct Iteration {
  std::span<const Iterate> visited;
  SmoothObjective& objective;
  const Box& box;
  SearchLimits limits;
  double scale = 1;  ///< TAO sees scale f: its tolerances and limits are absolute numbers
  std::size_t at = 0;
  bool searched = false;
  SearchResult result{};
  std::exception_ptr failure{};
};

PetscErrorCode show(const Iteration& run, const Iterate& point, PetscReal* value, Vec gradient) {
  *value = run.scale * point.value;
  return write_vec(point.gradient, run.scale, gradient);
}

PetscErrorCode search(Iteration& run, Vec direction) {
  const PetscScalar* values = nullptr;
  PetscCall(VecGetArrayRead(direction, &values));
  try {
    run.result = search_line(run.visited.back(), {values, values + run.visited.back().x.size()},
                             run.objective, run.box, run.limits);
  } catch (...) {  // carried over the C code
    run.failure = std::current_exception();
  }
  run.searched = true;
  return VecRestoreArrayRead(direction, &values);
}

/// TAO's line search: the next stored point, then one search, then no more (TAO would retry along the
/// gradient: the caller does that, alike for all methods and from a memory that is really empty).
PetscErrorCode apply_search(TaoLineSearch line_search, Vec x, PetscReal* value, Vec gradient, Vec direction) {
  Iteration& run = *static_cast<Iteration*>(line_search->data);
  const Iterate* point = nullptr;
  if (run.at + 1 < run.visited.size()) {
    point = &run.visited[++run.at];
  } else if (!run.searched) {
    PetscCall(search(run, direction));
    if (run.result.moved) point = &run.result.point;
  }
  line_search->step = point ? 1 : 0;
  line_search->reason = point ? TAOLINESEARCH_SUCCESS : TAOLINESEARCH_HALTED_OTHER;
  if (!point) return 0;
  PetscCall(write_vec(point->x, 1, x));
  return show(run, *point, value, gradient);
}

PetscErrorCode create_search(TaoLineSearch line_search) {
  line_search->data = nullptr;
  line_search->ops->apply = apply_search;
  return 0;
}

/// TAO evaluates where it starts: known.
PetscErrorCode evaluate_start(Tao, Vec, PetscReal* value, Vec gradient, void* context) {
  const Iteration& run = *static_cast<const Iteration*>(context);
  return show(run, run.visited.front(), value, gradient);
}

PetscErrorCode stop_after_search(Tao tao, void* context) {
  if (static_cast<const Iteration*>(context)->searched) return TaoSetConvergedReason(tao, TAO_CONVERGED_USER);
  return 0;
}

/// Brings the oldest gradient to order 1, by a power of two: without rounding.
double gradient_scale(const Iterate& point) {
  double largest = 0;
  for (double g : point.gradient) largest = std::max(largest, std::abs(g));
  return largest > 0 ? std::ldexp(1., -std::ilogb(largest)) : 1;
}

bool is_stationary(const Iterate& point, const Box& box) {
  for (std::size_t i = 0; i < point.x.size(); ++i)
    if (box.clip(i, point.x[i] - point.gradient[i]) != point.x[i]) return false;
  return true;
}

/// Whether any pair in the memory bends upwards enough to scale a step.
bool has_curvature(std::span<const Iterate> visited) {
  for (std::size_t k = 1; k < visited.size(); ++k) {
    const Iterate &from = visited[k - 1], &to = visited[k];
    double sy = 0, ss = 0, yy = 0;
    for (std::size_t i = 0; i < to.x.size(); ++i) {
      const double s = to.x[i] - from.x[i], y = to.gradient[i] - from.gradient[i];
      sy += s * y;
      ss += s * s;
      yy += y * y;
    }
    if (sy > 1e-10 * std::sqrt(ss * yy)) return true;
  }
  return false;
}

class TaoOptimizer : public Optimizer {
 public:
  TaoOptimizer(TaoType type, OptimizerOptions options) : type_(type), options_(std::move(options)) {}

  OptimizerStep iterate(OptimizerState& state, SmoothObjective& objective, const Box& box,
                        double x_unit) const override {
    OptimizerStep step;
    step.value = state.current().value;
    if (is_stationary(state.current(), box)) {
      step.stuck = true;
      step.explanation = "the gradient vanishes inside the bounds";
      return step;
    }
    std::span<const Iterate> visited = remembered(state);
    SearchLimits limits = first_limits(visited.size() > 1, x_unit);
    SearchResult result = solve(visited, objective, box, limits);
    step.evaluations = result.evaluations;
    if (!result.moved && visited.size() > 1) {
      step.explanation = fmt::format("the memory is cleared ({}); ", result.explanation);
      step.memory_cleared = true;
      visited = visited.last(1);
      limits = first_limits(false, retry_shortening * x_unit);
      limits.evaluations = options_.max_evaluations - step.evaluations;
      result = solve(visited, objective, box, limits);
      step.evaluations += result.evaluations;
    }
    conclude(state, visited, std::move(result), step);
    return step;
  }

 private:
  std::span<const Iterate> remembered(const OptimizerState& state) const {
    std::span<const Iterate> visited(state.visited);
    const std::size_t most = static_cast<std::size_t>(options_.memory) + 1;
    if (visited.size() > most) visited = visited.last(most);
    return has_curvature(visited) ? visited : visited.last(1);
  }

  SearchLimits first_limits(bool with_memory, double x_unit) const {
    constexpr double none = std::numeric_limits<double>::infinity();
    SearchLimits limits;
    limits.unit_step = with_memory;
    limits.first_change = with_memory ? none : options_.first_step * x_unit;
    limits.max_change = options_.max_step ? *options_.max_step * x_unit : none;
    // Half are left for the gradient in case the memory misleads.
    limits.evaluations = with_memory ? (options_.max_evaluations + 1) / 2 : options_.max_evaluations;
    return limits;
  }

  SearchResult solve(std::span<const Iterate> visited, SmoothObjective& objective, const Box& box,
                     const SearchLimits& limits) const {
    Iteration run{visited, objective, box, limits, gradient_scale(visited.front())};
    const VecHandle x = make_vec(visited.front().x), lower = make_vec(box.lower), upper = make_vec(box.upper);
    const TaoHandle tao = create();
    check_petsc(TaoSetSolution(tao.get(), x.get()));
    check_petsc(TaoSetVariableBounds(tao.get(), lower.get(), upper.get()));
    check_petsc(TaoSetObjectiveAndGradient(tao.get(), nullptr, evaluate_start, &run));
    check_petsc(TaoSetConvergenceTest(tao.get(), stop_after_search, &run));
    TaoLineSearch line_search = nullptr;
    check_petsc(TaoGetLineSearch(tao.get(), &line_search));
    check_petsc(TaoLineSearchSetType(line_search, search_name));
    line_search->data = &run;
    check_petsc(TaoSolve(tao.get()));
    if (run.failure) std::rethrow_exception(run.failure);
    if (!run.searched) run.result.explanation = "no direction was found";
    return std::move(run.result);
  }

  /// The memory of a bounded method is reachable through PETSc's table of options alone; ours have a prefix.
  TaoHandle create() const {
    const auto set = [this](const char* key, const std::string& value) {
      check_petsc(PetscOptionsSetValue(nullptr, fmt::format("-{}tao_{}_{}", prefix, type_, key).c_str(),
                                       value.c_str()));
    };
    set("mat_lmvm_hist_size", std::to_string(options_.memory));
    set("mat_lmvm_scale_type", options_.scaling);
    Tao tao = nullptr;
    check_petsc(TaoCreate(PETSC_COMM_SELF, &tao));
    TaoHandle handle(tao);
    check_petsc(TaoSetType(tao, type_));
    check_petsc(TaoSetOptionsPrefix(tao, prefix));
    check_petsc(TaoSetFromOptions(tao));
    return handle;
  }

  void conclude(OptimizerState& state, std::span<const Iterate> visited, SearchResult result,
                OptimizerStep& step) const {
    state.evaluations += step.evaluations;
    if (!result.moved) {
      step.stuck = true;
      step.explanation += fmt::format("no further decrease along the gradient ({})", result.explanation);
      keep_last(state, 1);
      return;
    }
    step.moved = true;
    step.value = result.point.value;
    step.step_length = result.step_length;
    step.largest_change = largest_change(visited.back().x, result.point.x);
    step.explanation += visited.size() > 1
                            ? fmt::format("quasi-Newton step of length {:.3g}", result.step_length)
                            : fmt::format("step of at most {:.3g} along the gradient", step.largest_change);
    if (!result.accepted) {
      step.memory_cleared = true;
      step.explanation += fmt::format(": {}, the memory is cleared", result.explanation);
    }
    const std::size_t kept = result.accepted ? visited.size() : 0;
    state.visited.push_back(std::move(result.point));
    keep_last(state, std::min<std::size_t>(kept, options_.memory) + 1);
    ++state.iterations;
  }

  static void keep_last(OptimizerState& state, std::size_t count) {
    state.visited.erase(state.visited.begin(), state.visited.end() - static_cast<std::ptrdiff_t>(count));
  }

  const TaoType type_;
  const OptimizerOptions options_;
};

}  // namespace

const Registry<Optimizer, const OptimizerOptions&>& optimizers() {
  static const auto maker = [](TaoType type) {
    return [type](const OptimizerOptions& options) { return std::make_unique<TaoOptimizer>(type, options); };
  };
  static const Registry<Optimizer, const OptimizerOptions&> table(
      "optimizer",
      {{"bqnls", "bounded quasi-Newton with an estimate of the active bounds", maker(TAOBQNLS)},
       {"blmvm", "bounded limited-memory variable metric", maker(TAOBLMVM)},
       {proximal_method, "proximal gradients: total variation as it is, kinks and all", make_proximal},
       {"adam", "preconditioned Adam over random subsets of the shots", make_adam}});
  return table;
}

void register_line_search() {
  check_petsc(TaoLineSearchRegister(search_name, create_search));
}

}  // namespace fathom
