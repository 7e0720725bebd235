// SPDX-License-Identifier: BSD-3-Clause
#include "solver/guards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/stage_method.hpp"

namespace fathom {
namespace {

constexpr int most_choices = 40;

bool all_finite(const Field& field) {
  const std::vector<double> values = to_host(field);
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

Field changed(const Field& field, const Grid& grid, const auto& change) {
  std::vector<double> values = to_host(field);
  for (double& value : values) value = change(value);
  const Field result = make_field(field.label(), grid);
  from_host(values, result);
  return result;
}

}  // namespace

bool is_guarded(const Case& the_case) {
  const std::optional<RegularizerOptions>& options = the_case.options.inversion.regularizer;
  if (!options) return false;
  if (options->guards.mode == "auto") return the_case.learned != nullptr;
  return options->guards.mode == "on" && (the_case.learned || options->guide.kind != "none");
}

void GuideRecord::save(Checkpoint& checkpoint) const {
  checkpoint.arrays["guards/trust"] = {trust};
  checkpoint.arrays["guards/regularizer"] = {strength};
  checkpoint.integers["guards/jumps_accepted"] = jumps.accepted;
  checkpoint.integers["guards/jumps_rejected"] = jumps.rejected;
  checkpoint.integers["guards/steering_accepted"] = steering.accepted;
  checkpoint.integers["guards/steering_rejected"] = steering.rejected;
  checkpoint.integers["guards/refuted"] = refuted;
  checkpoint.integers["guards/abstained"] = abstained;
  checkpoint.integers["guards/solves"] = solves;
}

void GuideRecord::restore(const Checkpoint& checkpoint) {
  trust = checkpoint.arrays.at("guards/trust").at(0);
  strength = checkpoint.arrays.at("guards/regularizer").at(0);
  jumps = {checkpoint.integers.at("guards/jumps_accepted"), checkpoint.integers.at("guards/jumps_rejected")};
  steering = {checkpoint.integers.at("guards/steering_accepted"),
              checkpoint.integers.at("guards/steering_rejected")};
  refuted = checkpoint.integers.at("guards/refuted");
  abstained = checkpoint.integers.at("guards/abstained");
  solves = checkpoint.integers.at("guards/solves");
}

namespace {

std::string course_in_words(const std::vector<double>& course) {
  return course.size() < 2 ? "" : fmt::format(" (on the way {:.2g} of it)", fmt::join(course, ", "));
}

}  // namespace

std::string in_words(const Proposal& proposal) {
  const PairedScores &scores = proposal.scores, &pilot = proposal.pilot;
  const char* verdict = proposal.accepted ? "accepted" : "rejected";
  const std::string piloted =
      std::isnan(pilot.with) ? fmt::format("a pilot without it reaches {:.5g}", pilot.without)
      : pilot.without > 0
          ? fmt::format("after a pilot the held-out misfit is {:.5g} with it and {:.5g} without{}",
                        pilot.with, pilot.without, course_in_words(proposal.course))
          : "there was no pilot";
  if (proposal.kind == Proposal::Kind::steering)
    return fmt::format("the guide's steering, the regularizer at {:.2g} of its weight: {}: {}",
                       proposal.strength, piloted, verdict);
  const JumpChoice& choice = proposal.choice;
  const std::string where = choice.from > 0 || choice.to < 1
                                ? fmt::format(" between {:.0f} and {:.0f} m below the top",
                                              choice.from * proposal.depth, choice.to * proposal.depth)
                                : "";
  return fmt::format(
      "the guide's jump, of {} choices best {:g} times its step{}: the held-out misfit is {:.5g} with it and "
      "{:.5g} without, {:.2g} standard errors {}; {}: {}",
      proposal.tried, choice.alpha, where, scores.with, scores.without,
      std::abs(scores.difference / scores.standard_error), scores.difference < 0 ? "lower" : "higher",
      piloted, verdict);
}

std::string fault_of(const Guidance& guidance) {
  for (const Field* field : {&guidance.theta, &guidance.p.x, &guidance.p.y, &guidance.p.z,
                             &guidance.reference, &guidance.confidence})
    if (field->size() > 0 && !all_finite(*field)) return "it answers with values that are not finite";
  if (!guidance.weighted() && !guidance.steered()) return {};
  std::vector<double> theta(guidance.grid.cells(), 1.), square(theta.size(), 0.);
  if (guidance.weighted()) theta = to_host(guidance.theta);
  for (int axis = 0; axis < 3 && guidance.steered(); ++axis) {
    const std::vector<double> p = to_host(guidance.p[axis]);
    for (std::size_t cell = 0; cell < p.size(); ++cell) square[cell] += p[cell] * p[cell];
  }
  for (std::size_t cell = 0; cell < theta.size(); ++cell) {
    if (!(theta[cell] > 0) || theta[cell] > 1) return "its Theta is not above 0 and at most 1";
    if (std::sqrt(square[cell]) > theta[cell]) return "its P is longer than Theta";
  }
  return {};
}

bool steers(const Guidance& guidance) {
  constexpr double least = 1e-4;
  if (guidance.denoises()) return true;
  const auto any = [](const Field& field, double plain) {
    const std::vector<double> values = to_host(field);
    return std::any_of(values.begin(), values.end(),
                       [&](double value) { return std::abs(value - plain) > least; });
  };
  if (guidance.weighted() && any(guidance.theta, 1)) return true;
  for (int axis = 0; axis < 3 && guidance.steered(); ++axis)
    if (any(guidance.p[axis], 0)) return true;
  return false;
}

Guidance faded(const Guidance& guidance, double share) {
  Guidance result = guidance;
  if (guidance.weighted())
    result.theta =
        changed(guidance.theta, guidance.grid, [&](double theta) { return 1 - share * (1 - theta); });
  for (int axis = 0; axis < 3 && guidance.steered(); ++axis)
    result.p[axis] = changed(guidance.p[axis], guidance.grid, [&](double p) { return share * p; });
  return result;
}

double share_of_say(int stage, int stages) {
  return stages > 1 ? double(stages - 1 - stage) / (stages - 1) : 0;
}

int affordable_choices(const Case& the_case, int held_out) {
  const InversionOptions& options = the_case.options.inversion;
  double planned = 0;
  for (const StageOptions& stage : options.stages)
    planned +=
        2 * double(the_case.survey.shots.size()) * (1 + share_of_shots(the_case, stage) * stage.iterations);
  const double of_a_stage = options.regularizer->guards.scan * planned / double(options.stages.size());
  return std::clamp(int(of_a_stage / std::max(held_out, 1)) - 1, 2, most_choices);
}

}  // namespace fathom
