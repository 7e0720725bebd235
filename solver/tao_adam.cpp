// SPDX-License-Identifier: BSD-3-Clause
//
// TAO has no stochastic method; this one is registered beside its own. TAO's solver would keep the moments to
// itself, so here, as for the other methods, an iteration is one TaoSolve of a fresh solver, which takes what
// it knows from the stored state and gives it back.
#include "solver/tao_adam.hpp"

#include <fmt/format.h>
#include <petsc/private/taoimpl.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "physics/error.hpp"
#include "solver/tao_line_search.hpp"
#include "solver/tao_petsc.hpp"

namespace fathom {
namespace {

constexpr char adam_type[] = "fathom_adam";

/// What TAO keeps for the method.
struct Adam {
  AdamOptions options;
  double count = 0;  // iterations so far
  double x_unit = 1;
  std::vector<double> first, second;

  double step() const {
    const double planned = std::max(1, options.planned_iterations - 1);
    return options.step * x_unit * std::pow(options.final_step, std::min(1., (count - 1) / planned));
  }

  void take_in(const PetscScalar* gradient) {
    ++count;
    for (std::size_t i = 0; i < first.size(); ++i) {
      first[i] += (1 - options.momentum) * (gradient[i] - first[i]);
      second[i] += (1 - options.averaging) * (gradient[i] * gradient[i] - second[i]);
    }
  }

  /// x <- P(x - step ...)
  void move(PetscScalar* x, const PetscScalar* lower, const PetscScalar* upper) const {
    const double first_bias = 1 - std::pow(options.momentum, count);
    const double second_bias = 1 - std::pow(options.averaging, count);
    double mean = 0;
    for (const double v : second) mean += v / second_bias / double(second.size());
    const double floor = options.floor * std::sqrt(mean), length = (1 + options.floor) * step();
    for (std::size_t i = 0; i < first.size(); ++i) {
      const double spread = std::sqrt(second[i] / second_bias) + floor;
      if (!(spread > 0)) continue;
      x[i] = std::clamp(x[i] - length * first[i] / first_bias / spread, lower[i], upper[i]);
    }
  }
};

Adam& adam_of(Tao tao) {
  return *static_cast<Adam*>(tao->data);
}

PetscErrorCode solve_adam(Tao tao) {
  Adam& adam = adam_of(tao);
  PetscCall(TaoComputeVariableBounds(tao));
  tao->reason = TAO_CONTINUE_ITERATING;
  while (tao->reason == TAO_CONTINUE_ITERATING) {
    PetscReal value = 0, norm = 0;
    PetscCall(TaoComputeObjectiveAndGradient(tao, tao->solution, &value, tao->gradient));
    PetscCall(VecNorm(tao->gradient, NORM_2, &norm));
    const PetscScalar *gradient = nullptr, *lower = nullptr, *upper = nullptr;
    PetscScalar* x = nullptr;
    PetscCall(VecGetArrayRead(tao->gradient, &gradient));
    PetscCall(VecGetArrayRead(tao->XL, &lower));
    PetscCall(VecGetArrayRead(tao->XU, &upper));
    PetscCall(VecGetArray(tao->solution, &x));
    adam.take_in(gradient);
    adam.move(x, lower, upper);
    PetscCall(VecRestoreArray(tao->solution, &x));
    PetscCall(VecRestoreArrayRead(tao->XU, &upper));
    PetscCall(VecRestoreArrayRead(tao->XL, &lower));
    PetscCall(VecRestoreArrayRead(tao->gradient, &gradient));
    ++tao->niter;
    PetscCall(TaoLogConvergenceHistory(tao, value, norm, 0, tao->ksp_its));
    PetscCall(TaoMonitor(tao, tao->niter, value, norm, 0, adam.step()));
    PetscCall((*tao->ops->convergencetest)(tao, tao->cnvP));
  }
  return 0;
}

PetscErrorCode set_up_adam(Tao tao) {
  if (!tao->gradient) PetscCall(VecDuplicate(tao->solution, &tao->gradient));
  if (!tao->XL) PetscCall(VecDuplicate(tao->solution, &tao->XL));
  if (!tao->XU) PetscCall(VecDuplicate(tao->solution, &tao->XU));
  return 0;
}

PetscErrorCode destroy_adam(Tao tao) {
  delete static_cast<Adam*>(tao->data);
  tao->data = nullptr;
  return 0;
}

PetscErrorCode create_adam(Tao tao) {
  tao->ops->setup = set_up_adam;
  tao->ops->solve = solve_adam;
  tao->ops->destroy = destroy_adam;
  tao->data = new Adam;
  return 0;
}

/// What one TaoSolve evaluates.
struct Draw {
  SmoothObjective& objective;
  const OptimizerState& state;
  bool known = false;  // the gradient of the state is that of its point
  Iterate point{};
  std::exception_ptr failure{};
};

PetscErrorCode evaluate_draw(Tao, Vec x, PetscReal* value, Vec gradient, void* context) {
  Draw& draw = *static_cast<Draw*>(context);
  draw.point = draw.state.current();
  try {
    if (!draw.known) {
      draw.point.x = read_vec(x);
      draw.point.value = draw.objective.estimate(draw.state.iterations, draw.point.x, draw.point.gradient);
    }
  } catch (...) {  // carried over the C code
    draw.failure = std::current_exception();
    return PETSC_ERR_USER;
  }
  *value = draw.point.value;
  return write_vec(draw.point.gradient, 1, gradient);
}

PetscErrorCode stop_after_one(Tao tao, void*) {
  return TaoSetConvergedReason(tao, tao->niter > 0 ? TAO_CONVERGED_USER : TAO_CONTINUE_ITERATING);
}

class AdamOptimizer final : public Optimizer {
 public:
  explicit AdamOptimizer(OptimizerOptions options) : options_(std::move(options)) {}

  bool is_stochastic() const override { return true; }

  OptimizerStep iterate(OptimizerState& state, SmoothObjective& objective, const Box& box,
                        double x_unit) const override {
    const std::size_t size = state.current().x.size();
    Draw draw{objective, state, state.memory.empty()};
    const VecHandle x = make_vec(state.current().x), lower = make_vec(box.lower), upper = make_vec(box.upper);
    Tao raw = nullptr;
    check_petsc(TaoCreate(PETSC_COMM_SELF, &raw));
    const TaoHandle tao(raw);
    check_petsc(TaoSetType(raw, adam_type));
    check_petsc(TaoSetSolution(raw, x.get()));
    check_petsc(TaoSetVariableBounds(raw, lower.get(), upper.get()));
    check_petsc(TaoSetObjectiveAndGradient(raw, nullptr, evaluate_draw, &draw));
    check_petsc(TaoSetConvergenceTest(raw, stop_after_one, nullptr));
    Adam& adam = adam_of(raw);
    adam.options = options_.adam;
    adam.x_unit = x_unit;
    recall(state, size, adam);
    const PetscErrorCode code = TaoSolve(raw);
    if (draw.failure) std::rethrow_exception(draw.failure);
    check_petsc(code);
    require_finite(draw.point);
    return conclude(state, std::move(draw), adam, read_vec(x.get()));
  }

 private:
  static void recall(const OptimizerState& state, std::size_t size, Adam& adam) {
    adam.first.assign(size, 0.);
    adam.second.assign(size, 0.);
    if (state.memory.empty()) return;
    adam.count = state.memory.at("count").at(0);
    adam.first = state.memory.at("first_moment");
    adam.second = state.memory.at("second_moment");
    if (adam.first.size() != size || adam.second.size() != size)
      throw RunError("the moments of the optimizer's state differ in size from its point");
  }

  static void require_finite(const Iterate& point) {
    const auto finite = [](double g) { return std::isfinite(g); };
    if (!finite(point.value) || !std::all_of(point.gradient.begin(), point.gradient.end(), finite))
      throw RunError(
          "an estimate of the objective or its gradient is not finite: narrow the bounds or lower "
          "inversion.optimizer.adam.step");
  }

  static OptimizerStep conclude(OptimizerState& state, Draw draw, Adam& adam, std::vector<double> x) {
    OptimizerStep step;
    step.evaluations = draw.known ? 0 : 1;
    step.value = draw.point.value;
    step.largest_change = largest_change(state.current().x, x);
    step.moved = step.largest_change > 0;
    step.step_length = adam.step();
    const bool no_slope = std::all_of(adam.first.begin(), adam.first.end(), [](double m) { return m == 0; });
    step.stuck = no_slope;
    step.explanation = no_slope ? "the gradient vanishes" : fmt::format("step {:.3g}", step.step_length);
    draw.point.x = std::move(x);
    state.visited = {std::move(draw.point)};
    state.memory["count"] = {adam.count};
    state.memory["first_moment"] = std::move(adam.first);
    state.memory["second_moment"] = std::move(adam.second);
    state.evaluations += step.evaluations;
    ++state.iterations;
    return step;
  }

  OptimizerOptions options_;
};

}  // namespace

std::unique_ptr<Optimizer> make_adam(const OptimizerOptions& options) {
  return std::make_unique<AdamOptimizer>(options);
}

void register_adam() {
  check_petsc(TaoRegister(adam_type, create_adam));
}

}  // namespace fathom
