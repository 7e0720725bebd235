// SPDX-License-Identifier: BSD-3-Clause
#include "solver/inversion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "physics/error.hpp"
#include "solver/held_out.hpp"
#include "solver/interrupt.hpp"
#include "solver/inversion_stage.hpp"
#include "solver/migration.hpp"
#include "solver/peak_memory.hpp"
#include "solver/stage_guide.hpp"
#include "solver/stage_method.hpp"
#include "solver/vectors.hpp"

namespace fathom {
namespace {

DivergenceFigures figures_of(const Divergence& divergence) {
  return {divergence.half_jeffreys, divergence.jensen_shannon, divergence.orientation};
}

/// In cell steps over one shot.
PropagationCost cost_of(const Propagator& propagator) {
  return {propagator.cell_steps(), cost_of_gradient * propagator.cell_steps()};
}

}  // namespace

Inversion::Inversion(const Case& the_case, Communicator& communicator, Gathers observed,
                     InversionObserver observer)
    : case_(the_case),
      communicator_(communicator),
      observed_(std::move(observed)),
      observer_(std::move(observer)),
      bounds_(velocity_bounds(the_case.options.inversion.bounds, the_case.start)),
      frozen_(frozen_cells(the_case.start, the_case.options.inversion.freeze)),
      model_(clone(the_case.start)) {
  plan_progress();
  if (!fathom::is_guarded(the_case)) return;
  const GuardOptions& guards = the_case.options.inversion.regularizer->guards;
  held_out_ = held_out_shots(int(the_case.survey.shots.size()), guards.held_out, guards.seed);
  if (held_out_.empty())
    throw UserError("there are too few shots to hold any out for the guide's trial",
                    "survey with four shots or more, or set inversion.regularizer.guards.mode off");
  guide_.trust = guards.trust;
}

Inversion::~Inversion() = default;

void Inversion::plan_progress() {
  std::vector<PropagationCost> costs;
  for (const StageOptions& stage : case_.options.inversion.stages) {
    const Band band = make_band(case_, stage, bounds_.max);
    const Propagator propagator(
        stage_setup(case_.options, band, stage_grid(case_.start.grid, stage), bounds_.max));
    costs.push_back(cost_of(propagator));
  }
  plan_ = plan_work(case_, costs);
}

void Inversion::note_progress(const Stage& stage) {
  progress_ = plan_.before(stage.number) + plan_.after(stage.number, stage.iteration);
}

/// With so much done of what comes after what was noted.
void Inversion::show_progress(double ahead) const {
  observer_.on_progress((progress_ + ahead) / plan_.total());
}

InversionResult Inversion::run(const std::optional<Checkpoint>& checkpoint) {
  const std::vector<StageOptions>& stages = case_.options.inversion.stages;
  observer_.say(fmt::format("velocities are kept between {:.0f} and {:.0f} m/s; {} of {} cells are frozen",
                            bounds_.min, bounds_.max, std::count(frozen_.begin(), frozen_.end(), true),
                            frozen_.size()));
  const int first = checkpoint ? int(checkpoint->integers.at("stage")) : 0;
  InversionResult result;
  for (int number = first; number < int(stages.size()); ++number) {
    const std::unique_ptr<Stage> stage = open_stage(number);
    if (checkpoint && number == first) {
      resume_stage(*stage, *checkpoint);
    } else {
      start_stage(*stage);
    }
    std::string reason = why_stop(*stage);
    while (reason.empty()) {
      reason = iterate(*stage);
      if (reason.empty()) reason = why_stop(*stage);
    }
    result.interrupted = communicator_.any(interrupted());
    if (result.interrupted) {
      reports_.push_back(
          {stage->options, stage->start.grid.spacing[0], stage->iteration, "interrupted", stage->divergence});
      model_ = model_after(*stage);
      solves_ += stage->solves();
      break;
    }
    close_stage(*stage, reason);
    if (is_last(*stage)) {
      result.data = final_data(*stage);
      result.regularizer_weight = stage->strength * weight_;
      const bool penalised =
          stage->regularizer && weight_ > 0 && case_.options.inversion.regularizer->weighting != "constraint";
      if (penalised)
        result.regularizer_value =
            stage->problem->terms_of(stage->state.current().value).regularizer / result.regularizer_weight;
    }
  }
  result.model = clone(model_);
  result.stages = reports_;
  result.guide = guide_;
  result.spent = spent_;
  result.pde_solves = solves_;
  result.cell_steps = cell_steps_;
  return result;
}

std::unique_ptr<Inversion::Stage> Inversion::open_stage(int number) {
  const InversionOptions& options = case_.options.inversion;
  auto stage = std::make_unique<Stage>();
  stage->number = number;
  stage->options = options.stages[number];
  stage->planned = stage->options.iterations;
  stage->band = make_band(case_, stage->options, bounds_.max, observed_);
  const Grid grid = stage_grid(case_.start.grid, stage->options);
  stage->propagator = std::make_unique<Propagator>(
      stage_setup(case_.options, stage->band, grid, bounds_.max, fair_share(communicator_.ranks_here())));
  observer_.say(fmt::format("stage {}: history {}", number + 1, stage->propagator->history().reason));
  stage->misfit = misfits().make(options.misfit.kind, options.misfit);
  stage->parameterization = parameterizations().make(options.parameterization);
  const auto misfit_of = [&](const std::vector<int>& shots) {
    return std::make_unique<DataObjective>(DataObjective::Parts{communicator_, *stage->propagator,
                                                                stage->band.survey, stage->band.observed,
                                                                *stage->misfit, stage->band.window, shots});
  };
  stage->shots =
      shots_without(int(case_.survey.shots.size()), is_last(*stage) ? std::vector<int>{} : held_out_);
  stage->data = misfit_of(stage->shots);
  if (is_guarded()) stage->held_out = misfit_of(held_out_);
  stage->data->on_shot = [this, number](int done, int shots) {
    show_progress(0.9 * plan_.stages[number].iteration * done / shots);
  };
  stage->batches = batches_of(number);
  return stage;
}

/// What the optimizer will see, on the stage's grid.
void Inversion::pose_problem(Stage& stage) const {
  const std::optional<RegularizerOptions>& options = case_.options.inversion.regularizer;
  shape_regularizer(stage);
  stage.problem = std::make_unique<StageProblem>(StageProblem::Parts{
      *stage.data, *stage.parameterization, stage.regularizer.get(), bounds_, stage.start, stage.frozen,
      stage.yardstick.get(),
      options ? reference_velocity(*options, stage.start, stage.guidance) : std::vector<double>{},
      method_of(case_.options.inversion, stage.options).method == proximal_method,
      options && options->weighting == "constraint", stage.batches.get(), stage.strength, &spent_});
}

/// The model and what is known of it, on the stage's grid.
void Inversion::enter_grid(Stage& stage) const {
  const Grid grid = stage.propagator->domain().model();
  stage.start = resample(model_, grid);
  stage.frozen = flags_on(grid, frozen_, model_.grid);
  stage.guidance.grid = grid;
}

DepthImage Inversion::take_image(const Stage& stage, const Model& velocity) {
  std::int64_t solves = 0;
  const PropagationCost cost = cost_of(*stage.propagator);
  DepthImage taken =
      reflectivity_image({communicator_, *stage.propagator, stage.band.survey, stage.band.observed,
                          stage.band.window, stage.band.dominant_frequency, stage.shots,
                          [&](double share) { show_progress(share * cost.image()); }},
                         velocity, solves);
  solves_ += solves;
  cell_steps_ += double(solves) * cost.forward;
  progress_ += cost.image();
  return taken;
}

ImageAndModel Inversion::look_at(const Stage& stage, const Model& velocity) {
  return compare_with_image(take_image(stage, velocity), velocity, stage.frozen, stage.band.survey);
}

void Inversion::look_at_start(Stage& stage) {
  if (!case_.options.inversion.divergence) return;
  stage.image = take_image(stage, stage.start);
  stage.divergence =
      figures_of(compare_with_image(*stage.image, stage.start, stage.frozen, stage.band.survey).divergence);
}

/// What it says of the stage's start.
Guidance Inversion::ask_guide(Stage& stage) {
  const std::shared_ptr<const Guide> guide = guide_of(case_);
  Situation situation = situation_at(stage.start, stage.frozen, case_.start, stage.options);
  situation.proven = guide_.proven();
  if (guide->wants_gradient()) add_descent(situation, *stage.data, stage.at_start.emplace());
  if (guide->wants_image() && !stage.image) stage.image = take_image(stage, stage.start);
  if (guide->wants_image()) situation.image = stage.image->reflectivity;
  Guidance guidance;
  {
    const Timed timed(spent_.guide);
    guidance = guide->advise(situation);
  }
  if (case_.options.inversion.regularizer->denoises() && guidance.abstained.empty()) {
    guidance.image = situation.image;
    guidance.descent = situation.descent;
    guidance.illumination = situation.illumination;
  }
  share_guidance(guidance, communicator_);
  const std::string fault = is_guarded() ? fault_of(guidance) : "";
  if (!fault.empty()) guidance = abstention(guidance.grid, fault);
  if (!guidance.abstained.empty()) observer_.say("warning: " + guidance.abstained);
  return guidance;
}

/// As the guide made it at the stage's start, also when an interrupted run goes on.
std::shared_ptr<const Denoiser> Inversion::denoiser_of(const Stage& stage) const {
  Situation situation = situation_at(stage.start, stage.frozen, case_.start, stage.options);
  situation.image = stage.guidance.image;
  situation.descent = stage.guidance.descent;
  situation.illumination = stage.guidance.illumination;
  return guide_of(case_)->denoiser(situation);
}

void Inversion::shape_regularizer(Stage& stage) const {
  const std::optional<RegularizerOptions>& options = case_.options.inversion.regularizer;
  if (!options) return;
  RegularizerShape shape;
  shape.eps = slope_of_jump(options->eps * std::pow(options->eps_decay, stage.number), stage.start.grid);
  if (!options->denoises()) stage.yardstick = regularizers().make(options->functional(), shape);
  if (!(stage.strength > 0)) return;
  if (stage.guidance.denoises()) shape.denoiser = denoiser_for(*stage.parameterization, denoiser_of(stage));
  shape.guidance = guidance_for(*stage.parameterization, stage.guidance);
  stage.regularizer = regularizers().make(options->functional(), shape);
}

/// From the problem's starting point.
void Inversion::begin_optimizer(Stage& stage) const {
  const OptimizerOptions method = method_of(case_.options.inversion, stage.options);
  const auto optimizer = optimizers().make(method.method, method);
  stage.box = stage.problem->box();
  stage.state = optimizer->start(stage.problem->starting_point(), *stage.problem, stage.box);
  take_value(stage);
}

/// Measures the stage's problem at its start. `former_weight` is the regularizer's in the stage before.
void Inversion::weigh(Stage& stage, double former_weight) {
  const InversionOptions& options = case_.options.inversion;
  const std::optional<RegularizerOptions>& regularizer = options.regularizer;
  const bool anew = stage.number == 0 || (regularizer && regularizer->denoises());
  const bool relative = regularizer && regularizer->weighting == "relative" && anew;
  const double weight = !regularizer ? 0
                        : regularizer->weighting == "constraint"
                            ? regularizer->weight * std::pow(1 + regularizer->relaxation, stage.number)
                        : anew ? regularizer->weight * std::pow(regularizer->decay, stage.number)
                               : former_weight * regularizer->decay;
  stage.problem->measure(
      stage.batches ? options.optimizer.adam.illumination_floor : options.illumination_floor, weight,
      relative, stage.at_start ? &*stage.at_start : nullptr);
  weight_ = stage.problem->regularizer_weight();
}

/// Poses the stage's problem as its guidance would have it and evaluates its start.
void Inversion::begin_course(Stage& stage, double former_weight) {
  pose_problem(stage);
  weigh(stage, former_weight);
  begin_optimizer(stage);
}

void Inversion::start_stage(Stage& stage) {
  enter_grid(stage);
  look_at_start(stage);
  if (is_guarded()) return start_guarded(stage);
  if (case_.options.inversion.regularizer) stage.guidance = ask_guide(stage);
  begin_course(stage, weight_);
  share_what_is_left(stage);
  introduce(stage);
  note_progress(stage);
  observer_.on_iteration(report_on(stage, {}), model_after(stage));
  save(stage);
}

void Inversion::introduce(const Stage& stage) const {
  const Grid& grid = stage.start.grid;
  observer_.say(fmt::format(
      "stage {} of {}: up to {:g} Hz on {} x {} x {} cells of {:g} m, step {:.4g} ms, {}", stage.number + 1,
      case_.options.inversion.stages.size(), stage.options.max_frequency, grid.size[0], grid.size[1],
      grid.size[2], grid.spacing[0], 1e3 * stage.propagator->time_step(),
      stage.planned == 1 ? "1 iteration" : fmt::format("{} iterations", stage.planned)));
  if (!stage.batches) return;
  const ShotBatches& batches = *stage.batches;
  const std::string work = batches.encoded()
                               ? fmt::format("sets off all shots in groups, {} in all", batches.size())
                               : fmt::format("works on {} of {} shots", batches.size(), stage.shots.size());
  observer_.say(fmt::format(
      "each iteration {}; the misfit of an iteration is the mean of the last {}, each from its {} "
      "alone and at the model before its step",
      work, batches.per_epoch(), batches.encoded() ? "signs" : "shots"));
}

OptimizerStep Inversion::advance(Stage& stage) {
  OptimizerOptions options = method_of(case_.options.inversion, stage.options);
  options.max_evaluations = affordable_evaluations(stage);
  options.adam.planned_iterations = stage.planned;
  const auto optimizer = optimizers().make(options.method, options);
  const double unit = optimizer->is_stochastic() ? stage.problem->meter_per_second() : 1;
  const OptimizerStep step = optimizer->iterate(stage.state, *stage.problem, stage.box, unit);
  ++stage.iteration;
  take_value(stage);
  return step;
}

std::string Inversion::iterate(Stage& stage) {
  const OptimizerStep step = advance(stage);
  note_progress(stage);
  observer_.on_iteration(report_on(stage, step), model_after(stage));
  save(stage);
  return step.stuck ? step.explanation : "";
}

/// Notes what the objective said of the current point.
void Inversion::take_value(Stage& stage) const {
  const double value = stage.state.current().value;
  stage.values.push_back(value);
  stage.misfits.push_back(stage.problem->terms_of(value).data);
}

/// Of the current point, or a stochastic method's running estimate: the mean over the last epoch, in which
/// every shot has its say once (so many iterations as there have been at first).
double Inversion::misfit_now(const Stage& stage) const {
  if (!stage.batches) return stage.misfits.back();
  const std::ptrdiff_t count = std::clamp(stage.iteration, 1, stage.batches->per_epoch());
  return std::accumulate(stage.misfits.end() - count, stage.misfits.end(), 0.) / double(count);
}

IterationReport Inversion::report_on(const Stage& stage, const OptimizerStep& step) const {
  const Iterate& current = stage.state.current();
  const StageProblem::Terms& terms = stage.problem->terms_of(current.value);
  IterationReport report;
  report.stage = stage.number;
  report.iteration = stage.iteration;
  report.pde_solves = solves_ + stage.solves();
  report.misfit = misfit_now(stage);
  report.regularization = terms.regularizer;
  report.objective = stage.batches ? report.misfit + terms.regularizer : current.value;
  report.gradient_norm = norm(current.gradient);
  report.step = step.step_length;
  report.evaluations = stage.iteration == 0 ? 1 : step.evaluations;
  report.explanation = step.explanation;
  if (stage.iteration == 0) report.divergence = stage.divergence;
  return report;
}

/// The model on the inversion's grid: what the stage changed is added to what it started from, so that a
/// coarser stage leaves sharp contrasts as they are.
Model Inversion::model_after(const Stage& stage) const {
  const Model now = stage.problem->model(stage.state.current().x);
  if (now.grid == model_.grid) return now;
  std::vector<double> values = to_host(now.at("vp"));
  const std::vector<double> before = to_host(stage.start.at("vp"));
  for (std::size_t cell = 0; cell < values.size(); ++cell) values[cell] -= before[cell];
  const std::vector<double> update = on_own_grid(values, now.grid);
  std::vector<double> velocity = to_host(model_.at("vp"));
  for (std::size_t cell = 0; cell < velocity.size(); ++cell)
    if (!frozen_[cell]) velocity[cell] = std::clamp(velocity[cell] + update[cell], bounds_.min, bounds_.max);
  Model result = clone(model_);
  from_host(velocity, result["vp"]);
  return result;
}

/// From a stage's grid to that of the inversion.
std::vector<double> Inversion::on_own_grid(const std::vector<double>& values, const Grid& grid) const {
  Model change{grid, {}};
  change["vp"] = make_field("change", grid);
  from_host(values, change["vp"]);
  return to_host(interpolate(change, model_.grid).at("vp"));
}

bool Inversion::is_last(const Stage& stage) const {
  return stage.number + 1 == int(case_.options.inversion.stages.size());
}

/// A stochastic method has not seen what its last model is worth: this asks all its shots, one solve each,
/// and goes back to the stage's start if that was better.
void Inversion::keep_the_better(Stage& stage) {
  stage.closing_prediction.emplace();
  std::vector<double>& x = stage.state.visited.back().x;
  const double start = stage.values.front(), end = stage.problem->value(x, *stage.closing_prediction);
  observer_.say(fmt::format("the objective of {} shots is {:.5g} after {:.5g} at the stage's start",
                            stage.held_out && !is_last(stage) ? "the inverted" : "all", end, start));
  if (end <= start) return;
  observer_.say("the start is kept: a smaller inversion.optimizer.adam.step or a larger batch may do better");
  x = stage.problem->starting_point();
  stage.closing_prediction.reset();
}

void Inversion::close_stage(Stage& stage, const std::string& reason) {
  observer_.say(
      fmt::format("stage {} ended after {} iterations: {}", stage.number + 1, stage.iteration, reason));
  if (stage.batches && stage.iteration > 0) keep_the_better(stage);
  reports_.push_back({stage.options, stage.start.grid.spacing[0], stage.iteration, reason, stage.divergence});
  model_ = model_after(stage);
  solves_ += stage.solves();
  cell_steps_ += double(stage.solves()) * stage.propagator->cell_steps();
  progress_ = plan_.before(stage.number + 1);
  observer_.on_stage_end(stage.number, model_);
}

FinalData Inversion::final_data(Stage& stage) {
  const std::int64_t before = stage.data->solves();
  FinalData data;
  data.initial = stage.data->predict(resample(case_.start, stage.start.grid));
  data.predicted = stage.closing_prediction
                       ? std::move(*stage.closing_prediction)
                       : stage.data->predict(stage.problem->model(stage.state.current().x));
  data.initial_misfit = stage.data->misfit_of(data.initial);
  data.final_misfit = stage.data->misfit_of(data.predicted);
  solves_ += stage.data->solves() - before;
  cell_steps_ += double(stage.data->solves() - before) * stage.propagator->cell_steps();
  if (case_.options.inversion.divergence) {
    data.initial_image = look_at(stage, resample(case_.start, stage.start.grid));
    data.final_image = look_at(stage, stage.problem->model(stage.state.current().x));
  }
  data.survey = stage.band.survey;
  data.observed = std::move(stage.band.observed);
  return data;
}

}  // namespace fathom
