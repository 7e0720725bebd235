// SPDX-License-Identifier: BSD-3-Clause
#include "solver/training_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/hdf5.hpp"
#include "io/sha256.hpp"
#include "ml/network_contract.hpp"
#include "ml/targets.hpp"
#include "physics/error.hpp"
#include "solver/inversion.hpp"
#include "solver/network_file.hpp"
#include "solver/simulation.hpp"
#include "solver/training_case.hpp"

namespace fathom {
namespace {

namespace fs = std::filesystem;

/// Ends an inversion that is no longer of interest.
struct AllStatesSeen {};

/// Notes what a guide is asked so many times, and says what another one does, or nothing.
class Recorder final : public Guide {
 public:
  Recorder(const Model& truth, int states, std::vector<Sample>& samples, std::unique_ptr<const Guide> speaker)
      : truth_(truth), states_(states), samples_(samples), speaker_(std::move(speaker)) {}

  Guidance advise(const Situation& situation) const override {
    const Model truth = resample(truth_, situation.velocity.grid);
    samples_.push_back({network_inputs(situation), target_of(truth, situation.velocity, situation.frozen)});
    if (int(samples_.size()) == states_) throw AllStatesSeen();
    if (speaker_) return speaker_->advise(situation);
    return {situation.velocity.grid, {}, {}, {}, {}};
  }
  bool wants_image() const override { return true; }
  bool wants_gradient() const override { return true; }

 private:
  const Model& truth_;
  const int states_;
  std::vector<Sample>& samples_;
  std::unique_ptr<const Guide> speaker_;
};

std::string group_of(int number) {
  return fmt::format("/models/{:06}", number);
}

std::string state_of(const std::string& group, std::size_t state) {
  return fmt::format("{}/states/{}", group, state);
}

void write_model(Hdf5File& file, const std::string& group, const ModelSamples& model) {
  const auto write = [&](const std::string& name, const Images& images) {
    file.write<float>(name, {std::size_t(images.channels), std::size_t(images.nx), std::size_t(images.nz)},
                      images.values);
  };
  for (std::size_t state = 0; state < model.samples.size(); ++state) {
    const std::string name = state_of(group, state);
    write(name + "/inputs", model.samples[state].inputs);
    write(name + "/targets", model.samples[state].target.images);
  }
  file.set_attribute(group, "kind", model.kind);
  file.set_attribute(group, "states", std::int64_t(model.samples.size()));
}

Sample read_sample(const Hdf5File& file, const std::string& state) {
  const auto read = [&](const std::string& name) {
    const Hdf5File::Dimensions size = file.dimensions(state + name);
    Images images(int(size.at(0)), int(size.at(1)), int(size.at(2)));
    images.values = file.read<float>(state + name);
    return images;
  };
  return {read("/inputs"), {read("/targets")}};
}

}  // namespace

ModelSamples samples_of_model(const RecipeOptions& recipe, int number,
                              const std::optional<std::string>& network) {
  Case the_case = training_case(recipe, number);
  ModelSamples result{the_case.options.truth->generate->kind, {}};
  std::unique_ptr<const Guide> speaker;
  if (network)
    speaker = learned_guides().make(
        "network", {the_case.options.inversion.regularizer->guide, *network, read_network(*network)});
  the_case.learned =
      std::make_shared<Recorder>(*the_case.truth, recipe.states.stages, result.samples, std::move(speaker));
  Communicator alone;
  Gathers observed = simulate(the_case, alone);
  try {
    Inversion(the_case, alone, std::move(observed), {}).run(std::nullopt);
  } catch (const AllStatesSeen&) {
  }
  return result;
}

TrainingSet::TrainingSet(std::string folder) : folder_(std::move(folder)) {
  if (fs::exists(joined_file()))
    joined_ = int(Hdf5File::open(joined_file()).integer_attribute("/", "models"));
}

std::string TrainingSet::file_of(int number) const {
  return fmt::format("{}/models/{:06}.h5", folder_, number);
}

std::string TrainingSet::joined_file() const {
  return folder_ + "/set.h5";
}

bool TrainingSet::has(int number) const {
  return number < joined_ || fs::exists(file_of(number));
}

void TrainingSet::add(int number, const ModelSamples& model) {
  PendingFile pending(file_of(number));
  std::size_t bytes = 0;
  for (const Sample& sample : model.samples)
    bytes += (sample.inputs.values.size() + sample.target.images.values.size()) * sizeof(float);
  Hdf5File file = Hdf5File::create(pending.temporary(), bytes, 2 * model.samples.size());
  write_model(file, "/model", model);
  file.close();
  pending.commit();
}

ModelSamples TrainingSet::read(int number) const {
  const Place place = place_of(number);
  ModelSamples model{place.file.text_attribute(place.group, "kind"), {}};
  const std::int64_t states = place.file.integer_attribute(place.group, "states");
  for (std::int64_t state = 0; state < states; ++state)
    model.samples.push_back(read_sample(place.file, state_of(place.group, std::size_t(state))));
  return model;
}

Sample TrainingSet::read(int number, int state) const {
  const Place place = place_of(number);
  return read_sample(place.file, state_of(place.group, std::size_t(state)));
}

int TrainingSet::states_of(int number) const {
  const Place place = place_of(number);
  return int(place.file.integer_attribute(place.group, "states"));
}

TrainingSet::Place TrainingSet::place_of(int number) const {
  if (number < joined_) return {Hdf5File::open(joined_file()), group_of(number)};
  return {Hdf5File::open(file_of(number)), "/model"};
}

bool TrainingSet::is_joined(int count) const {
  return joined_ >= count;
}

std::string TrainingSet::hash() const {
  return Hdf5File::open(joined_file()).text_attribute("/", "hash");
}

std::string TrainingSet::join(int count, const std::string& recipe) {
  std::size_t bytes = 0;
  for (int number = joined_; number < count; ++number) bytes += fs::file_size(file_of(number));
  if (joined_ > 0) bytes += fs::file_size(joined_file());
  Sha256 hash;
  PendingFile pending(joined_file());
  Hdf5File set = Hdf5File::create(pending.temporary(), bytes, 2 * std::size_t(count));
  for (int number = 0; number < count; ++number) {
    const ModelSamples model = read(number);
    for (const Sample& sample : model.samples)
      for (const Images* images : {&sample.inputs, &sample.target.images})
        hash.update(images->values.data(), images->values.size() * sizeof(float));
    write_model(set, group_of(number), model);
  }
  const std::string digest = hash.hexadecimal();
  set.set_attribute("/", "models", std::int64_t(count));
  set.set_attribute("/", "recipe", recipe);
  set.set_attribute("/", "hash", digest);
  set.close();
  pending.commit();
  joined_ = count;
  // Also what a stopped run had made beyond: the models of the next round are to be guided.
  for (const fs::directory_entry& file : fs::directory_iterator(folder_ + "/models")) fs::remove(file);
  return digest;
}

}  // namespace fathom
