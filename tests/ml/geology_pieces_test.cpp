// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ml/geology_earth.hpp"

namespace fathom {
namespace {

double rms(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / double(values.size()));
}

TEST(Random, IsUniformAndNormal) {
  Random random(7, "test");
  double mean = 0, fourth = 0;
  std::vector<double> normals;
  constexpr int draws = 20000;
  for (int draw = 0; draw < draws; ++draw) {
    const double share = random.uniform(2, 4);
    ASSERT_GE(share, 2);
    ASSERT_LT(share, 4);
    mean += share / draws;
    normals.push_back(random.normal());
    fourth += std::pow(normals.back(), 4) / draws;
  }
  EXPECT_NEAR(mean, 3, 0.02);
  EXPECT_NEAR(rms(normals), 1, 0.03);
  EXPECT_NEAR(fourth, 3, 0.3);
}

TEST(Random, HasIndependentStreams) {
  EXPECT_EQ(Random(1, "a").bits(), Random(1, "a").bits());
  EXPECT_NE(Random(1, "a").bits(), Random(1, "b").bits());
  EXPECT_NE(Random(1, "a").bits(), Random(2, "a").bits());
}

TEST(Random, DrawsIntegersUpToBothEnds) {
  Random random(1, "integers");
  int seen[3] = {};
  for (int draw = 0; draw < 300; ++draw) ++seen[random.integer(4, 6) - 4];
  for (const int count : seen) EXPECT_GT(count, 60);
}

TEST(Undulation, HasItsRms) {
  Random random(3, "undulation");
  const Undulation shape(random, {.rms = 10, .shortest = 100, .longest = 400});
  std::vector<double> values;
  for (double x = 0; x < 40000; x += 7) values.push_back(shape(x, 0.3 * x));
  EXPECT_NEAR(rms(values), 10, 1.5);
}

TEST(Texture, HasItsRmsAndIsSmooth) {
  Random random(3, "texture");
  const Texture texture(random, 0.02, {100, 100, 20});
  std::vector<double> values, steps;
  for (int i = 0; i < 30000; ++i) {
    const Position place{37. * i, 11. * i, 3.7 * i};
    values.push_back(texture(place));
    steps.push_back(texture({place[0], place[1], place[2] + 0.2}) - values.back());
  }
  EXPECT_NEAR(rms(values), 0.02, 0.002);
  EXPECT_LT(rms(steps), 0.05 * rms(values));
}

TEST(Column, HasItsMeanThicknessAndContrast) {
  Random random(5, "column");
  const Column column(random, {.thickness = 50, .contrast = 0.06, .reach = 50000});
  int layers = 0;
  std::vector<double> contrasts;
  double top = column.at(0).top;
  for (double z = 1; z < 50000; ++z) {
    const Column::Layer& layer = column.at(z);
    ASSERT_LE(layer.top, z);
    if (layer.top == top) continue;
    top = layer.top;
    ++layers;
    contrasts.push_back(layer.contrast);
  }
  EXPECT_NEAR(50000. / layers, 50, 4);
  EXPECT_NEAR(rms(contrasts), 0.06, 0.008);
}

TEST(FaultSurface, IsARampBetweenTwoFlats) {
  FaultSurface fault;
  fault.slope = 0.5;
  fault.upper_flat = 100;
  fault.lower_flat = 1000;
  fault.upper_bend = fault.lower_bend = 10;
  EXPECT_NEAR(fault.depth(-5000), 100, 1e-9);
  EXPECT_NEAR(fault.depth(9000), 1000, 1e-9);
  EXPECT_NEAR(fault.depth(1000), 500, 1e-9);
}

TEST(Slip, MovesOnlyWhatLiesAboveTheFaultAndAlongIt) {
  Slip slip;
  slip.fault.x = 1000;
  slip.fault.slope = 2;
  slip.heave = 60;
  const Position footwall{900, 0, 500}, hanging_wall{1400, 0, 500};
  EXPECT_EQ(slip(footwall), footwall);
  const Position before = slip(hanging_wall);
  EXPECT_NEAR(before[0], 1340, 1e-9);
  EXPECT_NEAR(before[2], 380, 1e-9);  // it slid down the slope: 60 m across, 120 m deeper
}

TEST(Slip, DiesOutAlongStrikeAndAboveItsTip) {
  Slip slip;
  slip.fault.slope = 2;
  slip.heave = 60;
  slip.length = 1000;
  slip.tip = 100;
  slip.tip_height = 200;
  const auto moved = [&](double y, double z) { return 500 - slip({500, y, z})[0]; };
  EXPECT_NEAR(moved(0, 400), 60, 1e-9);
  EXPECT_EQ(moved(1000, 400), 0);
  EXPECT_EQ(moved(0, 90), 0);
  EXPECT_LT(moved(500, 400), 60);
  EXPECT_GT(moved(500, 400), 0);
}

TEST(Fold, GrowsBetweenTwoDepths) {
  Fold fold;
  fold.dip_x = 0.1;
  fold.full = 1000;
  EXPECT_NEAR(fold({500, 0, 0})[2], 0, 1e-12);
  EXPECT_NEAR(fold({500, 0, 1200})[2], 1150, 1e-9);
}

TEST(Detached, LeavesWhatLiesBelowAlone) {
  Fold fold;
  fold.dip_x = 0.1;
  const Detached movement{fold, 500, 800};
  EXPECT_NEAR(movement({500, 0, 400})[2], 350, 1e-9);
  EXPECT_EQ(movement({500, 0, 900})[2], 900);
}

TEST(Channel, IsFlatAboveAndDeepestInTheMiddle) {
  Channel channel;
  channel.top = 100;
  channel.half_width = 200;
  channel.thickness = 40;
  EXPECT_GT(channel({0, 0, 135}), 0);
  EXPECT_LT(channel({0, 0, 145}), 0);
  EXPECT_LT(channel({0, 0, 95}), 0);
  EXPECT_GT(channel({180, 0, 101}), 0);
  EXPECT_LT(channel({180, 0, 120}), 0);
}

TEST(Earth, ReadsItsHistoryBackwards) {
  Chapter young, old;  // flat rocks over an unconformity at 300 m, tilted ones below
  young.base = [](double, double) { return 300.; };
  Fold tilt;
  tilt.dip_x = 0.1;
  old.movements = {tilt};
  Random random(1, "column");
  young.column = old.column = Column(random, {.thickness = 50});
  Earth earth;
  earth.chapters = {young, old};
  EXPECT_EQ(earth.origin({1000, 0, 200}).chapter, &earth.chapters[0]);
  EXPECT_EQ(earth.origin({1000, 0, 200}).laid_down[2], 200);
  EXPECT_EQ(earth.origin({1000, 0, 400}).chapter, &earth.chapters[1]);
  EXPECT_NEAR(earth.origin({1000, 0, 400}).laid_down[2], 300, 1e-9);
}

TEST(Earth, HasGasOnlyAboveItsContact) {
  Chapter chapter;
  Random random(1, "column");
  chapter.column = Column(random, {.thickness = 200, .contrast = 0});
  Gas gas;
  gas.top = chapter.column.at(500).top;
  gas.x = 1000;
  gas.crest = gas.top;
  gas.column = 20;
  gas.reach = 300;
  gas.factor = 0.8;
  Earth without;
  without.chapters = {chapter};
  chapter.gas = {gas};
  Earth with;
  with.chapters = {chapter};
  const auto ratio = [&](double x, double z) {
    return with.velocity({x, 0, z}) / without.velocity({x, 0, z});
  };
  EXPECT_NEAR(ratio(1000, gas.top + 10), 0.8, 1e-9);
  EXPECT_NEAR(ratio(1000, gas.top + 30), 1, 1e-9);
  EXPECT_NEAR(ratio(1290, gas.top + 10), 1, 1e-9);
}

}  // namespace
}  // namespace fathom
