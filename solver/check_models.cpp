// SPDX-License-Identifier: BSD-3-Clause

// What a case says about models.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "physics/error.hpp"
#include "solver/check_parts.hpp"
#include "solver/guards.hpp"
#include "solver/held_out.hpp"
#include "solver/simulation.hpp"

namespace fathom {
namespace {

constexpr double slowest_believable = 300, fastest_believable = 9000;

/// False when the model has no velocities that anything can be computed with.
bool check_velocities(const Model& model, const std::string& key, const std::string& name,
                      Findings& findings) {
  if (!model.properties.contains("vp")) {
    findings.error("velocities", key, "there is no velocity (vp) in " + name, "name a model of vp, in m/s");
    return false;
  }
  const VelocityRange range = velocity_range(model);
  if (range.not_finite > 0) {
    findings.error(
        "velocities", key,
        fmt::format("{} of {} that are not finite", counted(std::int64_t(range.not_finite), "value"), name),
        "repair the model: every cell needs a velocity in m/s");
    return false;
  }
  const std::string words = fmt::format("{} has {:.5g} to {:.5g} m/s", name, range.low, range.high);
  if (range.high < 20) {
    findings.error("velocities", key, words + ": it seems to be in km/s",
                   "multiply it by 1000: m/s is wanted");
    return false;
  }
  if (range.low < slowest_believable || range.high > fastest_believable) {
    findings.error("velocities", key, words + ": outside 300 to 9000 m/s", "check the units; m/s is wanted");
    return false;
  }
  findings.ok("velocities", words);
  return true;
}

/// The surveyed model of a synthetic case.
void check_surveyed(CheckPlan& plan, Findings& findings) {
  const Case& the_case = plan.the_case;
  const SimulateOptions& simulate = the_case.options.data.simulate;
  if (the_case.data_file) return;
  try {
    plan.surveyed = surveyed_model(the_case);
  } catch (const UserError& fault) {
    findings.error("surveyed model", "", fault);
    return;
  }
  const bool own = simulate.model.file || simulate.model.generate;
  if (!check_velocities(*plan.surveyed, own ? "data.simulate.model" : "truth", "the surveyed model",
                        findings))
    plan.surveyed.reset();
}

/// Where the density comes from, for equations that need one; load_case() has met what is wrong with it.
void check_density(const CheckPlan& plan, Findings& findings) {
  const Case& the_case = plan.the_case;
  if (!the_case.start.properties.contains("rho")) return;
  const auto range = [](const Model& model) {
    const std::vector<double> values = to_host(model.at("rho"));
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return fmt::format("{:.5g} to {:.5g} kg/m^3", *low, *high);
  };
  findings.ok("density", "the start has " + range(the_case.start) + ", which an inversion keeps");
  if (plan.surveyed) findings.ok("density", "the surveyed model has " + range(*plan.surveyed));
}

void check_extents(CheckPlan& plan, Findings& findings) {
  if (!plan.surveyed) return;
  const Grid &seen = plan.surveyed->grid, &inverted = plan.the_case.start.grid;
  const std::string key = plan.the_case.options.data.simulate.model.file ? "data.simulate.model" : "start";
  const std::string both = fmt::format("the surveyed model covers {}, the inversion's {}",
                                       extent_in_words(seen), extent_in_words(inverted));
  if (seen.dimensions() != inverted.dimensions()) {
    findings.error("extent", key,
                   fmt::format("the surveyed model is {}-D, the inversion's {}-D", seen.dimensions(),
                               inverted.dimensions()),
                   "use models of the same dimension");
    plan.surveyed.reset();
    return;
  }
  bool same = true;
  for (int axis = 0; axis < 3; ++axis) {
    if (!inverted.active(axis)) continue;
    const double slack = 1.001 * std::max(seen.spacing[axis], inverted.spacing[axis]);
    same = same && std::abs(seen.origin[axis] - inverted.origin[axis]) <= slack &&
           std::abs(seen.last(axis) - inverted.last(axis)) <= slack;
  }
  if (same) {
    findings.ok("extent", extent_in_words(inverted));
  } else {
    findings.warning("extent", key, both,
                     "give both the same extent: what lies beyond the inversion's edges cannot be recovered");
  }
}

std::string share(std::size_t part, std::size_t all) {
  return fmt::format("{} ({:.2g} %)", counted(std::int64_t(part), "cell"), 100. * double(part) / double(all));
}

struct Outside {
  std::size_t below = 0, above = 0, changing = 0;
};

/// Cells of a model on the start's grid beyond the bounds. A frozen cell may be slower than the bound, but
/// nothing may be faster than the propagator's limit when that is asked for.
Outside outside_bounds(const Model& model, const VelocityBounds& bounds, const std::vector<bool>& frozen) {
  const double slack = 1e-5;
  const std::vector<double> values = to_host(model.at("vp"));
  Outside outside;
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    outside.changing += !frozen[cell];
    outside.below += !frozen[cell] && values[cell] < bounds.min * (1 - slack);
    outside.above += values[cell] > bounds.max * (1 + slack);
  }
  return outside;
}

void check_bounds(const CheckPlan& plan, const std::vector<bool>& frozen, Findings& findings) {
  const Case& the_case = plan.the_case;
  const BoundsOptions& options = the_case.options.inversion.bounds;
  const std::string words = fmt::format("{:.5g} to {:.5g} m/s", plan.bounds.min, plan.bounds.max);
  if (!(plan.bounds.min < plan.bounds.max)) {
    findings.error("bounds", options.min ? "inversion.bounds.min" : "inversion.bounds.max",
                   "the bounds leave nothing: " + words, "choose min below max");
    return;
  }
  const VelocityRange range = velocity_range(the_case.start);
  const Outside start = outside_bounds(the_case.start, plan.bounds, frozen);
  const std::size_t cells = the_case.start.grid.cells();
  if (start.below > 0)
    findings.error("bounds", "inversion.bounds.min",
                   fmt::format("{} of the start lie below the bounds, {}", share(start.below, cells), words),
                   fmt::format("choose min no higher than {:.0f} m/s", std::floor(range.low)));
  if (start.above > 0)
    findings.error("bounds", "inversion.bounds.max",
                   fmt::format("{} of the start lie above the bounds, {}", share(start.above, cells), words),
                   fmt::format("choose max no lower than {:.0f} m/s", std::ceil(range.high)));
  if (start.below + start.above > 0) return;

  const std::optional<Model>& earth = plan.surveyed ? plan.surveyed : the_case.truth;
  if (earth && earth->properties.contains("vp") &&
      earth->grid.dimensions() == the_case.start.grid.dimensions()) {
    const Outside truth = outside_bounds(interpolate(*earth, the_case.start.grid), plan.bounds, frozen);
    const VelocityRange true_range = velocity_range(*earth);
    if (truth.below + truth.above > 0) {
      findings.warning(
          "bounds", truth.below > 0 ? "inversion.bounds.min" : "inversion.bounds.max",
          fmt::format("{} of the true model lie outside the bounds, {}: they cannot be recovered",
                      share(truth.below + truth.above, cells), words),
          fmt::format("the true model has {:.0f} to {:.0f} m/s", true_range.low, true_range.high));
      return;
    }
  }
  findings.ok("bounds", words);
}

void check_frozen(const CheckPlan& plan, const std::vector<bool>& frozen, Findings& findings) {
  const FreezeOptions& freeze = plan.the_case.options.inversion.freeze;
  const std::size_t count = std::size_t(std::count(frozen.begin(), frozen.end(), true));
  if (count == frozen.size()) {
    findings.error("frozen cells", freeze.depth ? "inversion.freeze.depth" : "inversion.freeze.water",
                   "every cell is frozen: nothing is left to invert", "freeze less");
    return;
  }
  if (freeze.water) {
    const std::vector<bool> water = frozen_cells(plan.the_case.start, {true, std::nullopt});
    if (std::find(water.begin(), water.end(), true) == water.end()) {
      findings.warning("frozen cells", "inversion.freeze.water",
                       "water is to be frozen, but no column of the start begins with less than 1510 m/s",
                       "put water (1500 m/s) at the top of the start, or set water to false");
      return;
    }
  }
  findings.ok("frozen cells", count > 0 ? share(count, frozen.size()) + " keep their start" : "none");
}

void check_inverse_crime(const CheckPlan& plan, Findings& findings) {
  if (!plan.surveyed) return;
  const Case& the_case = plan.the_case;
  const int order = the_case.options.data.simulate.order;
  const auto same_grid = [&](const StageOptions& stage) {
    const Grid grid = stage_grid(the_case.start.grid, stage);
    for (int axis = 0; axis < 3; ++axis)
      if (grid.active(axis) && std::abs(grid.spacing[axis] / plan.surveyed->grid.spacing[axis] - 1) > 1e-6)
        return false;
    return true;
  };
  const std::vector<StageOptions>& stages = the_case.options.inversion.stages;
  const double spacing = plan.surveyed->grid.spacing[0];
  if (order == the_case.options.physics.order && std::any_of(stages.begin(), stages.end(), same_grid)) {
    findings.warning(
        "inverse crime", "data.simulate",
        fmt::format("the data is made with the spacing ({:.5g} m) and the order ({}) of the inversion: "
                    "their errors cancel, and the result flatters",
                    spacing, order),
        fmt::format("leave data.simulate.spacing out or set it to {:.5g} m, or choose another order",
                    spacing / 2));
    return;
  }
  findings.ok("synthetic data", fmt::format("made at {:.5g} m with order {}", spacing, order));
}

void check_guide(const CheckPlan& plan, const RegularizerOptions& options, Findings& findings) {
  if (options.denoises()) {
    if (!plan.the_case.learned)
      findings.error("guide", "inversion.regularizer.kind", "only a learned guide has a denoiser",
                     "take the guide network or torchscript with it, or another kind");
    if (options.reference != "none")
      findings.error("regularizer", "inversion.regularizer.reference", "a denoiser looks at the model itself",
                     "leave the reference at none");
  } else if (options.guide.kind != "none" && options.functional() != "total_variation")
    findings.error("guide", "inversion.regularizer.guide.kind",
                   fmt::format("a guide cannot steer {}", options.functional()),
                   "choose inversion.regularizer.kind total_variation, or the guide none");
  const InversionOptions& inversion = plan.the_case.options.inversion;
  for (std::size_t stage = 0; stage < inversion.stages.size() && options.weighting == "constraint"; ++stage) {
    const std::string method = inversion.stages[stage].method.value_or(inversion.optimizer.method);
    if (options.functional() == "total_variation" && method == proximal_method) continue;
    findings.error(
        "regularizer", "inversion.regularizer.weighting",
        fmt::format("{} cannot constrain {} in stage {}", method, options.functional(), stage + 1),
        "take the kind total_variation and the method proximal (inversion.optimizer.method) with a "
        "constraint, or a relative weight");
    break;
  }
  const std::optional<Guidance>& given = plan.the_case.guidance;
  const bool has_reference = plan.the_case.learned || (given && given->reference.size() > 0);
  if (options.reference == "guide" && !has_reference)
    findings.error(
        "guide", "inversion.regularizer.reference", "the guide has no reference model",
        "give one as /guide/reference of a given guide's file, take a learned guide, or choose none "
        "or start");
  const Grid& grid = plan.the_case.start.grid;
  if (plan.the_case.learned && grid.active(1))
    findings.error("guide", "inversion.regularizer.guide.kind", "a learned guide works on sections",
                   "choose another guide for a model that is not 2-D");
  for (int axis = 0; axis < 3 && given; ++axis)
    if (grid.active(axis) && (given->grid.origin[axis] > grid.origin[axis] + grid.spacing[axis] ||
                              given->grid.last(axis) < grid.last(axis) - grid.spacing[axis])) {
      findings.warning("guide", "inversion.regularizer.guide.file",
                       fmt::format("it covers {}, the start {}: its edge is continued",
                                   extent_in_words(given->grid), extent_in_words(grid)),
                       "make the guide on the start's extent");
      break;
    }
}

void check_guards(const CheckPlan& plan, const RegularizerOptions& options, Findings& findings) {
  const std::string section = "inversion.regularizer.guards.";
  if (options.guards.mode == "on" && options.guide.kind == "none")
    findings.warning("guards", section + "mode", "there is no guide to guard against",
                     "name one: inversion.regularizer.guide.kind");
  if (!is_guarded(plan.the_case)) return;
  const int shots = int(plan.the_case.survey.shots.size());
  const int held_out = int(held_out_shots(shots, options.guards.held_out, options.guards.seed).size());
  const std::string words = fmt::format("{} of {} are held out until the last stage, to judge the guide by",
                                        held_out, counted(shots, "shot"));
  if (held_out == 0)
    findings.error("guards", section + "mode",
                   fmt::format("{} are too few to hold two out", counted(shots, "shot")),
                   "survey with four or more, or believe the guide: guards.mode off");
  else if (4 * held_out > shots)
    findings.warning("guards", section + "held_out", words,
                     "survey with eight shots or more, or lower held_out");
  else
    findings.ok("guards", words);
  if (options.weighting == "constraint")
    findings.error("guards", "inversion.regularizer.weighting", "a constraint cannot fade with its guide",
                   "choose relative or absolute, or guards.mode off");
  if (plan.the_case.options.inversion.stages.size() == 1 && options.guards.steering)
    findings.warning("guards", section + "steering",
                     "in the last stage, which is the only one, nothing is steered", "add a stage");
}

void check_small_print(const CheckPlan& plan, Findings& findings) {
  const InversionOptions& inversion = plan.the_case.options.inversion;
  if (inversion.regularizer && inversion.regularizer->weight == 0)
    findings.warning("regularizer", "inversion.regularizer.weight",
                     "a weight of 0: there is no regularization",
                     "give it a weight, or leave the regularizer out");
  if (inversion.regularizer && inversion.regularizer->decay > 1)
    findings.warning(
        "regularizer", "inversion.regularizer.decay",
        fmt::format("the weight grows by {:.3g} from stage to stage", inversion.regularizer->decay),
        "choose a decay of at most 1: later stages have more to say");
  if (inversion.regularizer) check_guide(plan, *inversion.regularizer, findings);
  if (inversion.regularizer) check_guards(plan, *inversion.regularizer, findings);
  const std::int64_t shots = std::int64_t(plan.the_case.survey.shots.size());
  const std::int64_t least = 6 * shots;  // at the start, one evaluation, the last predictions
  if (inversion.max_solves && *inversion.max_solves < least)
    findings.error("PDE solves", "inversion.max_solves",
                   fmt::format("not enough for one iteration over {}", counted(shots, "shot")),
                   fmt::format("allow {} or more, or leave it out", least));
}

}  // namespace

bool check_models(CheckPlan& plan, Findings& findings) {
  const StartOptions& start = plan.the_case.options.start;
  if (!check_velocities(plan.the_case.start, start.file ? "start.file" : "start", "the start", findings))
    return false;
  if (plan.the_case.truth) check_velocities(*plan.the_case.truth, "truth", "the true model", findings);
  check_surveyed(plan, findings);
  check_extents(plan, findings);
  check_density(plan, findings);
  plan.bounds = velocity_bounds(plan.the_case.options.inversion.bounds, plan.the_case.start);
  const std::vector<bool> frozen = frozen_cells(plan.the_case.start, plan.the_case.options.inversion.freeze);
  check_bounds(plan, frozen, findings);
  check_frozen(plan, frozen, findings);
  check_inverse_crime(plan, findings);
  check_small_print(plan, findings);
  return true;
}

}  // namespace fathom
