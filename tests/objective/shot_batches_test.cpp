// SPDX-License-Identifier: BSD-3-Clause
#include "solver/shot_batches.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace fathom::testing {
namespace {

/// Of a batch of single shots.
std::vector<int> places(const std::vector<ShotGroup>& batch) {
  std::vector<int> all;
  for (const ShotGroup& group : batch) {
    EXPECT_EQ(group.size(), 1u);
    EXPECT_EQ(group.front().sign, 1);
    all.push_back(group.front().number);
  }
  return all;
}

TEST(ShotBatches, HaveEveryShotOnceInAnEpoch) {
  for (const int shots : {1, 2, 5, 16, 32, 37})
    for (const int size : {1, 3, 4, 8, 100}) {
      const ShotBatches batches(shots, size, 7, 1);
      EXPECT_LE(batches.size(), std::min(size, shots));
      for (const int epoch : {0, 1, 9}) {
        std::vector<int> times(shots, 0);
        for (int turn = 0; turn < batches.per_epoch(); ++turn) {
          const std::vector<int> batch = places(batches(epoch * batches.per_epoch() + turn));
          EXPECT_FALSE(batch.empty());
          EXPECT_LE(int(batch.size()), batches.size());
          EXPECT_TRUE(std::is_sorted(batch.begin(), batch.end()));
          for (const int shot : batch) ++times.at(shot);
        }
        EXPECT_EQ(times, std::vector<int>(shots, 1)) << shots << " shots in batches of " << size;
      }
    }
}

TEST(ShotBatches, AreSpreadOverTheSurvey) {
  const ShotBatches batches(40, 4, 1, 0);
  for (int iteration = 0; iteration < 50; ++iteration) {
    const std::vector<int> batch = places(batches(iteration));
    ASSERT_EQ(batch.size(), 4);
    for (int quarter = 0; quarter < 4; ++quarter) EXPECT_EQ(batch[quarter] / 10, quarter);
  }
}

TEST(ShotBatches, DependOnSeedStageAndIterationAlone) {
  const ShotBatches batches(40, 4, 1, 2);
  const std::vector<ShotGroup> later = batches(123);
  for (int iteration = 0; iteration < 10; ++iteration) batches(iteration);
  EXPECT_EQ(batches(123), later);
  EXPECT_EQ(ShotBatches(40, 4, 1, 2)(123), later);
  const auto differs = [&](const ShotBatches& others) {
    int different = 0;
    for (int iteration = 0; iteration < 20; ++iteration) different += batches(iteration) != others(iteration);
    return different;
  };
  EXPECT_GE(differs(ShotBatches(40, 4, 2, 2)), 18) << "another seed";
  EXPECT_GE(differs(ShotBatches(40, 4, 1, 3)), 18) << "another stage";
}

TEST(ShotBatches, PutEveryShotIntoEveryTurnOfAnEpochAlike) {
  const ShotBatches batches(12, 3, 5, 0);
  std::vector<std::vector<int>> times(12, std::vector<int>(4, 0));
  constexpr int epochs = 2000;
  for (int iteration = 0; iteration < 4 * epochs; ++iteration)
    for (const int shot : places(batches(iteration))) ++times[shot][iteration % 4];
  for (const auto& of_shot : times)
    for (const int count : of_shot) EXPECT_NEAR(count, epochs / 4, 5 * std::sqrt(epochs * 0.25 * 0.75));
}

TEST(EncodedBatches, HaveEveryShotOnceInEveryIteration) {
  for (const int shots : {1, 2, 5, 16, 37})
    for (const int size : {1, 3, 100}) {
      const ShotBatches batches(shots, size, 7, 1, true);
      EXPECT_EQ(batches.weight(), 1);
      const std::vector<ShotGroup> groups = batches(4);
      EXPECT_EQ(int(groups.size()), std::min(size, shots));
      std::vector<int> times(shots, 0);
      for (const ShotGroup& group : groups) {
        EXPECT_EQ(group.front().sign, 1);
        for (const SignedShot& shot : group) {
          ++times.at(shot.number);
          EXPECT_EQ(std::abs(shot.sign), 1);
        }
      }
      EXPECT_EQ(times, std::vector<int>(shots, 1)) << shots << " shots in " << size << " groups";
    }
}

TEST(EncodedBatches, GiveEverySignAndEveryPairOfSignsAlike) {
  constexpr int shots = 6, iterations = 4000;
  const ShotBatches batches(shots, 1, 3, 0, true);
  std::vector<std::vector<double>> product(shots, std::vector<double>(shots, 0.));
  for (int iteration = 0; iteration < iterations; ++iteration) {
    const ShotGroup group = batches(iteration).front();
    for (int a = 0; a < shots; ++a)
      for (int b = 0; b < a; ++b) product[a][b] += group[a].sign * group[b].sign / iterations;
  }
  for (int a = 0; a < shots; ++a)
    for (int b = 0; b < a; ++b) EXPECT_NEAR(product[a][b], 0, 5 / std::sqrt(iterations)) << a << ' ' << b;
}

TEST(EncodedBatches, DependOnSeedStageAndIterationAlone) {
  const ShotBatches batches(20, 2, 1, 2, true);
  EXPECT_EQ(ShotBatches(20, 2, 1, 2, true)(55), batches(55));
  EXPECT_NE(batches(56), batches(55));
  EXPECT_NE(ShotBatches(20, 2, 2, 2, true)(55), batches(55));
  EXPECT_NE(ShotBatches(20, 2, 1, 3, true)(55), batches(55));
}

}  // namespace
}  // namespace fathom::testing
