// SPDX-License-Identifier: BSD-3-Clause
#include "solver/train_network.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "io/checkpoint.hpp"
#include "io/config.hpp"
#include "physics/error.hpp"
#include "solver/interrupt.hpp"
#include "solver/network_file.hpp"

namespace fathom {
namespace {

constexpr double best_calibration = 0.05;  // expected calibration error, at most

Checkpoint to_checkpoint(const TrainingState& state, const std::string& recipe, const std::string& hash) {
  Checkpoint checkpoint;
  checkpoint.texts = {{"recipe", recipe}, {"data_hash", hash}};
  checkpoint.integers = {{"steps", state.steps}, {"epoch", state.epoch}, {"best_epoch", state.best_epoch}};
  checkpoint.arrays["weights"] = {state.weights.begin(), state.weights.end()};
  checkpoint.arrays["best"] = {state.best.begin(), state.best.end()};
  checkpoint.arrays["first"] = state.first;
  checkpoint.arrays["second"] = state.second;
  checkpoint.arrays["best_loss"] = {state.best_loss};
  return checkpoint;
}

TrainingState from_checkpoint(const Checkpoint& checkpoint) {
  const auto floats = [&](const char* name) {
    const std::vector<double>& values = checkpoint.arrays.at(name);
    return std::vector<float>(values.begin(), values.end());
  };
  TrainingState state;
  state.weights = floats("weights");
  state.best = floats("best");
  state.first = checkpoint.arrays.at("first");
  state.second = checkpoint.arrays.at("second");
  state.steps = checkpoint.integers.at("steps");
  state.epoch = int(checkpoint.integers.at("epoch"));
  state.best_epoch = int(checkpoint.integers.at("best_epoch"));
  state.best_loss = checkpoint.arrays.at("best_loss").at(0);
  return state;
}

/// Samples by number.
class Samples {
 public:
  Samples(const RecipeOptions& recipe, int round, const TrainingSet& set) : set_(set) {
    for (int model = 0; model < recipe.models_of_round(round); ++model) {
      const int states = set.states_of(model);
      for (int state = 0; state < states; ++state) {
        (model % recipe.validation == 0 ? validation : training).push_back(int(places_.size()));
        places_.emplace_back(model, state);
      }
    }
  }

  Sample operator()(int number) const {
    const auto& [model, state] = places_.at(std::size_t(number));
    return set_.read(model, state);
  }

  std::vector<int> training, validation;

 private:
  const TrainingSet& set_;
  std::vector<std::pair<int, int>> places_;
};

/// What the network was trained on, for it to know what it does not know.
Familiarity familiarity_of(const Samples& samples, Communicator& communicator) {
  const std::size_t features = 2 * input_channels, count = samples.training.size();
  std::vector<double> all(features * count, 0.);
  for (std::size_t i = std::size_t(communicator.rank()); i < count; i += std::size_t(communicator.size())) {
    const std::vector<double> one = features_of(samples(samples.training[i]).inputs);
    std::copy(one.begin(), one.end(), all.begin() + std::ptrdiff_t(i * features));
  }
  communicator.sum(all.data(), all.size());
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < count; ++i)
    rows.emplace_back(all.begin() + std::ptrdiff_t(i * features),
                      all.begin() + std::ptrdiff_t((i + 1) * features));
  return familiarity_with(rows);
}

void write_reliability(const RunFolder& folder, const Calibration& before, const Calibration& after,
                       bool is_root) {
  Table table(folder.path("reliability.csv"), {"head", "corrected", "cells", "probability", "share"},
              is_root);
  const auto add = [&](const std::string& head, std::int64_t corrected, const Reliability& reliability) {
    for (const Reliability::Bin& bin : reliability.ten())
      table.append({head, corrected, bin.count, bin.probability, bin.share});
  };
  add("edge", 0, before.edge);
  add("confidence", 0, before.confidence);
  add("edge", 1, after.edge);
  add("confidence", 1, after.confidence);
}

/// The network file and what is known of it.
void finish(const TrainingState& state, const RecipeOptions& recipe, const Trainer& trainer,
            const Samples& samples, const std::string& hash, const RunFolder& folder, Log& log,
            Communicator& communicator) {
  const SampleSource source = std::cref(samples);
  TrainedNetwork network{recipe.network.shape(), state.best, familiarity_of(samples, communicator),
                         to_yaml(recipe), hash};
  // The correction is found on one half of the held-out models, and what it is worth on the other.
  std::vector<int> one, other;
  for (std::size_t i = 0; i < samples.validation.size(); ++i)
    (i / std::size_t(recipe.states.stages) % 2 == 0 ? one : other).push_back(samples.validation[i]);
  if (other.empty()) other = one;
  const Calibration before = trainer.calibrate(network.weights, source, other);
  correct(network.weights, network.shape, trainer.calibrate(network.weights, source, one));
  const Calibration after = trainer.calibrate(network.weights, source, other);
  write_reliability(folder, before, after, communicator.is_root());
  log.info(fmt::format(
      "expected calibration error on held-out earths: edges {:.3f} (before the correction {:.3f}), "
      "confidence {:.3f} ({:.3f})",
      after.edge.error(), before.edge.error(), after.confidence.error(), before.confidence.error()));
  if (after.confidence.error() > best_calibration)
    log.warning(fmt::format("the confidence is not calibrated to {:g}: train longer, or on more models",
                            best_calibration));
  if (!communicator.is_root()) return;
  const nlohmann::json metrics = {
      {"parameters", network.weights.size()},
      {"samples", {{"training", samples.training.size()}, {"validation", samples.validation.size()}}},
      {"epochs", state.epoch},
      {"best_epoch", state.best_epoch},
      {"validation_loss", state.best_loss},
      {"calibration_error", {{"edge", after.edge.error()}, {"confidence", after.confidence.error()}}},
      {"data_hash", hash}};
  write_file_atomically(folder.path("metrics.json"), metrics.dump(2) + "\n");
  write_network(folder.path("network.h5"), network);  // the last: where it is, all is
  log.info("the network is " + folder.path("network.h5"));
}

TrainingOptions training_of(const RecipeOptions& recipe, int round) {
  TrainingOptions training = recipe.training;
  if (round > 0) {
    training.epochs = recipe.on_policy.epochs;
    training.learning_rate = recipe.on_policy.learning_rate;
  }
  return training;
}

/// Whether a file holds the network of this recipe.
bool is_there(const std::string& path, const std::string& recipe, Communicator& communicator) {
  bool there = false;
  if (communicator.is_root() && std::filesystem::exists(path)) there = read_network(path).recipe == recipe;
  return communicator.any(there);
}

}  // namespace

bool train_network(const RecipeOptions& whole_recipe, int round, const std::optional<std::string>& before,
                   const TrainingSet& set, const RunFolder& folder, Log& log, const ProgressOutput& bar,
                   Communicator& communicator) {
  const RecipeOptions recipe = recipe_of_round(whole_recipe, round);
  const std::string path = folder.path("checkpoint.h5"), text = to_yaml(recipe), hash = set.hash();
  if (is_there(folder.path("network.h5"), text, communicator)) {
    log.info("the network is there already: " + folder.path("network.h5"));
    return true;
  }
  const TrainingOptions training = training_of(recipe, round);
  const Trainer trainer(recipe.network.shape(), training, std::uint64_t(recipe.seed), communicator);
  const Samples samples(recipe, round, set);
  const SampleSource source = std::cref(samples);
  TrainingState state = trainer.start();
  if (before) state.weights = state.best = read_network(*before).weights;
  if (std::filesystem::exists(path)) {
    const Checkpoint checkpoint = read_checkpoint(path);
    if (checkpoint.texts.at("recipe") == text && checkpoint.texts.at("data_hash") == hash)
      state = from_checkpoint(checkpoint);
  }
  communicator.barrier();
  log.info(fmt::format("training {} weights on {} samples; {} more, of other earths, are held out",
                       state.weights.size(), samples.training.size(), samples.validation.size()));
  Table table(folder.path("learning.csv"),
              {"epoch", "learning_rate", "training", "training_residual", "training_edge", "training_normal",
               "training_confidence", "validation", "validation_residual", "validation_edge",
               "validation_normal", "validation_confidence", "wall_s"},
              communicator.is_root(), std::size_t(state.epoch));
  Progress progress("training", training.epochs, bar, state.epoch);
  while (!trainer.finished(state)) {
    if (communicator.any(interrupted())) return false;
    const auto begin = std::chrono::steady_clock::now();
    const EpochReport report =
        trainer.epoch(state, source, samples.training, samples.validation,
                      [&](int done, int batches) { progress.update(state.epoch + double(done) / batches); });
    const Loss &t = report.training, &v = report.validation;
    table.append({std::int64_t(report.epoch), report.learning_rate, t.total(), t.residual, t.edge, t.normal,
                  t.confidence, v.total(), v.residual, v.edge, v.normal, v.confidence,
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()});
    if (communicator.is_root()) write_checkpoint(path, to_checkpoint(state, text, hash));
    communicator.barrier();
    progress.clear();
    log.info(fmt::format("  epoch {:3}  loss {:.4f}  held out {:.4f}{}", report.epoch, t.total(), v.total(),
                         state.best_epoch == report.epoch ? "  (the least so far)" : ""));
  }
  progress.clear();
  finish(state, recipe, trainer, samples, hash, folder, log, communicator);
  return true;
}

}  // namespace fathom
