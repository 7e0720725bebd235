// SPDX-License-Identifier: BSD-3-Clause
#include "solver/held_out.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace fathom {
namespace {

TEST(HeldOutShots, AreNoneWhereTwoWouldLeaveFewerThanTwo) {
  for (int shots = 0; shots < 4; ++shots) EXPECT_TRUE(held_out_shots(shots, 0.15, 1).empty()) << shots;
}

TEST(HeldOutShots, AreAShareOfThemTwoAtLeastAndHalfAtMost) {
  for (int shots = 4; shots <= 60; ++shots)
    for (const double share : {0.05, 0.15, 0.5}) {
      const std::vector<int> held_out = held_out_shots(shots, share, 3);
      EXPECT_EQ(int(held_out.size()), std::max(2, std::min(int(std::lround(share * shots)), shots / 2)))
          << shots << " shots";
      EXPECT_EQ(std::set<int>(held_out.begin(), held_out.end()).size(), held_out.size()) << "each once";
    }
}

TEST(HeldOutShots, AreSpreadOverTheSurveyAndAwayFromItsEnds) {
  for (const int seed : {1, 2, 3}) {
    const std::vector<int> held_out = held_out_shots(40, 0.15, seed);
    ASSERT_EQ(held_out.size(), 6u);
    EXPECT_GE(held_out.front(), 1);
    EXPECT_LE(held_out.back(), 38);
    for (std::size_t i = 1; i < held_out.size(); ++i) {
      EXPECT_GE(held_out[i] - held_out[i - 1], 6);
      EXPECT_LE(held_out[i] - held_out[i - 1], 7);
    }
  }
}

TEST(HeldOutShots, DependOnTheSeedAlone) {
  EXPECT_EQ(held_out_shots(40, 0.1, 5), held_out_shots(40, 0.1, 5));
  std::set<std::vector<int>> different;
  for (int seed = 0; seed < 20; ++seed) different.insert(held_out_shots(40, 0.1, seed));
  EXPECT_GE(different.size(), 4u);
}

TEST(HeldOutShots, AndTheOthersAreAll) {
  const std::vector<int> held_out = held_out_shots(17, 0.2, 1), others = shots_without(17, held_out);
  std::vector<int> together;
  std::merge(held_out.begin(), held_out.end(), others.begin(), others.end(), std::back_inserter(together));
  for (int shot = 0; shot < 17; ++shot) EXPECT_EQ(together.at(std::size_t(shot)), shot);
  EXPECT_EQ(shots_without(3, {}), (std::vector<int>{0, 1, 2}));
}

TEST(PairedScores, HaveTheStandardErrorOfTheMeanDifference) {
  const PairedScores scores = paired_scores({1, 2, 4}, {2, 4, 7});
  EXPECT_DOUBLE_EQ(scores.with, 7);
  EXPECT_DOUBLE_EQ(scores.without, 13);
  EXPECT_DOUBLE_EQ(scores.difference, -2);
  EXPECT_DOUBLE_EQ(scores.standard_error, 1 / std::sqrt(3.));
}

TEST(PairedScores, AreClearlyLowerBeyondTwoStandardErrors) {
  EXPECT_TRUE(paired_scores({1, 2, 4}, {2, 4, 7}).clearly_lower());
  // -0.5, -2 and 0.1: a mean of -0.8, and a standard error of 0.62.
  const PairedScores one_shot_speaks = paired_scores({1.5, 2, 7.1}, {2, 4, 7});
  EXPECT_TRUE(one_shot_speaks.not_above());
  EXPECT_FALSE(one_shot_speaks.clearly_lower());
  EXPECT_FALSE(paired_scores({3, 5}, {2, 4}).clearly_lower()) << "higher";
  EXPECT_FALSE(paired_scores({2, 4}, {2, 4}).clearly_lower()) << "the same";
  EXPECT_TRUE(paired_scores({2, 4}, {2, 4}).not_above());
  EXPECT_FALSE(paired_scores({1}, {2}).clearly_lower()) << "of one shot nothing is known";
  const double nan = std::nan("");
  EXPECT_FALSE(paired_scores({nan, 1}, {2, 3}).clearly_lower());
  EXPECT_FALSE(paired_scores({nan, 1}, {2, 3}).not_above());
}

}  // namespace
}  // namespace fathom
