// SPDX-License-Identifier: BSD-3-Clause
#include "solver/work_plan.hpp"

#include "solver/guards.hpp"
#include "solver/stage_guide.hpp"
#include "solver/stage_method.hpp"

namespace fathom {
namespace {

constexpr double evaluations_per_step = 1.15;  // of the quasi-Newton methods, measured on inversions

/// Of all shots.
double evaluations_per_iteration(const Case& the_case, const StageOptions& stage) {
  return is_stochastic(the_case.options.inversion, stage) ? share_of_shots(the_case, stage)
                                                          : evaluations_per_step;
}

/// Whether a stage's start is imaged, for its divergence or its guide.
bool images_starts(const Case& the_case) {
  const InversionOptions& options = the_case.options.inversion;
  return options.divergence || (options.regularizer && guide_of(the_case)->wants_image());
}

}  // namespace

double WorkPlan::before(int stage) const {
  double work = 0;
  for (int number = 0; number < stage; ++number) work += after(number, stages[number].iterations);
  return work;
}

double WorkPlan::after(int stage, int iterations) const {
  return stages[stage].start + iterations * stages[stage].iteration;
}

double WorkPlan::total() const {
  return before(int(stages.size())) + end;
}

WorkPlan plan_work(const Case& the_case, const std::vector<PropagationCost>& of_stages) {
  const InversionOptions& options = the_case.options.inversion;
  const bool images = images_starts(the_case);
  WorkPlan plan;
  for (std::size_t number = 0; number < of_stages.size(); ++number) {
    const PropagationCost& cost = of_stages[number];
    const int pilot = is_guarded(the_case) && options.stages[number].iterations > 0 ? pilot_passes : 0;
    plan.stages.push_back({(1 + pilot) * cost.gradient + (images ? cost.image() : 0),
                           evaluations_per_iteration(the_case, options.stages[number]) * cost.gradient,
                           options.stages[number].iterations});
  }
  if (!of_stages.empty())
    plan.end = 2 * (of_stages.back().forward + (options.divergence ? of_stages.back().image() : 0));
  return plan;
}

}  // namespace fathom
