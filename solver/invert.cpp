// SPDX-License-Identifier: BSD-3-Clause

// `fathom invert`: a run folder around an inversion.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "io/checkpoint.hpp"
#include "io/gather_file.hpp"
#include "io/model_file.hpp"
#include "io/progress.hpp"
#include "io/run_folder.hpp"
#include "physics/error.hpp"
#include "solver/check.hpp"
#include "solver/commands.hpp"
#include "solver/inversion.hpp"
#include "solver/metrics.hpp"
#include "solver/proposal_files.hpp"
#include "solver/simulation.hpp"

namespace fathom {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Seconds that this run and the ones it resumes have taken.
class Stopwatch {
 public:
  explicit Stopwatch(double before) : before_(before) {}
  double seconds() const {
    return before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  double before_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::optional<ModelErrors> errors_of(const Case& the_case, const Model& model) {
  if (!the_case.truth) return std::nullopt;
  const std::vector<bool> frozen = frozen_cells(the_case.start, the_case.options.inversion.freeze);
  return compare(model, *the_case.truth, flags_on(the_case.truth->grid, frozen, the_case.start.grid));
}

nlohmann::json model_metrics(const ModelErrors& initial, const ModelErrors& final) {
  nlohmann::json metrics;
  const auto add = [&](const std::string& suffix, const VelocityErrors& before, const VelocityErrors& after) {
    metrics["relative_l2" + suffix] = {{"initial", before.relative_l2}, {"final", after.relative_l2}};
    metrics["rmse_m_s" + suffix] = {{"initial", before.rmse_m_s}, {"final", after.rmse_m_s}};
    metrics["mae_m_s" + suffix] = {{"initial", before.mae_m_s}, {"final", after.mae_m_s}};
    metrics["ssim" + suffix] = {{"initial", before.ssim}, {"final", after.ssim}};
  };
  add("", initial.unfrozen, final.unfrozen);
  add("_all", initial.all, final.all);
  return metrics;
}

nlohmann::json divergence_metrics(const Divergence& initial, const Divergence& final) {
  return {{"half_jeffreys", {{"initial", initial.half_jeffreys}, {"final", final.half_jeffreys}}},
          {"jensen_shannon", {{"initial", initial.jensen_shannon}, {"final", final.jensen_shannon}}},
          {"orientation", {{"initial", initial.orientation}, {"final", final.orientation}}}};
}

nlohmann::json guide_metrics(const GuideRecord& guide) {
  const auto of = [](const Fates& fates) {
    return nlohmann::json{{"accepted", fates.accepted}, {"rejected", fates.rejected}};
  };
  return {{"accepted", guide.jumps.accepted + guide.steering.accepted},
          {"rejected", guide.jumps.rejected + guide.steering.rejected},
          {"abstained", guide.abstained},
          {"jumps", of(guide.jumps)},
          {"steering", of(guide.steering)},
          {"pde_solves", guide.solves}};
}

/// All that `invert` writes while the inversion runs, in the order in which things happen.
class Run {
 public:
  /// The variant's name stands before what goes to the terminal, where there is no bar then.
  Run(const Case& the_case, const RunFolder& folder, const std::optional<Checkpoint>& checkpoint,
      Communicator& communicator, const std::string& variant)
      : case_(the_case),
        folder_(folder),
        communicator_(communicator),
        watch_(checkpoint ? checkpoint->arrays.at("wall_s").at(0) : 0.),
        rows_(checkpoint ? checkpoint->integers.at("history_rows") : 0),
        shows_progress_(communicator.is_root() && variant.empty()),
        log_(folder.path("log.txt"), communicator.is_root(), std::cout,
             variant.empty() ? "" : "[" + variant + "] "),
        history_(folder.path("history.csv"),
                 {"stage", "iteration", "pde_solves", "misfit", "regularization", "objective",
                  "gradient_norm", "step", "evaluations", "model_relative_l2", "model_rmse_m_s",
                  "half_jeffreys", "jensen_shannon", "orientation", "wall_s"},
                 communicator.is_root(), std::size_t(rows_)),
        status_file_(folder.path("status.json"), communicator.is_root()) {
    if (is_guarded(the_case)) proposals_.emplace(folder, communicator.is_root(), checkpoint);
    status_.stages = int(the_case.options.inversion.stages.size());
    log_.before_line([this] {
      if (progress_) progress_->clear();
    });
  }

  Log& log() { return log_; }

  Gathers observe() {
    begin("preparing data", 1);
    status_.state = "running";
    status_.message = the_case_has_file() ? "reading the data" : "simulating the data";
    Gathers observed = observed_data(case_, communicator_, [this](int done, int shots) {
      progress_->update(double(done) / shots);
      status_file_.update(status_);
    });
    progress_.reset();
    return observed;
  }

  InversionObserver observer() {
    begin("inverting", 1);
    InversionObserver observer;
    observer.say = [this](const std::string& line) { log_.info(line); };
    observer.on_progress = [this](double share) { show_progress(share); };
    observer.on_iteration = [this](const IterationReport& report, const Model& model) {
      record(report, model);
    };
    observer.on_checkpoint = [this](const Checkpoint& checkpoint) { save(checkpoint); };
    observer.on_proposal = [this](const Proposal& proposal) {
      proposals_->add(proposal);
      write_models_now(proposal.model);
    };
    observer.on_stage_end = [this](int stage, const Model& model) {
      stage_models_.emplace_back(fmt::format("/stages/{:02}", stage), clone(model));
      write_models_now(model);
    };
    return observer;
  }

  /// The models of the stages before the checkpoint's. A later one may be in the file as well, when the run
  /// was killed behind its last checkpoint.
  void restore_stage_models(std::int64_t stages) {
    if (!communicator_.is_root()) return;
    const std::string path = folder_.path("models.h5");
    for (std::int64_t stage = 0; stage < stages; ++stage) {
      const std::string group = fmt::format("/stages/{:02}", stage);
      if (!std::filesystem::exists(path) || !Hdf5File::open(path).exists(group)) return;
      stage_models_.emplace_back(group, read_model_group(path, group));
    }
  }

  int finish(const InversionResult& result) {
    progress_.reset();
    add_pictures("initial", result.data.initial_image);
    add_pictures("final", result.data.final_image);
    write_models_now(result.model);
    if (!result.interrupted) write_data(result.data);
    write_metrics(result);
    status_.state = result.interrupted ? "interrupted" : "done";
    status_.progress = result.interrupted ? status_.progress : 1;
    status_.eta_s = result.interrupted ? unknown : 0;
    status_.elapsed_s = watch_.seconds();
    status_.pde_solves = result.pde_solves;
    status_.message = result.interrupted ? "stopped on request; go on with --resume" : "";
    status_file_.update(status_);
    log_.info(result.interrupted
                  ? "stopped on request after " + format_duration(watch_.seconds()) +
                        "; go on with: fathom invert ... --resume"
                  : "done in " + format_duration(watch_.seconds()) + "; results are in " + folder_.folder());
    return result.interrupted ? 130 : 0;
  }

  void fail(const std::string& reason) {
    progress_.reset();
    status_.state = "failed";
    status_.message = reason;
    try {
      status_file_.update(status_);
    } catch (const std::exception&) {  // a disk that is full says so once, by the reason
    }
  }

 private:
  bool the_case_has_file() const { return case_.data_file.has_value(); }

  void begin(const std::string& title, double total) {
    progress_ =
        std::make_unique<Progress>(title, total, ProgressOutput::standard(shows_progress_), status_.progress);
  }

  void show_progress(double share) {
    progress_->update(share,
                      std::isfinite(status_.misfit) ? fmt::format("misfit {:.4g}", status_.misfit) : "");
    status_.progress = share;
    status_.elapsed_s = watch_.seconds();
    status_.eta_s = progress_->remaining();
    status_file_.update(status_);
  }

  void record(const IterationReport& report, const Model& model) {
    const std::optional<ModelErrors> errors = errors_of(case_, model);
    const double relative = errors ? errors->unfrozen.relative_l2 : unknown;
    const double rmse = errors ? errors->unfrozen.rmse_m_s : unknown;
    const DivergenceFigures of_start =
        report.divergence.value_or(DivergenceFigures{unknown, unknown, unknown});
    history_.append({std::int64_t(report.stage), std::int64_t(report.iteration), report.pde_solves,
                     report.misfit, report.regularization, report.objective, report.gradient_norm,
                     report.step, std::int64_t(report.evaluations), relative, rmse, of_start.half_jeffreys,
                     of_start.jensen_shannon, of_start.orientation, watch_.seconds()});
    ++rows_;
    status_.stage = report.stage + 1;
    status_.iteration = report.iteration;
    status_.iterations = case_.options.inversion.stages[report.stage].iterations;
    status_.misfit = report.misfit;
    status_.pde_solves = report.pde_solves;
    status_.message = report.explanation;
    log_.info(fmt::format("  iteration {:3}  misfit {:<10.5g}{}  {} solves  {}{}", report.iteration,
                          report.misfit, errors ? fmt::format("  model error {:.0f} m/s", rmse) : "",
                          report.pde_solves, format_duration(watch_.seconds()),
                          report.explanation.empty() ? "" : "  " + report.explanation));
    if (watch_.seconds() - models_written_ > 20) write_models_now(model);
  }

  void save(Checkpoint checkpoint) {
    checkpoint.integers["history_rows"] = rows_;
    checkpoint.arrays["wall_s"] = {watch_.seconds()};
    if (communicator_.is_root()) write_checkpoint(folder_.path("checkpoint.h5"), checkpoint);
    communicator_.barrier();  // no rank goes on before the checkpoint is safe
  }

  void add_pictures(const std::string& when, const std::optional<ImageAndModel>& pictures) {
    if (!pictures) return;
    pictures_.emplace_back("/image/" + when, clone(pictures->pictures));
    pictures_.emplace_back("/divergence/" + when, clone(pictures->divergence.map));
  }

  void write_models_now(const Model& model) {
    models_written_ = watch_.seconds();
    if (!communicator_.is_root()) return;
    std::vector<std::pair<std::string, const Model*>> models;
    if (case_.truth) models.emplace_back("/true", &*case_.truth);
    models.emplace_back("/start", &case_.start);
    models.emplace_back("/model", &model);
    for (const auto& [group, stage_model] : stage_models_) models.emplace_back(group, &stage_model);
    for (const auto& [group, pictures] : pictures_) models.emplace_back(group, &pictures);
    if (proposals_)
      for (const auto& [group, fields] : proposals_->models()) models.emplace_back(group, &fields);
    write_models_for_display(folder_.path("models.h5"), models);
  }

  void write_data(const FinalData& data) {
    write_gathers(folder_.path("gathers.h5"), communicator_, data.survey, {"data", "initial", "predicted"},
                  [&](int shot, const std::string& name) -> const Gather* {
                    const Gathers& of = name == "data"      ? data.observed
                                        : name == "initial" ? data.initial
                                                            : data.predicted;
                    const auto found = of.find(shot);
                    return found == of.end() ? nullptr : &found->second;
                  });
  }

  void write_metrics(const InversionResult& result) {
    if (!communicator_.is_root()) return;
    nlohmann::json metrics;
    metrics["case"] = case_.name;
    metrics["title"] = case_.options.title;
    metrics["state"] = result.interrupted ? "interrupted" : "done";
    metrics["ranks"] = communicator_.size();
    metrics["pde_solves"] = result.pde_solves;
    metrics["cell_steps"] = result.cell_steps;
    metrics["wall_s"] = watch_.seconds();
    metrics["regularizer_s"] = result.spent.regularizer;  // of these
    metrics["guide_s"] = result.spent.guide;
    if (!result.interrupted)
      metrics["data_misfit"] = {{"initial", result.data.initial_misfit}, {"final", result.data.final_misfit}};
    if (case_.truth)
      metrics["model"] = model_metrics(*errors_of(case_, case_.start), *errors_of(case_, result.model));
    if (result.data.initial_image)
      metrics["divergence"] =
          divergence_metrics(result.data.initial_image->divergence, result.data.final_image->divergence);
    if (result.regularizer_value)
      metrics["regularizer"] = {{"weight", result.regularizer_weight}, {"value", *result.regularizer_value}};
    metrics["guide"] = guide_metrics(result.guide);
    for (const StageReport& stage : result.stages) {
      metrics["stages"].push_back({{"min_frequency", stage.options.min_frequency},
                                   {"max_frequency", stage.options.max_frequency},
                                   {"spacing", stage.spacing},
                                   {"iterations", stage.iterations},
                                   {"reason", stage.reason}});
      if (stage.divergence)
        metrics["stages"].back()["divergence"] = {{"half_jeffreys", stage.divergence->half_jeffreys},
                                                  {"jensen_shannon", stage.divergence->jensen_shannon},
                                                  {"orientation", stage.divergence->orientation}};
    }
    write_file_atomically(folder_.path("metrics.json"), metrics.dump(2) + "\n");
  }

  const Case& case_;
  const RunFolder& folder_;
  Communicator& communicator_;
  Stopwatch watch_;
  std::int64_t rows_;
  bool shows_progress_;
  Log log_;
  Table history_;
  std::optional<ProposalFiles> proposals_;
  StatusFile status_file_;
  Status status_;
  std::unique_ptr<Progress> progress_;
  std::vector<std::pair<std::string, Model>> stage_models_;
  std::vector<std::pair<std::string, Model>> pictures_;  // images of the data, the model's distance from them
  double models_written_ = 0;
};

/// Where the run in this folder came to, when it is to go on from there.
std::optional<Checkpoint> find_checkpoint(const Case& the_case, const RunFolder& folder, bool resume) {
  const std::string path = folder.path("checkpoint.h5");
  if (!resume || !std::filesystem::exists(path)) return std::nullopt;
  Checkpoint checkpoint = read_checkpoint(path);
  if (checkpoint.texts.at("case") != to_yaml(the_case.options))
    throw UserError(
        "the case has changed since the checkpoint " + path + " was written",
        "undo the change (case.yaml in the run folder is what was run), or start again in another "
        "folder");
  return checkpoint;
}

}  // namespace

int invert(const CaseArguments& arguments, Communicator& communicator) {
  // 1. Everything that can be wrong is found before anything is written.
  const Case the_case = load_case(arguments.path, arguments.settings, arguments.data);
  Forecast forecast;
  const std::vector<Finding> findings = check(the_case, communicator, forecast);
  require_sound(the_case, findings);

  // 2. The run folder, and where a former run came to.
  const RunFolder folder(arguments.out.empty() ? "runs/" + the_case.name : arguments.out, arguments.resume,
                         communicator);
  const std::optional<Checkpoint> checkpoint = find_checkpoint(the_case, folder, arguments.resume);
  communicator.barrier();
  Run run(the_case, folder, checkpoint, communicator, arguments.variant);
  if (communicator.is_root()) write_file_atomically(folder.path("case.yaml"), resolved_yaml(the_case));
  if (checkpoint) run.restore_stage_models(checkpoint->integers.at("stage"));
  run.log().info(
      fmt::format("{}: {} shots on {}", the_case.name, the_case.survey.shots.size(),
                  communicator.size() == 1 ? "1 rank" : fmt::format("{} ranks", communicator.size())));
  run.log().info("forecast: " + in_words(forecast));
  for (const Finding& finding : findings)
    if (finding.level == Finding::Level::warning) run.log().warning(finding.topic + ": " + finding.found);

  // 3. The data, the inversion, the results.
  try {
    Gathers observed = run.observe();
    Inversion inversion(the_case, communicator, std::move(observed), run.observer());
    return run.finish(inversion.run(checkpoint));
  } catch (const std::exception& error) {
    run.fail(error.what());
    throw;
  }
}

}  // namespace fathom
