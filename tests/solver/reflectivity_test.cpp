// SPDX-License-Identifier: BSD-3-Clause
#include "solver/reflectivity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/regularizers/models.hpp"

namespace fathom {
namespace {

const Grid column = grid_2d(3, 201, 5);
const TimeAxis time_axis{0, 0.002, 400};

/// The reflectivity along the middle column of a velocity v(z).
template <class F>
std::vector<double> reflectivity(const F& velocity) {
  const Model model = testing::sampled(column, [&](double, double, double z) { return double(velocity(z)); });
  const std::vector<double> all = to_host(reflectivity_of(model, ricker(time_axis, 10, 0.15), time_axis));
  return {all.begin() + column.size[2], all.begin() + 2 * column.size[2]};
}

int strongest(const std::vector<double>& values) {
  return int(std::max_element(values.begin(), values.end(),
                              [](double a, double b) { return std::abs(a) < std::abs(b); }) -
             values.begin());
}

TEST(Reflectivity, PeaksInTheCellAboveAnInterfaceWithTheSignOfItsContrast) {
  for (const double below : {1800., 2300.}) {
    const std::vector<double> values = reflectivity([&](double z) { return z <= 500 ? 2000 : below; });
    EXPECT_EQ(strongest(values), 100);
    EXPECT_NEAR(values[100], std::log(below / 2000), 1e-4);
  }
}

TEST(Reflectivity, IsSymmetricInVerticalTimeAndNotInDepth) {
  const std::vector<double> values = reflectivity([](double z) { return z <= 500 ? 2000. : 4000.; });
  // The place of each value in time: an interface is half a cell of its upper and half of its lower rock on.
  const double lobe = *std::min_element(values.begin(), values.begin() + 100);
  const int above = int(std::min_element(values.begin(), values.begin() + 100) - values.begin());
  const int below = int(std::min_element(values.begin() + 100, values.end()) - values.begin());
  EXPECT_NEAR(values[std::size_t(below)], lobe, 0.02 * std::abs(lobe));
  EXPECT_NEAR((below - 100) / double(100 - above), 2, 0.2);
}

TEST(Reflectivity, OfTwoOppositeInterfacesACellApartIsAsStrongAboveAsBelow) {
  const std::vector<double> both =
      reflectivity([](double z) { return z == 405 ? 2000 * std::exp(0.1) : 2000.; });
  EXPECT_NEAR(both[80], -both[81], 1e-3);
  EXPECT_GT(both[80], 0);
}

TEST(Reflectivity, OfAConstantVelocityIsZero) {
  for (const double value : reflectivity([](double) { return 3000.; })) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace fathom
