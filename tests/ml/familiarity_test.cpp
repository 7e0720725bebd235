// SPDX-License-Identifier: BSD-3-Clause
#include "ml/familiarity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ml/channels.hpp"
#include "ml/geology_random.hpp"

namespace fathom {
namespace {

/// Pairs of which the second is the first, twice, and something.
std::vector<std::vector<double>> correlated(int count, std::uint64_t seed) {
  Random random(seed, "features");
  std::vector<std::vector<double>> all;
  for (int i = 0; i < count; ++i) {
    const double first = random.normal(), rest = random.normal();
    all.push_back({3 + first, -1 + 2 * first + 0.1 * rest});
  }
  return all;
}

TEST(Features, AreMeansAndDeviationsOfTheChannels) {
  Images images(2, 2, 2);
  images.values = {1, 3, 1, 3, 5, 5, 5, 5};
  EXPECT_EQ(features_of(images), (std::vector<double>{2, 1, 5, 0}));
}

TEST(Familiarity, MeasuresInStandardDeviationsAlongEveryDirection) {
  const Familiarity familiarity = familiarity_with(correlated(20000, 1));
  EXPECT_NEAR(familiarity.distance({3, -1}), 0, 0.05);
  EXPECT_NEAR(familiarity.distance({4, 1}), 1, 0.05) << "along the correlation";
  EXPECT_NEAR(familiarity.distance({3, -0.5}), 5, 0.2) << "across it";
}

TEST(Familiarity, HasALimitThatOneInAHundredExceeds) {
  const Familiarity familiarity = familiarity_with(correlated(5000, 1));
  int beyond = 0;
  for (const std::vector<double>& one : correlated(5000, 2))
    beyond += familiarity.distance(one) > familiarity.limit;
  EXPECT_GT(beyond, 20);
  EXPECT_LT(beyond, 90);
}

TEST(Familiarity, KnowsWhichFeatureIsTheStrangest) {
  const Familiarity familiarity = familiarity_with(correlated(20000, 1));
  const Familiarity::Strangest high = familiarity.strangest({7, 0});  // 4 of 1, and half of sqrt(4.01)
  EXPECT_EQ(high.feature, 0u);
  EXPECT_NEAR(high.deviations, 4, 0.1);
  const Familiarity::Strangest low = familiarity.strangest({3, -7});
  EXPECT_EQ(low.feature, 1u);
  EXPECT_NEAR(low.deviations, -3, 0.1);
  EXPECT_EQ(name_of_feature(2 * input_illumination), "mean of the illumination");
  EXPECT_EQ(name_of_feature(2 * input_image + 1), "standard deviation of the depth image");
}

TEST(Familiarity, CanDoWithFeaturesThatNeverChange) {
  const Familiarity familiarity = familiarity_with({{1, 5}, {2, 5}, {3, 5}});
  EXPECT_TRUE(std::isfinite(familiarity.distance({2, 5})));
  EXPECT_GT(familiarity.distance({2, 6}), familiarity.limit);
}

}  // namespace
}  // namespace fathom
