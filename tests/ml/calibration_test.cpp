// SPDX-License-Identifier: BSD-3-Clause
#include "ml/calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ml/geology_random.hpp"

namespace fathom {
namespace {

double sigmoid(double log_odds) {
  return 1 / (1 + std::exp(-log_odds));
}

/// Predictions whose true log odds are slope * (said log odds) + offset.
Reliability said(double slope, double offset) {
  Random random(5, "reliability");
  Reliability reliability;
  for (int i = 0; i < 200000; ++i) {
    const double odds = 2 * random.normal() - 1;
    const double truth = sigmoid(slope * odds + offset);
    reliability.add(sigmoid(odds), random.chance(truth));
  }
  return reliability;
}

TEST(Reliability, HasNoErrorWhenProbabilitiesAreTrue) {
  EXPECT_LT(said(1, 0).error(), 0.005);
}

TEST(Reliability, HasTheErrorOfAForecasterWhoIsTooSure) {
  Reliability sure;
  for (int i = 0; i < 1000; ++i) sure.add(0.95, i % 2 == 0);
  EXPECT_NEAR(sure.error(), 0.45, 0.005);
  EXPECT_NEAR(sure.ten()[9].share, 0.5, 1e-12);
  EXPECT_EQ(sure.ten()[9].count, 1000);
}

TEST(Reliability, IsCorrectedByTheSlopeAndOffsetThatAreTrue) {
  const Reliability::Correction correction = said(0.5, 0.7).correction();
  EXPECT_NEAR(correction.slope, 0.5, 0.02);
  EXPECT_NEAR(correction.offset, 0.7, 0.02);
}

TEST(Reliability, IsCorrectedFinitelyWhereNothingEverHappens) {
  Reliability never;
  for (int i = 0; i < 1000; ++i) never.add(0.2 + 0.0003 * i, false);
  EXPECT_TRUE(std::isfinite(never.correction().slope));
  EXPECT_TRUE(std::isfinite(never.correction().offset));
  EXPECT_EQ(Reliability().correction().slope, 1);
}

TEST(Calibration, CountsConfidenceAsRightOnEdgesWithin45Degrees) {
  Images answer(output_channels, 3, 1);
  Target target{Images(Target::channels, 3, 1)};
  for (int ix = 0; ix < 3; ++ix) {
    answer.at(output_edge, ix, 0) = answer.at(output_confidence, ix, 0) = 0.9f;
    answer.at(output_normal_z, ix, 0) = 0.5f;
    target.images.at(Target::weight, ix, 0) = 1;
    target.images.at(Target::edge, ix, 0) = 1;
  }
  target.images.at(Target::normal_z, 0, 0) = 1;   // right
  target.images.at(Target::normal_z, 1, 0) = -1;  // the wrong way
  target.images.at(Target::weight, 2, 0) = 0;     // does not count
  Calibration calibration;
  calibration.add(answer, target);
  EXPECT_EQ(calibration.edge.ten()[8].count + calibration.edge.ten()[9].count, 2);
  EXPECT_EQ(calibration.confidence.ten()[8].share + calibration.confidence.ten()[9].share, 0.5);
}

}  // namespace
}  // namespace fathom
