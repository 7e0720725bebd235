// SPDX-License-Identifier: BSD-3-Clause

// `fathom train`: the training set of a recipe, and the network that learns from it.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "io/config.hpp"
#include "io/progress.hpp"
#include "io/run_folder.hpp"
#include "ml/learner.hpp"
#include "physics/error.hpp"
#include "solver/commands.hpp"
#include "solver/interrupt.hpp"
#include "solver/sweep.hpp"
#include "solver/train_network.hpp"
#include "solver/training_set.hpp"

namespace fathom {
namespace {

namespace fs = std::filesystem;

RecipeOptions read_recipe(const std::string& path, const std::vector<std::string>& settings) {
  const Config config = Config::from_file(path, settings);
  RecipeOptions recipe;
  config.read(recipe);
  require_ranges(recipe);
  return recipe;
}

/// A folder that was begun by another recipe cannot be gone on with.
void require_same_recipe(const RunFolder& folder, const RecipeOptions& recipe,
                         const CaseArguments& arguments) {
  const std::string path = folder.path("recipe.yaml");
  if (!fs::exists(path)) return;
  RecipeOptions before;
  Config::from_file(path).read(before);
  before.title = recipe.title;
  // More of the same may be asked for, or another training on it, or rounds after it; what a network has had
  // its say in stands.
  if (before.on_policy.rounds == 0) {
    before.models = recipe.models;
    before.validation = recipe.validation;
    before.network = recipe.network;
    before.training = recipe.training;
    before.on_policy = recipe.on_policy;
  } else if (before.on_policy.rounds < recipe.on_policy.rounds) {
    before.on_policy.rounds = recipe.on_policy.rounds;
  }
  if (to_yaml(before) != to_yaml(recipe))
    throw UserError(folder.folder() + " was begun with another recipe than " + arguments.path,
                    "undo the change (recipe.yaml in the folder is what was run), or take another --out");
}

/// A round of a recipe, and the network that guides its inversions: that of the round before.
struct Round {
  const RecipeOptions& recipe;
  int number = 0;
  std::optional<std::string> guide{};

  int models() const { return recipe.models_of_round(number); }
};

/// The models that are not there yet, this rank's share of them, and how far that has come.
class Making {
 public:
  Making(const Round& round, TrainingSet& set, Communicator& communicator)
      : round_(round), set_(set), communicator_(communicator) {
    for (int number = 0; number < round.models(); ++number)
      if (!set.has(number)) missing_.push_back(number);
    communicator.barrier();  // every rank has looked before one writes
  }

  int missing() const { return int(missing_.size()); }

  /// Whether all were made; false: interrupted. Leaves the number of this rank's samples.
  bool make(Log& log, int& samples) {
    const int all = round_.models(), done = all - missing();
    Progress progress("inverting models", all, ProgressOutput::standard(communicator_.is_root()), done);
    log.before_line([&] { progress.clear(); });
    for (std::size_t i = std::size_t(communicator_.rank()); i < missing_.size() && !interrupted();
         i += std::size_t(communicator_.size())) {
      const ModelSamples model = named_samples(missing_[i]);
      if (interrupted()) break;  // the inversion may have been: its states are not all
      set_.add(missing_[i], model);
      samples += int(model.samples.size());
      progress.update(std::min<double>(all, done + double(i) + communicator_.size()));
    }
    progress.clear();
    log.before_line({});
    return !communicator_.any(interrupted());
  }

 private:
  ModelSamples named_samples(int number) const {
    try {
      return samples_of_model(round_.recipe, number, round_.guide);
    } catch (const std::exception& error) {
      throw RunError(fmt::format("model {} of the recipe: {}", number, error.what()));
    }
  }

  const Round& round_;
  TrainingSet& set_;
  Communicator& communicator_;
  std::vector<int> missing_;
};

/// Whether it is complete; false: interrupted.
bool make_set(const Round& round, TrainingSet& set, Log& log, Communicator& communicator) {
  Making making(round, set, communicator);
  log.info(fmt::format("{} of {} models are to be inverted{}, on {} rank{}", making.missing(), round.models(),
                       round.guide ? ", guided by " + *round.guide : "", communicator.size(),
                       communicator.size() == 1 ? "" : "s"));
  const auto begin = std::chrono::steady_clock::now();
  int samples = 0;
  const bool complete = making.make(log, samples);
  double all = samples;
  communicator.sum(&all, 1);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (all > 0)
    log.info(fmt::format("{:.0f} samples in {}: {:.3g} a minute", all, format_duration(seconds),
                         60 * all / seconds));
  if (!complete) return false;
  if (!set.is_joined(round.models())) {
    if (communicator.is_root())
      set.join(round.models(), to_yaml(recipe_of_round(round.recipe, round.number)));
    communicator.barrier();
    set = TrainingSet(set.folder());
  }
  log.info("the training set is complete; SHA-256 of its values: " + set.hash());
  return true;
}

/// A recipe's folder, which may have been begun before.
RunFolder open_folder(const CaseArguments& arguments, const RecipeOptions& recipe,
                      Communicator& communicator) {
  const std::string name = fs::path(arguments.path).stem().string();
  const RunFolder folder(arguments.out.empty() ? "runs/" + name : arguments.out, true, communicator);
  require_same_recipe(folder, recipe, arguments);
  communicator.barrier();
  if (communicator.is_root()) {
    fs::create_directories(folder.path("models"));
    write_file_atomically(folder.path("recipe.yaml"), to_yaml(recipe));
  }
  communicator.barrier();
  return folder;
}

/// Of the variants of a recipe. They may differ in what learns and how, not in what is learned from.
std::vector<RecipeOptions> recipes_of(const CaseArguments& arguments, const Sweep& sweep,
                                      const RecipeOptions& recipe) {
  if (recipe.on_policy.rounds > 0)
    throw UserError("a sweep has no rounds after the first: different networks would guide their models",
                    "add --set on_policy.rounds=0, and go on with the best of the variants");
  std::vector<RecipeOptions> recipes;
  for (std::size_t variant = 0; variant < sweep.values.size(); ++variant) {
    std::vector<std::string> settings = arguments.settings;
    settings.push_back(sweep.setting(variant));
    recipes.push_back(read_recipe(arguments.path, settings));
    RecipeOptions same = recipes.back();
    same.network = recipe.network;
    same.training = recipe.training;
    if (to_yaml(same) != to_yaml(recipe))
      throw UserError(sweep.key + " changes what a network learns from",
                      "sweep over a key of `network` or `training`");
    if (recipes.back().training.epochs == 0)
      throw UserError("a variant without epochs has no network to compare", "give training.epochs");
  }
  return recipes;
}

/// variants.csv, and which of them held-out earths like best.
void compare_variants(const std::vector<std::string>& folders, const RunFolder& folder, Log& log,
                      bool is_root) {
  if (!is_root) return;
  Table table(folder.path("variants.csv"),
              {"variant", "weights", "epochs", "best_epoch", "validation_loss", "calibration_error_edge",
               "calibration_error_confidence"},
              is_root);
  double least = std::numeric_limits<double>::infinity();
  std::string best;
  for (const std::string& variant : folders) {
    std::ifstream file(fs::path(variant) / "metrics.json");
    const nlohmann::json metrics = nlohmann::json::parse(file);
    const auto whole = [&](const char* key) { return metrics.at(key).get<std::int64_t>(); };
    const double loss = metrics.at("validation_loss");
    const nlohmann::json& calibration = metrics.at("calibration_error");
    table.append({fs::path(variant).filename().string(), whole("parameters"), whole("epochs"),
                  whole("best_epoch"), loss, calibration.at("edge").get<double>(),
                  calibration.at("confidence").get<double>()});
    if (loss < least) best = variant;
    least = std::min(least, loss);
  }
  log.info(fmt::format("the least loss of held-out earths is {:.4f}, of {}/network.h5; all are in {}", least,
                       best, folder.path("variants.csv")));
}

int stopped(Log& log) {
  log.info("stopped on request; go on with the same command");
  return 130;
}

}  // namespace

int train(const CaseArguments& arguments, Communicator& communicator) {
  // 1. Everything that can be wrong is found before anything is written.
  const RecipeOptions recipe = read_recipe(arguments.path, arguments.settings);
  if (recipe.training.epochs > 0) learner();
  const RunFolder folder = open_folder(arguments, recipe, communicator);
  Log log(folder.path("log.txt"), communicator.is_root(), std::cout);

  // 2. The training set, and the network that learns from it; rounds after the first have folders in it.
  TrainingSet set(folder.folder());
  Round round{recipe};
  for (; round.number <= recipe.on_policy.rounds; ++round.number) {
    if (!make_set(round, set, log, communicator)) return stopped(log);
    if (recipe.training.epochs == 0) return 0;
    const RunFolder own =
        round.number == 0 ? folder
                          : RunFolder(folder.path(fmt::format("round_{}", round.number)), true, communicator);
    const ProgressOutput bar = ProgressOutput::standard(communicator.is_root());
    if (!train_network(recipe, round.number, round.guide, set, own, log, bar, communicator))
      return stopped(log);
    round.guide = own.path("network.h5");
  }
  return 0;
}

int train_variants(const CaseArguments& arguments, Communicator& communicator,
                   std::vector<std::string>& folders) {
  const Sweep sweep = parse_sweep(arguments.sweep);
  const RecipeOptions recipe = read_recipe(arguments.path, arguments.settings);
  const std::vector<RecipeOptions> recipes = recipes_of(arguments, sweep, recipe);
  learner();
  const RunFolder folder = open_folder(arguments, recipe, communicator);
  Log log(folder.path("log.txt"), communicator.is_root(), std::cout);
  TrainingSet set(folder.folder());
  if (!make_set(Round{recipe}, set, log, communicator)) return stopped(log);

  const int variants = int(recipes.size()), groups = std::min(communicator.size(), variants);
  for (int variant = 0; variant < variants; ++variant)
    folders.push_back(folder.path(sweep.name(std::size_t(variant))));
  const int group = communicator.rank() % groups;
  const std::unique_ptr<Communicator> ranks = communicator.split(group);
  bool complete = true;
  for (int variant = group; complete && variant < variants; variant += groups) {
    const RunFolder own(folders[std::size_t(variant)], true, *ranks);
    Log own_log(own.path("log.txt"), ranks->is_root(), std::cout,
                fmt::format("[{}] ", sweep.name(std::size_t(variant))));
    complete = train_network(recipes[std::size_t(variant)], 0, std::nullopt, set, own, own_log,
                             ProgressOutput::standard(false), *ranks);
  }
  if (communicator.any(!complete)) return stopped(log);
  compare_variants(folders, folder, log, communicator.is_root());
  return 0;
}

}  // namespace fathom
