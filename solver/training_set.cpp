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

/// Notes what a guide is asked, and says what another one does, or nothing.
class Recorder final : public Guide {
 public:
  Recorder(const Model& truth, std::vector<Sample>& samples, std::unique_ptr<const Guide> speaker)
      : truth_(truth), samples_(samples), speaker_(std::move(speaker)) {}

  Guidance advise(const Situation& situation) const override {
    const Model truth = resample(truth_, situation.velocity.grid);
    samples_.push_back({network_inputs(situation), target_of(truth, situation.velocity, situation.frozen)});
    if (speaker_) return speaker_->advise(situation);
    return {situation.velocity.grid, {}, {}, {}, {}};
  }
  bool wants_image() const override { return true; }
  bool wants_gradient() const override { return true; }

 private:
  const Model& truth_;
  std::vector<Sample>& samples_;
  std::unique_ptr<const Guide> speaker_;
};

/// Images of one size, one after the other.
std::vector<float> in_a_row(const std::vector<Sample>& samples, const Images& (*of)(const Sample&)) {
  std::vector<float> values;
  for (const Sample& sample : samples)
    values.insert(values.end(), of(sample).values.begin(), of(sample).values.end());
  return values;
}

const Images& inputs_of(const Sample& sample) {
  return sample.inputs;
}

const Images& target_of_sample(const Sample& sample) {
  return sample.target.images;
}

std::string group_of(int number) {
  return fmt::format("/models/{:06}", number);
}

void write_model(Hdf5File& file, const std::string& group, const ModelSamples& model) {
  const auto write = [&](const std::string& name, const Images& (*of)(const Sample&)) {
    const Images& first = of(model.samples.front());
    file.write<float>(
        group + name,
        {model.samples.size(), std::size_t(first.channels), std::size_t(first.nx), std::size_t(first.nz)},
        in_a_row(model.samples, of));
  };
  write("/inputs", inputs_of);
  write("/targets", target_of_sample);
  file.set_attribute(group, "kind", model.kind);
}

}  // namespace

ModelSamples samples_of_model(const RecipeOptions& recipe, int number) {
  Case the_case = training_case(recipe, number);
  ModelSamples result{the_case.options.truth->generate->kind, {}};
  std::unique_ptr<const Guide> speaker;
  if (const std::optional<std::string>& network = recipe.states.guide)
    speaker = learned_guides().make(
        "network", {the_case.options.inversion.regularizer->guide, *network, read_network(*network)});
  the_case.learned = std::make_shared<Recorder>(*the_case.truth, result.samples, std::move(speaker));
  Communicator alone;
  Gathers observed = simulate(the_case, alone);
  Inversion(the_case, alone, std::move(observed), {}).run(std::nullopt);
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
  Hdf5File file = Hdf5File::create(pending.temporary(), bytes, 2);
  write_model(file, "/model", model);
  file.close();
  pending.commit();
}

ModelSamples TrainingSet::read(int number) const {
  const bool joined = number < joined_;
  const Hdf5File file = Hdf5File::open(joined ? joined_file() : file_of(number));
  const std::string group = joined ? group_of(number) : "/model";
  ModelSamples model{file.text_attribute(group, "kind"), {}};
  const auto take = [&](const std::string& name, const auto& give) {
    const Hdf5File::Dimensions size = file.dimensions(group + name);
    const std::vector<float> values = file.read<float>(group + name);
    model.samples.resize(size.at(0));
    for (std::size_t state = 0; state < size[0]; ++state) {
      Images images(int(size.at(1)), int(size.at(2)), int(size.at(3)));
      const auto begin = values.begin() + std::ptrdiff_t(state * images.values.size());
      std::copy_n(begin, images.values.size(), images.values.begin());
      give(model.samples[state], std::move(images));
    }
  };
  take("/inputs", [](Sample& sample, Images images) { sample.inputs = std::move(images); });
  take("/targets", [](Sample& sample, Images images) { sample.target.images = std::move(images); });
  return model;
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
    for (const auto of : {inputs_of, target_of_sample}) {
      const std::vector<float> values = in_a_row(model.samples, of);
      hash.update(values.data(), values.size() * sizeof(float));
    }
    write_model(set, group_of(number), model);
  }
  const std::string digest = hash.hexadecimal();
  set.set_attribute("/", "models", std::int64_t(count));
  set.set_attribute("/", "recipe", recipe);
  set.set_attribute("/", "hash", digest);
  set.close();
  pending.commit();
  joined_ = count;
  for (int number = 0; number < count; ++number) fs::remove(file_of(number));
  return digest;
}

}  // namespace fathom
