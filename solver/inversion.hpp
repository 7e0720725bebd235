// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/checkpoint.hpp"
#include "solver/band.hpp"
#include "solver/case.hpp"
#include "solver/guards.hpp"
#include "solver/metrics.hpp"
#include "solver/objective.hpp"
#include "solver/optimizer.hpp"
#include "solver/reflectivity.hpp"
#include "solver/spent_time.hpp"
#include "solver/work_plan.hpp"

namespace fathom {

/// How far a model is from the depth image of the data, in a stage's band.
struct DivergenceFigures {
  double half_jeffreys = 0, jensen_shannon = 0, orientation = 0;
};

/// What is reported after every iteration; iteration 0 is a stage's start.
struct IterationReport {
  int stage = 0, iteration = 0;
  std::int64_t pde_solves = 0;
  double misfit = 0, regularization = 0, objective = 0;
  double gradient_norm = 0;
  double step = 0;  ///< in units of the optimizer's direction
  int evaluations = 0;
  std::optional<DivergenceFigures> divergence;  ///< of a stage's start
  std::string explanation;
};

/// How a stage went.
struct StageReport {
  StageOptions options;
  double spacing = 0;
  int iterations = 0;
  std::string reason;                           ///< why it ended, in words
  std::optional<DivergenceFigures> divergence;  ///< of its start
};

/// What observers may want to do while an inversion runs. All are called on every rank, in step.
struct InversionObserver {
  std::function<void(const std::string&)> say = [](const std::string&) {};
  std::function<void(const IterationReport&, const Model&)> on_iteration = [](const IterationReport&,
                                                                              const Model&) {};
  std::function<void(int stage, const Model&)> on_stage_end = [](int, const Model&) {};
  /// Once it is decided on.
  std::function<void(const Proposal&)> on_proposal = [](const Proposal&) {};
  /// Everything needed to go on from here; the first call comes before the first iteration.
  std::function<void(const Checkpoint&)> on_checkpoint = [](const Checkpoint&) {};
  /// Share of the planned work that is done, 0 .. 1.
  std::function<void(double share)> on_progress = [](double) {};
};

/// The data and predictions of the last band, for figures.
struct FinalData {
  Survey survey;
  Gathers observed, initial, predicted;
  double initial_misfit = 0, final_misfit = 0;
  std::optional<ImageAndModel> initial_image, final_image;  ///< of the start and the result
};

struct InversionResult {
  Model model;
  std::vector<StageReport> stages;
  FinalData data;
  double regularizer_weight = 0;            ///< of the last stage
  std::optional<double> regularizer_value;  ///< R of the result, where it is a penalty
  GuideRecord guide;
  std::int64_t pde_solves = 0;
  double cell_steps = 0;
  SpentTime spent;
  bool interrupted = false;
};

/// Recovers a model: frequency stages, each a minimisation of data misfit plus regularizer within bounds.
///
/// Deterministic: on the same ranks it repeats bit for bit, also when it was stopped anywhere and goes on
/// from a checkpoint. Every propagation of a shot is counted as one PDE solve.
///
/// A guide that is guarded is tried before it is believed (guards.hpp). Some shots are held out in all stages
/// but the last. Each stage may begin with a jump to the guide's reference, or else is steered by it, where
/// pilots of a few iterations say so; what the guide says fades to nothing in the last stage, where the
/// regularizer stays if it was accepted before and is again.
class Inversion {
 public:
  Inversion(const Case& the_case, Communicator& communicator, Gathers observed, InversionObserver observer);
  ~Inversion();

  /// From the start, or from a checkpoint that a former run of the same case wrote. UserError when the case
  /// changed.
  InversionResult run(const std::optional<Checkpoint>& checkpoint);

 private:
  struct Stage;

  std::unique_ptr<Stage> open_stage(int number);
  void enter_grid(Stage& stage) const;
  DepthImage take_image(const Stage& stage, const Model& velocity);
  void look_at_start(Stage& stage);
  ImageAndModel look_at(const Stage& stage, const Model& velocity);
  Guidance ask_guide(Stage& stage);
  void start_guarded(Stage& stage);
  void judge_jump(const Stage& stage, const Jump& jump, Proposal& proposal) const;
  std::optional<Proposal> propose_jump(Stage& stage, const Guidance& advice);
  bool is_heard(const Guidance& advice) const;
  /// A few iterations from a stage's start.
  struct Pilot {
    std::vector<std::pair<IterationReport, Model>> reports;  // the start's first
    std::vector<double> scores;                              // misfit of each held-out shot, if complete
    std::int64_t solves = 0;                                 // that got it there
    bool complete = false, stuck = false;
  };
  struct Branch;
  Pilot begin_pilot(const Stage& stage) const;
  void fly(Stage& stage, Pilot& pilot, int iterations);
  int iterations_of(const Stage& stage, int passes) const;
  void swap(Stage& stage, Branch& other);
  bool stays_ahead(Stage& stage, Branch& without, Proposal& proposal, Pilot& jumped, Pilot& flown);
  void fly_jump(Stage& stage, Proposal& proposal, double former_weight, Pilot& flown);
  void fly_steering(Stage& stage, const Guidance& advice, Pilot& flown);
  bool steers_better(Stage& stage, const Guidance& advice, double strength, Pilot& flown);
  void know_start(Stage& stage) const;
  void announce(const Stage& stage, Proposal& proposal);
  void pose_problem(Stage& stage) const;
  void shape_regularizer(Stage& stage) const;
  std::shared_ptr<const Denoiser> denoiser_of(const Stage& stage) const;
  void start_stage(Stage& stage);
  void begin_course(Stage& stage, double former_weight);
  void weigh(Stage& stage, double former_weight);
  void begin_optimizer(Stage& stage) const;
  void introduce(const Stage& stage) const;
  void resume_stage(Stage& stage, const Checkpoint& checkpoint);
  OptimizerStep advance(Stage& stage);
  std::string iterate(Stage& stage);
  std::string why_stop(const Stage& stage) const;
  int shots_of(int stage) const;
  std::unique_ptr<ShotBatches> batches_of(int stage) const;
  double solves_of_iteration(int stage) const;
  std::int64_t solves_to_come(int stage) const;
  void share_what_is_left(Stage& stage) const;
  int affordable_evaluations(const Stage& stage) const;
  void take_value(Stage& stage) const;
  double misfit_now(const Stage& stage) const;
  void keep_the_better(Stage& stage);
  IterationReport report_on(const Stage& stage, const OptimizerStep& step) const;
  bool is_last(const Stage& stage) const;
  bool is_guarded() const { return !held_out_.empty(); }
  std::vector<double> on_own_grid(const std::vector<double>& values, const Grid& grid) const;
  void save(const Stage& stage) const;
  void close_stage(Stage& stage, const std::string& reason);
  Model model_after(const Stage& stage) const;
  FinalData final_data(Stage& stage);
  void plan_progress();
  void note_progress(const Stage& stage);
  void show_progress(double ahead) const;

  const Case& case_;
  Communicator& communicator_;
  Gathers observed_;
  InversionObserver observer_;
  VelocityBounds bounds_;
  std::vector<bool> frozen_;
  std::vector<int> held_out_;  // places of the shots that a guarded guide is judged by
  Model model_;                // at the stage's start, on the inversion's grid
  double weight_ = 0;          // of the regularizer, absolute, in the current stage
  GuideRecord guide_;
  std::vector<StageReport> reports_;
  std::int64_t solves_ = 0;  // before the current stage, or the checkpoint
  double cell_steps_ = 0;
  WorkPlan plan_;            // in cell steps over one shot
  double progress_ = 0;      // of the plan, done
  mutable SpentTime spent_;  // a clock's, nothing depends on it
};

}  // namespace fathom
