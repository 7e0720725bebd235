// SPDX-License-Identifier: BSD-3-Clause
#include "solver/migration.hpp"

#include "solver/reflectivity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/regularizers/models.hpp"

namespace fathom {
namespace {

const Grid grid = grid_2d(101, 61, 20);
constexpr int interface_row = 35;  // the last one above
constexpr double background = 2200;

/// A survey of the surface over a half space from some row on.
struct FlatInterface {
  explicit FlatInterface(double below) {
    survey.time = {0, 0.004, 351};
    survey.wavelet = ricker(survey.time, 8, 0.15);
    for (int id = 0; id < 8; ++id) {
      Shot shot{id, {100. + 257. * id, 0., 30.}, {}};
      for (int receiver = 0; receiver <= 100; ++receiver) shot.receivers.push_back({20. * receiver, 0., 20.});
      survey.shots.push_back(shot);
    }
    PropagatorSetup setup;
    setup.grid = grid;
    setup.time = survey.time;
    setup.fastest = 3600;
    setup.max_frequency = 30;
    setup.dominant_frequency = 8;
    setup.options.boundary.width = 24;
    propagator = std::make_unique<Propagator>(setup);
    propagator->set_model(model([below](int row) { return row <= interface_row ? background : below; }));
    for (const Shot& shot : survey.shots)
      observed.emplace(shot.id, propagator->forward(shot, survey.wavelet));
  }

  template <class F>
  static Model model(const F& of_row) {
    return testing::sampled(grid, [&](double, double, double z) { return of_row(int(std::lround(z / 20))); });
  }

  Communicator alone;
  Survey survey;
  std::unique_ptr<Propagator> propagator;
  Gathers observed;
};

/// Average over the columns in the middle, where the fold is full.
std::vector<double> profile(const Field& image) {
  const std::vector<double> values = to_host(image);
  std::vector<double> mean(std::size_t(grid.size[2]), 0.);
  for (int ix = 35; ix <= 65; ++ix)
    for (int iz = 0; iz < grid.size[2]; ++iz)
      mean[std::size_t(iz)] += values[std::size_t(ix * grid.size[2] + iz)] / 31;
  return mean;
}

void expect_peak(double below, double sign) {
  FlatInterface flat(below);
  std::int64_t solves = 5;
  const Model start = FlatInterface::model([](int) { return background; });
  const Field image =
      reflectivity_image({flat.alone, *flat.propagator, flat.survey, flat.observed, {}, 8.}, start, solves)
          .reflectivity;
  EXPECT_EQ(solves, 5 + 3 * 8);
  std::vector<double> mean = profile(image);
  const auto strongest = std::max_element(mean.begin() + 10, mean.end(),
                                          [](double a, double b) { return std::abs(a) < std::abs(b); });
  EXPECT_NEAR(double(strongest - mean.begin()), interface_row, 1) << below;
  EXPECT_GT(sign * *strongest, 0) << below;
  // Zero phase: as much to either side.
  const double peak = *strongest;
  for (int away = 1; away <= 3; ++away) {
    const std::size_t at = std::size_t(strongest - mean.begin());
    EXPECT_NEAR(mean[at - std::size_t(away)] / peak, mean[at + std::size_t(away)] / peak, 0.35)
        << below << " " << away;
  }
}

TEST(ReflectivityImage, OfAFlatInterfacePeaksAtItsDepthPositiveWhereVelocityRises) {
  expect_peak(2500, 1);
}

TEST(ReflectivityImage, LooksLikeTheReflectivityOfTheTrueModel) {
  FlatInterface flat(2500);
  std::int64_t solves = 0;
  const Model truth = FlatInterface::model([](int row) { return row <= interface_row ? background : 2500.; });
  const DepthImage image =
      reflectivity_image({flat.alone, *flat.propagator, flat.survey, flat.observed, {}, 8.}, truth, solves);
  const std::vector<double> seen = profile(image.reflectivity),
                            said = profile(reflectivity_of(truth, flat.survey.wavelet, flat.survey.time));
  double both = 0, first = 0, second = 0;
  for (int row = interface_row - 12; row <= interface_row + 12; ++row) {
    both += seen[std::size_t(row)] * said[std::size_t(row)];
    first += std::pow(seen[std::size_t(row)], 2);
    second += std::pow(said[std::size_t(row)], 2);
  }
  EXPECT_GT(both / std::sqrt(first * second), 0.9);
}

TEST(ReflectivityImage, IsCloserToTheTrueModelThanToASmoothOne) {
  FlatInterface flat(2500);
  std::int64_t solves = 0;
  const auto divergence_of = [&](const Model& model) {
    return compare_with_image(
               reflectivity_image({flat.alone, *flat.propagator, flat.survey, flat.observed, {}, 8.}, model,
                                  solves),
               model, std::vector<bool>(grid.cells(), false), flat.survey)
        .divergence;
  };
  const Divergence of_truth = divergence_of(FlatInterface::model(
                       [](int row) { return row <= interface_row ? background : 2500.; })),
                   of_slope =
                       divergence_of(FlatInterface::model([](int row) { return background + 8. * row; }));
  EXPECT_LT(of_truth.half_jeffreys, 0.5 * of_slope.half_jeffreys);
  EXPECT_LT(of_truth.jensen_shannon, 0.5 * of_slope.jensen_shannon);
}

TEST(ReflectivityImage, IsNotTrustedNextToSourcesAndReceivers) {
  FlatInterface flat(2500);
  std::int64_t solves = 0;
  const DepthImage image =
      reflectivity_image({flat.alone, *flat.propagator, flat.survey, flat.observed, {}, 8.},
                         FlatInterface::model([](int) { return background; }), solves);
  const std::vector<double> values = to_host(image.reflectivity);
  const std::size_t column = std::size_t(50 * grid.size[2]);
  EXPECT_FALSE(image.lit[column + 8]);
  EXPECT_EQ(values[column + 5], 0);
  EXPECT_TRUE(image.lit[column + interface_row]);
}

TEST(ReflectivityImage, IsNegativeWhereVelocityFalls) {
  expect_peak(1950, -1);
}

}  // namespace
}  // namespace fathom
