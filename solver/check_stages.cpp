// SPDX-License-Identifier: BSD-3-Clause

// What a case says about its frequency stages, and the propagators that they and the simulation need.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "physics/error.hpp"
#include "solver/check_parts.hpp"
#include "solver/filter.hpp"
#include "solver/fourier.hpp"
#include "solver/simulation.hpp"

namespace fathom {
namespace {

/// A band filter is 20 dB down at so many times its upper corner.
constexpr double edge_to_corner = 1.304;

/// Largest amplitude of a wavelet's spectrum between two frequencies, in dB of its peak.
double strength_in_band(const Survey& survey, double low, double high) {
  Fourier fourier(8 * survey.wavelet.size());
  std::copy(survey.wavelet.begin(), survey.wavelet.end(), fourier.samples());
  fourier.forward();
  const double spacing = 1 / (double(fourier.length()) * survey.time.step);
  double peak = 0, inside = 0;
  for (std::size_t j = 0; j < fourier.frequencies(); ++j) {
    const double amplitude = std::abs(fourier.spectrum()[j]), frequency = double(j) * spacing;
    peak = std::max(peak, amplitude);
    if (frequency >= low - spacing && frequency <= high + spacing) inside = std::max(inside, amplitude);
  }
  return 20 * std::log10(std::max(inside / peak, 1e-15));
}

/// Velocity of the fastest cell at those faces of a model that an absorbing layer continues.
double fastest_edge(const Model& model, bool free_surface) {
  const std::vector<double> values = to_host(model.at("vp"));
  const Grid& grid = model.grid;
  double fastest = 0;
  std::size_t cell = 0;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz, ++cell) {
        const bool face = ix == 0 || ix == grid.size[0] - 1 ||
                          (grid.active(1) && (iy == 0 || iy == grid.size[1] - 1)) ||
                          (iz == 0 && !free_surface) || iz == grid.size[2] - 1;
        if (face) fastest = std::max(fastest, values[cell]);
      }
  return fastest;
}

/// False when the stage has no band that waves could be in.
bool check_band(const CheckPlan& plan, std::size_t number, Findings& findings) {
  const StageOptions& stage = plan.the_case.options.inversion.stages[number];
  const Survey& survey = plan.the_case.survey;
  const std::string topic = fmt::format("stage {}", number + 1);
  const std::string key = fmt::format("inversion.stages[{}]", number);
  if (stage.min_frequency >= stage.max_frequency) {
    findings.error(
        topic, key + ".min_frequency",
        fmt::format("the band from {:.4g} to {:.4g} Hz is empty", stage.min_frequency, stage.max_frequency),
        "choose min_frequency below max_frequency");
    return false;
  }
  const double strength = strength_in_band(survey, stage.min_frequency, stage.max_frequency);
  const double edge = spectrum_edge(survey.wavelet, survey.time, -20);
  const double peak = dominant_frequency(survey.wavelet, survey.time);
  const std::string words = fmt::format("the wavelet is {:.0f} dB down throughout {:.4g} to {:.4g} Hz",
                                        -strength, stage.min_frequency, stage.max_frequency);
  const std::string remedy =
      fmt::format("the wavelet is strongest at {:.2g} Hz: invert there, or survey with another", peak);
  if (strength < -40) {
    findings.error(topic, key + ".max_frequency", words + ": there is nothing to invert", remedy);
    return false;
  }
  if (strength < -20) {
    findings.warning(topic, key + ".max_frequency", words + ": noise will dominate", remedy);
  } else if (stage.max_frequency > edge) {
    findings.warning(topic, key + ".max_frequency",
                     fmt::format("nothing to gain above {:.3g} Hz, where the wavelet is 20 dB down", edge),
                     fmt::format("lower {:.4g} Hz to that", stage.max_frequency));
  } else {
    findings.ok(topic, fmt::format("{:.4g} to {:.4g} Hz, at most {}", stage.min_frequency,
                                   stage.max_frequency, counted(stage.iterations, "iteration")));
  }
  return true;
}

void check_order_of_stages(const CheckPlan& plan, Findings& findings) {
  const std::vector<StageOptions>& stages = plan.the_case.options.inversion.stages;
  const double own = plan.the_case.start.grid.spacing[0];
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const std::string topic = fmt::format("stage {}", i + 1), key = fmt::format("inversion.stages[{}]", i);
    const double spacing = stages[i].spacing.value_or(own);
    if (spacing < own * (1 - 1e-6))
      findings.warning(
          topic, key + ".spacing",
          fmt::format("{:.5g} m is finer than the inversion's grid of {:.5g} m, on which its result "
                      "is kept",
                      spacing, own),
          "lower the case's spacing instead");
    if (i == 0) continue;
    if (stages[i].max_frequency <= stages[i - 1].max_frequency)
      findings.warning(
          topic, key + ".max_frequency",
          fmt::format("{:.4g} Hz follows {:.4g} Hz", stages[i].max_frequency, stages[i - 1].max_frequency),
          "go from low to high frequencies");
    const double before = stages[i - 1].spacing.value_or(own);
    if (spacing > before * (1 + 1e-6))
      findings.warning(
          topic, key + ".spacing",
          fmt::format("{:.5g} m is coarser than the {:.5g} m of the stage before", spacing, before),
          "let grids become finer from stage to stage");
  }
  if (std::all_of(stages.begin(), stages.end(), [](const StageOptions& s) { return s.iterations == 0; }))
    findings.warning("stages", "inversion.stages", "no stage has an iteration: the result will be the start",
                     "give them iterations");
}

/// In the first band, where footprints of the sources are not yet mended by neighbours.
void check_source_spacing(const CheckPlan& plan, const Band& band, Findings& findings) {
  const std::optional<SurveyOptions>& survey = plan.the_case.options.survey;
  if (plan.the_case.data_file || !survey || survey->sources.count < 2) return;
  const std::vector<Position> places = survey->sources.positions();
  const double apart =
      std::hypot(places[1][0] - places[0][0], places[1][1] - places[0][1], places[1][2] - places[0][2]);
  const VelocityRange range = velocity_range(plan.the_case.start);
  const double middle = 0.5 * (range.low + range.high), wavelength = middle / band.dominant_frequency;
  const std::string words =
      fmt::format("{:.5g} m apart, {:.2g} dominant wavelengths of stage 1 ({:.0f} m at {:.0f} m/s)", apart,
                  apart / wavelength, wavelength, middle);
  if (apart > 2 * wavelength)
    findings.warning(
        "sources", "survey.sources.count", words + ": they leave footprints",
        fmt::format(
            "use {} or more",
            counted(std::int64_t(std::ceil(apart * (survey->sources.count - 1) / (2 * wavelength))) + 1,
                    "source")));
  else
    findings.ok("sources", words);
}

PlannedPropagator plan_stage(const CheckPlan& plan, std::size_t number, const Band& band) {
  const Case& the_case = plan.the_case;
  const StageOptions& stage = the_case.options.inversion.stages[number];
  const std::string key = fmt::format("inversion.stages[{}]", number);
  PlannedPropagator planned;
  planned.topic = fmt::format("stage {}", number + 1);
  planned.keys = {stage.spacing ? key + ".spacing" : "spacing", "physics.order", "physics.boundary.width",
                  key + ".max_frequency"};
  planned.setup = stage_setup(the_case.options, band, stage_grid(the_case.start.grid, stage), plan.bounds.max,
                              fair_share(plan.ranks_here));
  planned.model = "the start";
  planned.slowest = velocity_range(the_case.start).low;
  planned.fastest_edge = fastest_edge(the_case.start, the_case.options.physics.boundary.free_surface);
  planned.edge_frequency = band.max_frequency;
  planned.iterations = stage.iterations;
  return planned;
}

/// Judged at the frequencies that the stages use, which may be less than what is simulated.
PlannedPropagator plan_simulation(const CheckPlan& plan) {
  const Case& the_case = plan.the_case;
  PlannedPropagator planned;
  planned.topic = "synthetic data";
  planned.keys = {"data.simulate.spacing", "data.simulate.order", "data.simulate.width", ""};
  planned.setup = simulation_setup(the_case, *plan.surveyed);
  planned.model = "the surveyed model";
  planned.slowest = velocity_range(*plan.surveyed).low;
  planned.fastest_edge = fastest_edge(*plan.surveyed, the_case.options.physics.boundary.free_surface);
  planned.edge_frequency = spectrum_edge(the_case.survey.wavelet, the_case.survey.time, -20);
  double used = 0;
  for (const PlannedPropagator& stage : plan.stages) used = std::max(used, stage.edge_frequency);
  if (used > 0) planned.edge_frequency = std::min(planned.edge_frequency, used);
  return planned;
}

struct PointsPerWavelength {
  double least, enough;
};

PointsPerWavelength points_wanted(int order) {
  if (order == 8) return {3.5, 5};
  return order == 4 ? PointsPerWavelength{7, 10} : PointsPerWavelength{12, 15};
}

void check_dispersion(const PlannedPropagator& planned, Findings& findings) {
  const Grid& grid = planned.setup.grid;
  double widest = 0;
  for (int axis = 0; axis < 3; ++axis)
    if (grid.active(axis)) widest = std::max(widest, grid.spacing[axis]);
  const int order = planned.setup.options.order;
  const PointsPerWavelength wanted = points_wanted(order);
  const double points = planned.slowest / (planned.edge_frequency * widest);
  const std::string words = fmt::format(
      "{:.3g} points per wavelength at {:.3g} Hz (20 dB down) where {} is slowest, {:.0f} m/s; order {} "
      "wants "
      "{:g} or more",
      points, planned.edge_frequency, planned.model, planned.slowest, order, wanted.enough);
  if (points >= wanted.enough) {
    findings.ok(planned.topic, words);
    return;
  }
  const double frequency = planned.slowest / (wanted.enough * widest * edge_to_corner);
  std::string remedy = fmt::format("one of: {} at most {:.3g} m", planned.keys.spacing,
                                   round_down(widest * points / wanted.enough));
  if (!planned.keys.frequency.empty())
    remedy += fmt::format(", {} at most {:.3g} Hz", planned.keys.frequency, round_down(frequency));
  for (const int higher : {4, 8})
    if (higher > order && points >= points_wanted(higher).enough) {
      remedy += fmt::format(", {} {}", planned.keys.order, higher);
      break;
    }
  if (points < wanted.least)
    findings.error(planned.topic, planned.keys.spacing, words, remedy);
  else
    findings.warning(planned.topic, planned.keys.spacing, words, remedy);
}

std::string size_in_words(const Grid& grid) {
  const auto& [nx, ny, nz] = grid.size;
  return grid.active(1) ? fmt::format("{} x {} x {} points", nx, ny, nz)
                        : fmt::format("{} x {} points", nx, nz);
}

/// False when there can be no such propagator.
bool check_step(PlannedPropagator& planned, Findings& findings) {
  const PropagatorOptions& options = planned.setup.options;
  if (options.order != 2 && options.order != 4 && options.order != 8) {
    findings.error(planned.topic, planned.keys.order, "there is no stencil of this order",
                   "choose order 2, 4 or 8");
    return false;
  }
  std::unique_ptr<Propagator> propagator;
  PropagatorSetup automatic = planned.setup;
  automatic.options.time_step.reset();
  try {
    propagator = std::make_unique<Propagator>(automatic);
  } catch (const UserError& fault) {
    findings.error(planned.topic, planned.keys.spacing, fault);
    return false;
  }
  try {
    if (options.time_step) propagator = std::make_unique<Propagator>(planned.setup);
  } catch (const UserError& fault) {
    findings.error(planned.topic, "physics.time_step", fault);
    return false;
  }
  planned.cell_steps = propagator->cell_steps();
  const double limit = wave_equations()
                           .make(options.equation, propagator->domain(), options.order)
                           ->max_time_step(planned.setup.fastest);
  const double step = propagator->time_step();
  std::string words = fmt::format(
      "{} of {:.5g} m; {} of {:.4g} ms, {:.0f} % of the stable step at {:.0f} m/s",
      size_in_words(planned.setup.grid), planned.setup.grid.spacing[0],
      counted(propagator->time_steps(), "step"), 1e3 * step, 100 * step / limit, planned.setup.fastest);
  const int fewer = propagator->substeps() - 1;  // steps divide the sampling: a little more may save many
  const double courant = fewer > 0 ? planned.setup.time.step / (fewer * limit) : 1;
  if (!options.time_step && courant <= 0.97 && courant > options.courant &&
      step / limit < 0.7 * options.courant)
    words += fmt::format("; a courant of {:.3f} would save 1 step in {}", courant + 5e-4, fewer + 1);
  findings.ok(planned.topic, words);
  return true;
}

/// The layer that is worst off, of propagators that share a width.
void check_layer(const std::vector<const PlannedPropagator*>& sharing, Findings& findings) {
  constexpr int least_cells = 20;
  const PlannedPropagator* worst = nullptr;
  double wavelength = 0, spacing = 0, worst_share = 0;
  for (const PlannedPropagator* planned : sharing) {
    const Grid& grid = planned->setup.grid;
    double narrowest = grid.spacing[0];
    for (int axis = 1; axis < 3; ++axis)
      if (grid.active(axis)) narrowest = std::min(narrowest, grid.spacing[axis]);
    const double length = planned->fastest_edge / planned->setup.dominant_frequency;
    const double share = planned->setup.options.boundary.width * narrowest / length;
    if (worst && share >= worst_share) continue;
    worst = planned;
    wavelength = length;
    spacing = narrowest;
    worst_share = share;
  }
  if (!worst) return;
  const int width = worst->setup.options.boundary.width;
  const int wanted = std::max(least_cells, int(std::ceil(0.5 * wavelength / spacing)));
  const std::string words = fmt::format(
      "{} of {:.5g} m, {:.2g} dominant wavelengths ({:.0f} m at {:.3g} Hz and {:.0f} m/s, the fastest edge)",
      counted(width, "cell"), spacing, worst_share, wavelength, worst->setup.dominant_frequency,
      worst->fastest_edge);
  if (width < wanted)
    findings.warning("absorbing layer", worst->keys.width,
                     fmt::format("{}: {}; 20 cells and half a wavelength are wanted", worst->topic, words),
                     fmt::format("set the width to {} cells", wanted));
  else
    findings.ok("absorbing layer", fmt::format("{}: {}", worst->topic, words));
}

/// Fills in what the history takes.
void plan_history(const Propagator& propagator, PlannedPropagator& planned) {
  const HistoryChoice& choice = propagator.history();
  planned.repeated = choice.history->recomputed_steps() / propagator.time_steps();
  planned.history = choice.reason;
  if (!choice.fits) planned.wanted_budget = propagator.least_memory_budget();
}

/// The stage whose budget must be raised most, if any.
void check_budget(const CheckPlan& plan, const std::vector<const PlannedPropagator*>& stages,
                  Findings& findings) {
  const PlannedPropagator* worst = nullptr;
  for (const PlannedPropagator* stage : stages)
    if (stage->wanted_budget > (worst ? worst->wanted_budget : 0)) worst = stage;
  if (!worst) return;
  const PropagatorOptions& physics = plan.the_case.options.physics;
  const double budget = physics.memory_budget.value_or(worst->setup.memory_share);
  const std::string key = physics.memory_budget ? "physics.memory_budget" : "physics.history";
  findings.error("memory", key,
                 fmt::format("{}: {} are not enough for a gradient: {}", worst->topic, bytes_in_words(budget),
                             worst->history),
                 fmt::format("{} {:.0f} (bytes){}, or use coarser grids or shorter records",
                             physics.memory_budget ? "raise it to" : "set physics.memory_budget to",
                             std::ceil(worst->wanted_budget),
                             physics.history == "auto" ? "" : ", or choose physics.history auto"));
}

}  // namespace

void check_bands(CheckPlan& plan, Findings& findings) {
  const std::vector<StageOptions>& stages = plan.the_case.options.inversion.stages;
  if (stages.empty())
    findings.error("stages", "inversion.stages", "there is no stage", "add one, `- max_frequency: ...`");
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (!check_band(plan, i, findings)) continue;
    const Band band = make_band(plan.the_case, stages[i], plan.bounds.max);
    if (i == 0) check_source_spacing(plan, band, findings);
    plan.stages.push_back(plan_stage(plan, i, band));
  }
  if (!stages.empty()) check_order_of_stages(plan, findings);
  if (plan.surveyed) plan.simulation = plan_simulation(plan);
}

void check_propagators(CheckPlan& plan, Findings& findings) {
  std::vector<PlannedPropagator*> all;
  for (PlannedPropagator& stage : plan.stages) all.push_back(&stage);
  if (plan.simulation) all.push_back(&*plan.simulation);
  std::size_t receivers = 0;
  for (const Shot& shot : plan.the_case.survey.shots) receivers = std::max(receivers, shot.receivers.size());
  std::vector<const PlannedPropagator*> stages;
  for (PlannedPropagator* planned : all) {
    const bool simulates = plan.simulation && planned == &*plan.simulation;
    if (!check_step(*planned, findings)) continue;
    check_dispersion(*planned, findings);
    const Propagator propagator(planned->setup);
    planned->memory_bytes = propagator.memory_bytes(int(receivers), !simulates);
    if (simulates) continue;
    stages.push_back(planned);
    plan_history(propagator, *planned);
  }
  check_budget(plan, stages, findings);
  check_layer(stages, findings);
  if (plan.simulation && plan.simulation->cell_steps > 0) check_layer({&*plan.simulation}, findings);
}

}  // namespace fathom
