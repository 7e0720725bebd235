// SPDX-License-Identifier: BSD-3-Clause

// What a case will cost in memory and time.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "io/progress.hpp"
#include "solver/check_parts.hpp"
#include "solver/peak_memory.hpp"
#include "solver/work_plan.hpp"

namespace fathom {
namespace {

/// Cells times steps per second of one rank, from a tenth of a second or less with the equation, order and
/// layer of a planned propagator, on a grid no larger than shows the machine's memory bandwidth.
double measure_speed(PropagatorSetup setup) {
  const int longest = setup.grid.active(1) ? 96 : 700, steps = 32;
  for (int axis = 0; axis < 3; ++axis) setup.grid.size[axis] = std::min(setup.grid.size[axis], longest);
  const int substeps = Propagator(setup).substeps();
  setup.time.samples = 1 + (steps + substeps - 1) / substeps;
  Propagator propagator(setup);
  Model model{setup.grid, {}};
  for (const Property& property : propagator.properties()) {
    model[property.name] = make_field(property.name, setup.grid);
    const double value = property.name == "vp" ? 0.7 * setup.fastest : 0.5 * (property.min + property.max);
    from_host(std::vector<double>(setup.grid.cells(), value), model[property.name]);
  }
  propagator.set_model(model);
  Shot shot;
  for (int axis = 0; axis < 3; ++axis)
    shot.source[axis] = setup.grid.coordinate(axis, setup.grid.size[axis] / 2);
  shot.receivers = {shot.source};
  const std::vector<double> wavelet(std::size_t(setup.time.samples), 1.);
  propagator.forward(shot, wavelet);  // touches the memory

  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  double done = 0, seconds = 0;
  while (seconds < 0.05) {
    propagator.forward(shot, wavelet);
    done += propagator.cell_steps();
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return done / seconds;
}

/// Bytes of a rank besides its propagator.
double other_memory(const CheckPlan& plan) {
  const Survey& survey = plan.the_case.survey;
  double samples = 0, cells = 0;
  for (const Shot& shot : survey.shots) samples += double(shot.receivers.size()) * survey.time.samples;
  const double shots = double(survey.shots.size());
  const double mine = samples / shots * std::ceil(shots / plan.ranks);
  for (const PlannedPropagator& stage : plan.stages)
    cells = std::max(cells, double(stage.setup.grid.cells()));
  const int memory = plan.the_case.options.inversion.optimizer.memory;
  constexpr double copies_of_data = 4;  // recorded, filtered, predicted by start and result
  const double vectors = 2 * (memory + 1) + 2 * memory + 20;  // iterates, TAO's memory, models and sums
  const double surveyed = plan.surveyed ? double(plan.surveyed->grid.cells()) * sizeof(Real) : 0;
  return 8 * (copies_of_data * mine + vectors * cells) + surveyed + first_propagation_bytes;
}

void check_memory(const CheckPlan& plan, Findings& findings, Forecast& forecast) {
  const PlannedPropagator* largest = &plan.stages.front();
  for (const PlannedPropagator& stage : plan.stages)
    if (stage.memory_bytes > largest->memory_bytes) largest = &stage;
  const double simulation = plan.simulation ? plan.simulation->memory_bytes : 0;
  findings.ok("memory", fmt::format("{}: history {}", largest->topic, largest->history));
  forecast.memory_bytes_per_rank = std::max(largest->memory_bytes, simulation) + other_memory(plan);
  forecast.machine_bytes_per_rank = machine_memory() / plan.ranks_here;
  const double share = forecast.memory_bytes_per_rank / forecast.machine_bytes_per_rank;
  const std::string words = fmt::format("{} a rank, {:.2g} % of this machine's {} for {}",
                                        bytes_in_words(forecast.memory_bytes_per_rank), 100 * share,
                                        bytes_in_words(machine_memory()), counted(plan.ranks_here, "rank"));
  const PropagatorOptions& physics = plan.the_case.options.physics;
  const std::string remedy =
      physics.history == "auto"
          ? "one of: fewer ranks a machine, coarser stages[].spacing, shorter records"
          : "one of: physics.history auto, fewer ranks a machine, coarser stages[].spacing";
  if (share > 0.9)
    findings.error("memory", "physics.history", words, remedy);
  else if (share > 0.6)
    findings.warning("memory", "physics.history", words, remedy);
  else
    findings.ok("memory", words);
}

void forecast_time(const CheckPlan& plan, Findings& findings, Forecast& forecast) {
  const InversionOptions& options = plan.the_case.options.inversion;
  const double shots = double(plan.the_case.survey.shots.size());
  const PlannedPropagator* heaviest = plan.simulation ? &*plan.simulation : nullptr;
  std::vector<PropagationCost> in_steps, in_solves(plan.stages.size(), {1, 2});
  for (const PlannedPropagator& stage : plan.stages) {
    in_steps.push_back({stage.cell_steps, (cost_of_gradient + stage.repeated) * stage.cell_steps});
    if (!heaviest || stage.iterations > 0) heaviest = &stage;
  }
  const double solves = plan_work(plan.the_case, in_solves).total(),
               steps = plan_work(plan.the_case, in_steps).total() +
                       (plan.simulation ? plan.simulation->cell_steps : 0);
  const std::optional<int>& limit = options.max_solves;
  const double part = limit ? std::min(1., *limit / (solves * shots)) : 1;
  forecast.pde_solves = std::int64_t(std::llround(part * solves * shots));
  forecast.cell_steps = part * steps * shots;
  forecast.cell_steps_per_second = measure_speed(heaviest->setup);
  forecast.seconds = part * steps * std::ceil(shots / plan.ranks) / forecast.cell_steps_per_second;
  findings.ok("time",
              fmt::format("about {} on {} for {} PDE solves, at {:.3g} million cells a second and rank",
                          format_duration(forecast.seconds), counted(plan.ranks, "rank"), forecast.pde_solves,
                          1e-6 * forecast.cell_steps_per_second));
}

}  // namespace

void check_cost(const CheckPlan& plan, Findings& findings, Forecast& forecast) {
  const bool all_planned =
      !plan.stages.empty() && plan.stages.size() == plan.the_case.options.inversion.stages.size() &&
      std::all_of(plan.stages.begin(), plan.stages.end(),
                  [](const auto& stage) { return stage.cell_steps > 0 && stage.wanted_budget == 0; }) &&
      (!plan.simulation || plan.simulation->cell_steps > 0);
  if (!all_planned) return;  // errors say why
  const std::size_t errors = findings.errors();
  check_memory(plan, findings, forecast);
  if (findings.errors() == errors) forecast_time(plan, findings, forecast);
}

}  // namespace fathom
