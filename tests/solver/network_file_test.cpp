// SPDX-License-Identifier: BSD-3-Clause
#include "solver/network_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/checkpoint.hpp"
#include "physics/error.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {
namespace {

TrainedNetwork small_network() {
  TrainedNetwork network;
  network.shape.widths = {4, 6};
  network.weights = initial_weights(network.shape, 9);
  network.familiarity = {{1, 2}, {1, 0, 0.25, 2}, 3.5};
  network.recipe = "seed: 9\n";
  network.data_hash = "abc";
  return network;
}

std::string reason_against(const std::string& path) {
  try {
    read_network(path);
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

TEST(NetworkFile, ComesBackBitByBit) {
  const Scratch scratch;
  const TrainedNetwork network = small_network();
  write_network(scratch / "network.h5", network);
  const TrainedNetwork again = read_network(scratch / "network.h5");
  EXPECT_EQ(again.shape, network.shape);
  EXPECT_EQ(again.weights, network.weights);
  EXPECT_EQ(again.familiarity.mean, network.familiarity.mean);
  EXPECT_EQ(again.familiarity.inverse_root, network.familiarity.inverse_root);
  EXPECT_EQ(again.familiarity.limit, network.familiarity.limit);
  EXPECT_EQ(again.recipe, network.recipe);
  EXPECT_EQ(again.data_hash, network.data_hash);
}

TEST(NetworkFile, RefusesWhatIsNotOneOrIsDamagedWithARemedy) {
  const Scratch scratch;
  write_network(scratch / "network.h5", small_network());
  {
    std::fstream file(scratch / "network.h5", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(std::streamoff(std::filesystem::file_size(scratch / "network.h5") / 2));
    file.write("damage", 6);
  }
  std::ofstream(scratch / "text.h5") << "this is no network";
  write_checkpoint(scratch / "other.h5", {{{"x", {1}}}, {}, {}});
  TrainedNetwork incomplete = small_network();
  incomplete.weights.pop_back();
  write_network(scratch / "incomplete.h5", incomplete);
  for (const std::string name : {"network.h5", "text.h5", "other.h5", "incomplete.h5", "absent.h5"}) {
    const std::string reason = reason_against(scratch / name);
    EXPECT_NE(reason.find("remedy"), std::string::npos) << name << ": " << reason;
    EXPECT_NE(reason.find(name), std::string::npos) << reason;
  }
}

}  // namespace
}  // namespace fathom
