// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/divergence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/regularizers/models.hpp"

namespace fathom {
namespace {

using testing::sampled_field;

const Grid section = grid_2d(101, 61, 20);
const std::vector<bool> all_lit(section.cells(), true);

Field layers(double period, double tilt = 0) {
  return sampled_field(section, [=](double x, double, double z) {
    return std::pow(std::sin(2 * M_PI * (z + tilt * x) / period), 3);
  });
}

TEST(Divergence, OfDistributionsIsWhatTheFormulasSay) {
  const std::vector<double> p{0.5, 0.5}, q{0.9, 0.1};
  EXPECT_NEAR(half_jeffreys(p, q), 0.5 * 0.4 * std::log(9.), 1e-15);
  const double js = 0.5 * (0.5 * std::log(0.5 / 0.7) + 0.5 * std::log(0.5 / 0.3)) +
                    0.5 * (0.9 * std::log(0.9 / 0.7) + 0.1 * std::log(0.1 / 0.3));
  EXPECT_NEAR(jensen_shannon(p, q), js, 1e-15);
}

TEST(Divergence, IsZeroForEqualDistributionsAndSymmetric) {
  const std::vector<double> p = histogram_of_values({0.1, -2, 3}), q = histogram_of_values({1, 1, 0.2});
  EXPECT_EQ(half_jeffreys(p, p), 0);
  EXPECT_EQ(jensen_shannon(p, p), 0);
  EXPECT_NEAR(half_jeffreys(p, q), half_jeffreys(q, p), 1e-14);
  EXPECT_NEAR(jensen_shannon(p, q), jensen_shannon(q, p), 1e-14);
}

TEST(Divergence, OfJensenAndShannonComesUpToLn2WhereNothingIsCommonWhileJeffreysGrowsOn) {
  const std::vector<double> p = histogram_of_values({-3.}), q = histogram_of_values({3.});
  EXPECT_LT(jensen_shannon(p, q), std::log(2.));
  EXPECT_GT(jensen_shannon(p, q), 0.999 * std::log(2.));
  EXPECT_GT(half_jeffreys(p, q), 10);
}

TEST(Histogram, SumsToOneAndKeepsNumbersBeyondItsEnds) {
  for (const std::vector<double>& counts :
       {histogram_of_values({-70., 0.3, 4., 1e9}), histogram_of_angles({-9., 0., 3.}, {1., 2., 3.}),
        histogram_of_values({})}) {
    EXPECT_NEAR(std::accumulate(counts.begin(), counts.end(), 0.), 1, 1e-14);
    for (const double count : counts) EXPECT_GT(count, 9e-7);
  }
}

TEST(Histogram, HasItsMeanWhereTheNumberIs) {
  for (const double number : {-3.1, 0., 0.06, 2.77}) {
    const std::vector<double> counts = histogram_of_values({number});
    double mean = 0;
    for (std::size_t bin = 0; bin < counts.size(); ++bin)
      mean += counts[bin] * (-4 + (double(bin) + 0.5) / 8);
    EXPECT_NEAR(mean, number, 1e-3);
  }
}

TEST(Histogram, ChangesSmoothlyWithItsNumbers) {
  // A cubic B-spline has two continuous derivatives: halving a step across a knot quarters the second
  // difference.
  const auto second_difference = [](double step) {
    const auto at = [](double number) { return histogram_of_values({number})[32]; };
    return std::abs(at(0.0625 + step) - 2 * at(0.0625) + at(0.0625 - step));
  };
  EXPECT_NEAR(second_difference(0.02) / second_difference(0.01), 4, 0.4);
}

TEST(Histogram, OfAnglesIsTheSameAFullTurnLater) {
  const std::vector<double> once = histogram_of_angles({3.1, -0.4}, {1, 2}),
                            later = histogram_of_angles({3.1 - 2 * M_PI, 2 * M_PI - 0.4}, {1, 2});
  for (std::size_t bin = 0; bin < once.size(); ++bin) EXPECT_NEAR(once[bin], later[bin], 1e-12);
}

TEST(Divergence, OfAnImageFromItselfIsZeroWhateverItsUnit) {
  const Field image = layers(300, 0.3);
  const Field scaled = sampled_field(section, [](double x, double, double z) {
    return 5 + 7e-4 * std::pow(std::sin(2 * M_PI * (z + 0.3 * x) / 300), 3);
  });
  const Divergence divergence = divergence_between(image, scaled, section, all_lit);
  EXPECT_NEAR(divergence.half_jeffreys, 0, 1e-5);
  EXPECT_NEAR(divergence.jensen_shannon, 0, 1e-5);
  EXPECT_NEAR(divergence.orientation, 0, 1e-4);
}

TEST(Divergence, GrowsAsAnImageLosesItsContrastInPlaces) {
  double last = 0;
  for (const double share : {0.2, 0.5, 0.9}) {
    const Field faded = sampled_field(section, [=](double x, double, double z) {
      return std::pow(std::sin(2 * M_PI * z / 300), 3) * (x < 1000 ? 1 : 1 - share);
    });
    const Divergence divergence = divergence_between(layers(300), faded, section, all_lit);
    EXPECT_GT(divergence.half_jeffreys, 1.2 * last);
    last = divergence.half_jeffreys;
  }
}

TEST(Divergence, OfOrientationTellsLayersThatDipOtherwise) {
  const Divergence same = divergence_between(layers(300, 0.3), layers(240, 0.3), section, all_lit),
                   mirrored = divergence_between(layers(300, 0.3), layers(300, -0.3), section, all_lit);
  EXPECT_GT(mirrored.orientation, 10 * same.orientation);
}

TEST(Divergence, LeavesWindowsInTheDarkOutOfItsMeanAndSaysSoInItsMap) {
  // What differs lies in the left half, which is dark.
  const Field half = sampled_field(section, [](double x, double, double z) {
    return x < 1000 ? 0. : std::pow(std::sin(2 * M_PI * z / 300), 3);
  });
  std::vector<bool> lit = all_lit;
  for (int ix = 0; ix < 50; ++ix)
    for (int iz = 0; iz < section.size[2]; ++iz) lit[std::size_t(ix * section.size[2] + iz)] = false;
  const Divergence divergence = divergence_between(layers(300), half, section, lit);
  EXPECT_NEAR(divergence.half_jeffreys, 0, 1e-5);
  const std::vector<double> map = to_host(divergence.map.at("half_jeffreys"));
  EXPECT_EQ(map.front(), -1);
  EXPECT_GE(map.back(), 0);
}

TEST(Divergence, HasAMapWhoseMeanItIs) {
  const Divergence divergence = divergence_between(layers(300), layers(200, 0.1), section, all_lit);
  // 101 x 61 cells by windows of 24, 12 apart; the last ends at the edge.
  EXPECT_EQ(divergence.map.grid.size, (std::array<int, 3>{8, 1, 5}));
  const std::vector<double> map = to_host(divergence.map.at("jensen_shannon"));
  EXPECT_NEAR(std::accumulate(map.begin(), map.end(), 0.) / double(map.size()), divergence.jensen_shannon,
              1e-6);
}

TEST(Divergence, IsNotANumberWithoutLightOrContrast) {
  const Field flat = sampled_field(section, [](double, double, double) { return 3.; });
  EXPECT_TRUE(std::isnan(divergence_between(layers(300), flat, section, all_lit).half_jeffreys));
  EXPECT_TRUE(std::isnan(
      divergence_between(layers(300), layers(300), section, std::vector<bool>(section.cells(), false))
          .half_jeffreys));
}

TEST(Divergence, WorksInThreeDimensions) {
  const Grid grid{{26, 25, 30}, {20., 20., 20.}, {}};
  const auto image = [&](double period) {
    return sampled_field(grid, [=](double x, double y, double z) {
      return std::sin(2 * M_PI * (z + 0.2 * x + 0.1 * y) / period);
    });
  };
  const std::vector<bool> lit(grid.cells(), true);
  EXPECT_EQ(divergence_between(image(200), image(200), grid, lit).orientation, 0);
  EXPECT_GT(divergence_between(image(200), image(600), grid, lit).orientation, 0);
}

}  // namespace
}  // namespace fathom
