// SPDX-License-Identifier: BSD-3-Clause

// How an inversion tries what a guide says before it takes it.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "solver/held_out.hpp"
#include "solver/interrupt.hpp"
#include "solver/inversion_stage.hpp"
#include "solver/jump.hpp"
#include "solver/stage_guide.hpp"
#include "solver/stage_method.hpp"

namespace fathom {
namespace {

// Of the misfit without it, what that with a jump must stay below on probation: salt that was there has the
// more to say the better the model above it gets, and what waves had lost their step with is found at last.
constexpr double ahead = 0.9;
// Above half, it must keep its lead, but for a seventh: what only takes the optimizer's first steps loses it.
constexpr double far_ahead = 0.5, slip = 1.15;
constexpr double smallest_jump = 1;  // m/s: less is no proposal
constexpr double far_behind = 4;     // times the misfit
constexpr double weaker = 0.3;       // times a weight that was right for the band before
// Of the misfit without, what that with a regularizer may be once shots that were held out liked it: physics
// alone fits noise, too, and in the last stage it is asked about shots that it fits.
constexpr double hardly_worse = 1.005;

/// Whether the regularizer is on trial by itself as its guide fades; a learned one fades with it.
bool stays_on_trial(const RegularizerOptions& options) {
  return options.guards.unguided == "tried" && !options.denoises();
}

double sum_of(const std::vector<double>& scores) {
  return std::accumulate(scores.begin(), scores.end(), 0.);
}

Field field_of(const std::string& name, const std::vector<double>& values, const Grid& grid) {
  const Field field = make_field(name, grid);
  from_host(values, field);
  return field;
}

}  // namespace

/// What a jump changes of a stage, and of the inversion.
struct Inversion::Branch {
  Course course{};
  Model model, start;
  std::optional<StageProblem::AtStart> at_start{};
  double weight = 0;
};

void Inversion::swap(Stage& stage, Branch& other) {
  std::swap(static_cast<Course&>(stage), other.course);
  std::swap(model_, other.model);
  std::swap(stage.start, other.start);
  std::swap(stage.at_start, other.at_start);
  std::swap(weight_, other.weight);
}

/// Of the data at the stage's start.
void Inversion::know_start(Stage& stage) const {
  if (stage.at_start) return;
  StageProblem::AtStart& found = stage.at_start.emplace();
  found.value = stage.data->value_and_gradient(stage.start, found.gradient, &found.illumination);
}

/// Unguided at first; then with a jump, where the held-out shots like one, or else steered. A pilot that is
/// flown with and without one of them decides, and the stage goes on from where the better one is. An
/// interrupted run starts the stage anew when it goes on.
void Inversion::start_guarded(Stage& stage) {
  const RegularizerOptions& options = *case_.options.inversion.regularizer;
  const double former_weight = weight_;
  const bool has_say = stays_on_trial(options) || !is_last(stage);
  const bool may_steer =
      options.guards.steering && guide_.strength > 0 && has_say && stage.options.iterations > 0;
  const bool may_jump = options.guards.jumps && guide_.refuted == 0;
  Guidance advice{stage.start.grid, {}, {}, {}, {}};
  if (may_steer || may_jump) advice = ask_guide(stage);
  if (!advice.abstained.empty()) ++guide_.abstained;
  const bool refers = options.reference == "guide" && advice.reference.size() > 0;
  std::optional<Proposal> jump;
  if (may_jump && advice.reference.size() > 0) jump = propose_jump(stage, advice);
  const bool steering = may_steer && (steers(advice) || refers);
  if (steering && !is_heard(advice)) advice = Guidance{stage.start.grid, {}, {}, {}, {}};

  know_start(stage);
  stage.strength = options.guards.unguided == "plain" ? 1 : 0;
  begin_course(stage, former_weight);
  share_what_is_left(stage);
  introduce(stage);
  Pilot flown = begin_pilot(stage);
  if (steering || (jump && jump->accepted)) fly(stage, flown, iterations_of(stage, pilot_passes));
  if (jump && jump->accepted) fly_jump(stage, *jump, former_weight, flown);
  if (communicator_.any(interrupted())) return;
  if (jump) {
    guide_.trust = trust_after(guide_.trust, jump->accepted, jump->choice.alpha);
    announce(stage, *jump);
  }
  const bool jumped = jump && jump->accepted;  // what was said of edges was said of the model before
  // A jump's long probation takes the model without further than a pilot of steering goes: the next stage's
  // turn; and it has taken what trials may of a guide that proved nothing.
  const bool at_pilot = stage.iteration <= iterations_of(stage, pilot_passes);
  if (steering && !jumped && at_pilot) fly_steering(stage, advice, flown);
  if (!at_pilot && !is_heard(advice)) guide_.strength = 0;
  if (communicator_.any(interrupted())) return;
  const int planned = stage.planned;
  share_what_is_left(stage);
  if (stage.planned < planned)
    observer_.say(
        fmt::format("after the guide's trials max_solves leaves this stage {} iterations", stage.planned));
  for (const auto& [report, model] : flown.reports) observer_.on_iteration(report, model);
  note_progress(stage);
  save(stage);
}

/// What the held-out shots say of a jump: the choice that they like best, for now accepted where they clearly
/// do. Once a jump of the guide was taken it is the whole, whatever they say at once: where a model becomes
/// right in the large, its detail is out of step at first.
void Inversion::judge_jump(const Stage& stage, const Jump& jump, Proposal& proposal) const {
  const auto score = [&](const JumpChoice& choice) {
    return stage.held_out->value_of_each(resample(jump.model(choice), stage.start.grid));
  };
  const std::vector<double> none = stage.held_out->value_of_each(stage.start);
  proposal.proven = guide_.proven();
  if (proposal.proven) {
    proposal.accepted = true;
    proposal.tried = 1;
    proposal.scores = paired_scores(score({}), none);
    return;
  }
  const JumpSearch search = search_jump(score, none, affordable_choices(case_, int(held_out_.size())));
  proposal.accepted = search.scores.clearly_lower();
  proposal.scores = search.scores;
  proposal.tried = search.tried;
  proposal.choice = search.best;
}

/// The jump that is tried. Empty: there is none to speak of.
std::optional<Proposal> Inversion::propose_jump(Stage& stage, const Guidance& advice) {
  std::vector<double> step = to_host(advice.reference);
  const std::vector<double> start = to_host(stage.start.at("vp"));
  for (std::size_t cell = 0; cell < step.size(); ++cell) step[cell] -= start[cell];
  step = on_own_grid(step, stage.start.grid);
  const Jump jump({model_, step, frozen_, bounds_, guide_.trust});
  if (jump.largest() < smallest_jump) return std::nullopt;

  const std::int64_t before = stage.held_out->solves();
  Proposal proposal;
  proposal.kind = Proposal::Kind::jump;
  judge_jump(stage, jump, proposal);
  proposal.depth = jump.depth();
  proposal.largest = jump.largest();
  proposal.trust = guide_.trust;
  proposal.solves = stage.held_out->solves() - before;
  proposal.model = jump.model(proposal.choice);
  std::vector<double> reference = to_host(model_.at("vp"));
  for (std::size_t cell = 0; cell < reference.size(); ++cell) reference[cell] += step[cell];
  proposal.fields.grid = model_.grid;
  proposal.fields["before"] = clone(model_).at("vp");
  proposal.fields["reference"] = field_of("reference", reference, model_.grid);
  if (advice.confidence.size() > 0) proposal.fields["confidence"] = on_grid(advice, model_.grid).confidence;
  return proposal;
}

/// Whether what a guide says of edges is tried. Two iterations do not tell good advice from random one: the
/// held-out misfit with either is within a thousandth of that without. So a network is heard once a jump of
/// it was taken; until then the plain regularizer is tried in its place.
bool Inversion::is_heard(const Guidance& advice) const {
  return !case_.learned || guide_.proven() || advice.denoises();
}

/// Of a stochastic method: epochs.
int Inversion::iterations_of(const Stage& stage, int passes) const {
  return std::min(stage.planned, passes * (stage.batches ? stage.batches->per_epoch() : 1));
}

Inversion::Pilot Inversion::begin_pilot(const Stage& stage) const {
  Pilot pilot;
  pilot.reports.emplace_back(report_on(stage, {}), model_after(stage));
  return pilot;
}

/// On to so many iterations of the stage, and what the held-out shots say of the result.
void Inversion::fly(Stage& stage, Pilot& pilot, int iterations) {
  const std::int64_t before = stage.solves();
  while (stage.iteration < iterations && !pilot.stuck && why_stop(stage).empty()) {
    const OptimizerStep step = advance(stage);
    pilot.stuck = step.stuck;
    pilot.reports.emplace_back(report_on(stage, step), model_after(stage));
  }
  pilot.complete = stage.iteration >= iterations || pilot.stuck;
  pilot.solves += stage.solves() - before;
  if (pilot.complete)
    pilot.scores = stage.held_out->value_of_each(stage.problem->model(stage.state.current().x));
}

/// Whether a jump's advantage lasts: the optimizer alone might go as far, and noise that waves cannot see is
/// there to stay. It is not flown where the pilot without it has left it far behind, unless its guide has
/// proved right.
void Inversion::fly_jump(Stage& stage, Proposal& proposal, double former_weight, Pilot& flown) {
  const double reached = sum_of(flown.scores);
  if (!proposal.proven && flown.complete && proposal.scores.with > far_behind * reached) {
    proposal.accepted = false;
    proposal.pilot.with = std::numeric_limits<double>::quiet_NaN();
    proposal.pilot.without = reached;
    return;
  }
  const double strength = stage.strength;
  Branch without{{}, clone(proposal.model), stage.start, {}, weight_};  // with it, until they change places
  swap(stage, without);
  const std::int64_t solves = stage.solves(), flown_solves = flown.solves;
  enter_grid(stage);
  know_start(stage);
  stage.strength = strength;
  begin_course(stage, former_weight);
  Pilot jumped = begin_pilot(stage);
  fly(stage, jumped, iterations_of(stage, pilot_passes));
  proposal.accepted = stays_ahead(stage, without, proposal, jumped, flown);
  if (!proposal.accepted) {
    proposal.solves += stage.solves() - solves - (flown.solves - flown_solves);
    ++guide_.refuted;
    swap(stage, without);
    return;
  }
  proposal.solves += flown.solves;
  flown = std::move(jumped);
}

/// Whether the held-out misfit with a jump is a fair bit below that without it, and stays so while both go
/// on, or, of a guide that has proved right, is below it after a pilot. A jump that only takes the first
/// steps for the optimizer is caught up with, and what it brought that the data does not see stays in the
/// model.
bool Inversion::stays_ahead(Stage& stage, Branch& without, Proposal& proposal, Pilot& jumped, Pilot& flown) {
  const int probation = case_.options.inversion.regularizer->guards.probation;
  for (int passes = pilot_passes;; ++passes) {
    if (!jumped.complete || !flown.complete) return false;
    proposal.pilot = paired_scores(jumped.scores, flown.scores);
    const double ratio = proposal.pilot.with / proposal.pilot.without;
    const bool keeps_lead = proposal.course.empty() || ratio <= slip * proposal.course.front();
    proposal.course.push_back(ratio);
    if (proposal.proven) return ratio <= ahead;
    if (!(ratio <= far_ahead || (keeps_lead && ratio <= ahead))) return false;
    const bool last = passes >= probation || iterations_of(stage, passes + 1) == iterations_of(stage, passes);
    if (last) return true;
    fly(stage, jumped, iterations_of(stage, passes + 1));
    swap(stage, without);
    fly(stage, flown, iterations_of(stage, passes + 1));
    swap(stage, without);
  }
}

/// Weaker once where it was right in a stage before: what helps in a low band may hold back a higher one.
void Inversion::fly_steering(Stage& stage, const Guidance& advice, Pilot& flown) {
  const RegularizerOptions& options = *case_.options.inversion.regularizer;
  const bool on_trial = stays_on_trial(options);
  const double say = share_of_say(stage.number, int(case_.options.inversion.stages.size()));
  const bool once_more = on_trial && guide_.steering.accepted > 0;
  for (const double factor : {1., weaker}) {
    guide_.strength *= factor;
    const double strength = on_trial ? guide_.strength : options.guards.unguided == "plain" ? 1 : say;
    if (steers_better(stage, faded(advice, say), strength, flown) || communicator_.any(interrupted())) return;
    if (!once_more) break;
  }
  guide_.strength = 0;
}

/// Whether the held-out misfit with it is not above that without, at first. Leaves the better one in place.
bool Inversion::steers_better(Stage& stage, const Guidance& advice, double strength, Pilot& flown) {
  Course& course = stage;
  Course without = std::exchange(course, {});
  const std::int64_t solves = stage.solves();
  stage.guidance = advice;
  stage.strength = strength;
  pose_problem(stage);
  if (case_.options.inversion.regularizer->denoises())
    weigh(stage, weight_);  // without the guide there was nothing to weigh
  else
    stage.problem->restore(without.problem->scale(), weight_, {}, &*stage.at_start);
  begin_optimizer(stage);
  Pilot steered = begin_pilot(stage);
  fly(stage, steered, iterations_of(stage, pilot_passes));

  Proposal proposal;
  proposal.kind = Proposal::Kind::steering;
  proposal.strength = strength;
  if (steered.complete && flown.complete) proposal.pilot = paired_scores(steered.scores, flown.scores);
  const double margin = guide_.steering.accepted > 0 ? hardly_worse : 1;
  proposal.accepted =
      steered.complete && flown.complete && proposal.pilot.with <= margin * proposal.pilot.without;
  proposal.solves =
      (proposal.accepted ? flown.solves : stage.solves() - solves) + 2 * stage.held_out->shots();
  if (proposal.accepted)
    flown = std::move(steered);
  else
    course = std::move(without);
  if (communicator_.any(interrupted())) return proposal.accepted;
  const Guidance shown = on_grid(advice, model_.grid);
  proposal.model = model_after(stage);
  proposal.fields.grid = model_.grid;
  proposal.fields["before"] = clone(model_).at("vp");
  if (shown.weighted()) proposal.fields["theta"] = shown.theta;
  if (shown.steered()) {
    proposal.fields["p_x"] = shown.p.x;
    proposal.fields["p_z"] = shown.p.z;
  }
  if (shown.confidence.size() > 0) proposal.fields["confidence"] = shown.confidence;
  announce(stage, proposal);
  return proposal.accepted;
}

void Inversion::announce(const Stage& stage, Proposal& proposal) {
  const bool jump = proposal.kind == Proposal::Kind::jump;
  proposal.number = int(guide_.proposals());
  proposal.stage = stage.number;
  if (jump) {
    if (!proposal.accepted) proposal.model = clone(model_);
    proposal.fields["accepted"] = proposal.model.at("vp");
  }
  Fates& fates = jump ? guide_.jumps : guide_.steering;
  ++(proposal.accepted ? fates.accepted : fates.rejected);
  guide_.solves += proposal.solves;
  observer_.say(in_words(proposal));
  observer_.on_proposal(proposal);
}

}  // namespace fathom
