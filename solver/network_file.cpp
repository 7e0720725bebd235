// SPDX-License-Identifier: BSD-3-Clause
#include "solver/network_file.hpp"

#include <filesystem>

#include "io/checkpoint.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr const char* what_it_is = "a network of fathom";

}  // namespace

std::string shipped_network() {
  return FATHOM_SOURCE_DIR "/ml/weights/network.h5";
}

void write_network(const std::string& path, const TrainedNetwork& network) {
  Checkpoint file;
  file.texts["kind"] = what_it_is;
  file.texts["recipe"] = network.recipe;
  file.texts["data_hash"] = network.data_hash;
  file.integers["inputs"] = network.shape.inputs;
  file.integers["outputs"] = network.shape.outputs;
  file.arrays["widths"] = {network.shape.widths.begin(), network.shape.widths.end()};
  file.arrays["largest_residual"] = {network.shape.largest_residual};
  file.arrays["weights"] = {network.weights.begin(), network.weights.end()};
  if (network.familiarity.known()) {
    file.arrays["familiarity/mean"] = network.familiarity.mean;
    file.arrays["familiarity/inverse_root"] = network.familiarity.inverse_root;
    file.arrays["familiarity/limit"] = {network.familiarity.limit};
  }
  write_checkpoint(path, file);
}

TrainedNetwork read_network(const std::string& path) {
  const std::string remedy = "name a file that `fathom train` made";
  if (!std::filesystem::is_regular_file(path)) throw UserError("there is no network " + path, remedy);
  Checkpoint file;
  try {
    file = read_checkpoint(path);
  } catch (const RunError& error) {
    throw UserError(error.what(), remedy);
  }
  const auto kind = file.texts.find("kind");
  if (kind == file.texts.end() || kind->second != what_it_is)
    throw UserError(path + " holds no network", remedy);
  TrainedNetwork network;
  network.recipe = file.texts.at("recipe");
  network.data_hash = file.texts.at("data_hash");
  network.shape.inputs = int(file.integers.at("inputs"));
  network.shape.outputs = int(file.integers.at("outputs"));
  network.shape.widths.clear();
  for (const double width : file.arrays.at("widths")) network.shape.widths.push_back(int(width));
  network.shape.largest_residual = file.arrays.at("largest_residual").at(0);
  for (const double weight : file.arrays.at("weights")) network.weights.push_back(float(weight));
  if (file.arrays.count("familiarity/mean"))
    network.familiarity = {file.arrays.at("familiarity/mean"), file.arrays.at("familiarity/inverse_root"),
                           file.arrays.at("familiarity/limit").at(0)};
  if (network.weights.size() != parameters_of(network.shape) || network.shape.inputs != input_channels ||
      network.shape.outputs != output_channels)
    throw UserError(path + " holds a network of another version of fathom", "train it again: fathom train");
  return network;
}

}  // namespace fathom
