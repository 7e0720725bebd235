// SPDX-License-Identifier: BSD-3-Clause

// The training set of a network: what is in it, and what is not.

#include "solver/training_set.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "ml/channels.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {
namespace {

/// Two states, of sizes of their own.
ModelSamples made_up(int number) {
  ModelSamples model{"salt", {}};
  for (const int nx : {5 + number, 9}) {
    Sample sample{Images(input_channels, nx, 4), {Images(Target::channels, nx, 4)}};
    for (std::size_t i = 0; i < sample.inputs.values.size(); ++i)
      sample.inputs.values[i] = float(i) + 1000 * float(number);
    sample.target.images.at(Target::edge, 2, 3) = float(number);
    model.samples.push_back(sample);
  }
  return model;
}

void expect_same(const ModelSamples& one, const ModelSamples& other) {
  EXPECT_EQ(one.kind, other.kind);
  ASSERT_EQ(one.samples.size(), other.samples.size());
  for (std::size_t state = 0; state < one.samples.size(); ++state) {
    EXPECT_EQ(one.samples[state].inputs, other.samples[state].inputs);
    EXPECT_EQ(one.samples[state].target.images, other.samples[state].target.images);
  }
}

TEST(TrainingSet, IsTheSameBeforeAndAfterItIsJoinedAndGrowsAfterwards) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "set/models");
  TrainingSet set(scratch / "set");
  for (int number = 0; number < 3; ++number) set.add(number, made_up(number));
  expect_same(set.read(2), made_up(2));
  const std::string hash = set.join(3, "recipe: of three");
  TrainingSet again(scratch / "set");
  EXPECT_TRUE(again.is_joined(3));
  EXPECT_FALSE(again.is_joined(4));
  EXPECT_EQ(again.hash(), hash);
  for (int number = 0; number < 3; ++number) expect_same(again.read(number), made_up(number));
  EXPECT_EQ(again.states_of(1), 2);
  EXPECT_EQ(again.read(1, 0).inputs, made_up(1).samples[0].inputs);
  again.add(3, made_up(3));
  EXPECT_NE(again.join(4, "recipe: of four"), hash);
  expect_same(again.read(0), made_up(0));
  expect_same(again.read(3), made_up(3));
}

TEST(TrainingSet, ForgetsModelsBeyondThoseThatAreJoined) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "set/models");
  TrainingSet set(scratch / "set");
  for (int number = 0; number < 4; ++number) set.add(number, made_up(number));
  set.join(2, "recipe: of two");
  for (const TrainingSet& either : {set, TrainingSet(scratch / "set")}) {
    EXPECT_TRUE(either.has(1));
    EXPECT_FALSE(either.has(2)) << "a later round's guide is to have its say in it";
    EXPECT_FALSE(either.has(3));
  }
}

}  // namespace
}  // namespace fathom
