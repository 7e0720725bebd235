// SPDX-License-Identifier: BSD-3-Clause
#include "solver/shot_batches.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace fathom::testing {
namespace {

TEST(ShotBatches, HaveEveryShotOnceInAnEpoch) {
  for (const int shots : {1, 2, 5, 16, 32, 37})
    for (const int size : {1, 3, 4, 8, 100}) {
      const ShotBatches batches(shots, size, 7, 1);
      EXPECT_LE(batches.size(), std::min(size, shots));
      for (const int epoch : {0, 1, 9}) {
        std::vector<int> times(shots, 0);
        for (int turn = 0; turn < batches.per_epoch(); ++turn) {
          const std::vector<int> batch = batches(epoch * batches.per_epoch() + turn);
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
    const std::vector<int> batch = batches(iteration);
    ASSERT_EQ(batch.size(), 4);
    for (int quarter = 0; quarter < 4; ++quarter) EXPECT_EQ(batch[quarter] / 10, quarter);
  }
}

TEST(ShotBatches, DependOnSeedStageAndIterationAlone) {
  const ShotBatches batches(40, 4, 1, 2);
  const std::vector<int> later = batches(123);
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
    for (const int shot : batches(iteration)) ++times[shot][iteration % 4];
  for (const auto& of_shot : times)
    for (const int count : of_shot) EXPECT_NEAR(count, epochs / 4, 5 * std::sqrt(epochs * 0.25 * 0.75));
}

}  // namespace
}  // namespace fathom::testing
