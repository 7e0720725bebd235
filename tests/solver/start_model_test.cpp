// SPDX-License-Identifier: BSD-3-Clause

#include <cmath>

#include "solver/blur.hpp"
#include "solver/sea_floor.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

std::vector<double> start_of(const std::string& linear) {
  const Scratch scratch;
  const Case the_case = load_text(
      scratch,
      changed(sound_case, {{"water_depth: 0", "water_depth: 100"},
                           {"start:\n  blur:\n    sigma: 100\n", "start:\n  linear: {" + linear + "}\n"}}));
  EXPECT_EQ(the_case.start.grid.size[2], 51);
  return to_host(the_case.start.at("vp"));
}

TEST(ALinearStart, RisesFromTheTopToTheBottom) {
  const std::vector<double> velocity = start_of("top: 1700, bottom: 2700");
  for (std::size_t cell = 0; cell < velocity.size(); ++cell)
    ASSERT_NEAR(velocity[cell], 1700 + 20 * double(cell % 51), 1e-3);
}

TEST(ALinearStart, RisesFromTheSeaFloorWhereWaterIsKept) {
  const std::vector<double> velocity = start_of("top: 1700, bottom: 2500, keep_water: true");
  for (std::size_t column = 0; column < velocity.size(); column += 51) {
    ASSERT_NEAR(velocity[column + 50], 2500, 1e-3);
    std::size_t floor = 0;
    for (; velocity[column + floor] < 1510; ++floor) ASSERT_NEAR(velocity[column + floor], 1500, 1e-3);
    ASSERT_GT(floor, 4u) << "there are 100 m of water on the whole";
    ASSERT_LE(velocity[column + floor], 1700 + 1e-3) << "there may be water in the floor's cell";
    for (std::size_t iz = floor + 1; iz < 51; ++iz)
      ASSERT_NEAR(velocity[column + iz], 1700 + 800 * double(iz - floor) / double(50 - floor), 1e-3);
  }
}

TEST(AStart, IsMadeOnTheGridOfTheTruthAndThenMadeCoarser) {
  const Scratch scratch;
  Changes changes{{"water_depth: 0", "water_depth: 100"}, {"sigma: 100", "sigma: 100\n    keep_water: true"}};
  const Case fine = load_text(scratch, changed(sound_case, changes));
  changes.emplace_back("\nspacing: 10\n", "\nspacing: 25\n");
  const Case coarse = load_text(scratch, changed(sound_case, changes));
  ASSERT_EQ(fine.start.grid, fine.truth->grid);
  ASSERT_EQ(coarse.start.grid.spacing[2], 25);
  EXPECT_EQ(to_host(coarse.start.at("vp")), to_host(resample(fine.start, coarse.start.grid).at("vp")));
}

/// A column of water, 3000 m/s below, and a cell of both in between.
Model hard_sea_floor(double share_of_water) {
  const Grid grid = grid_2d(5, 61, 10);
  const double cut = 1 / std::sqrt(share_of_water / (1500. * 1500) + (1 - share_of_water) / (3000. * 3000));
  std::vector<double> values(grid.cells());
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    const std::size_t iz = cell % 61;
    values[cell] = iz < 20 ? 1500 : iz == 20 ? cut : 3000 + 10 * double(iz - 21);
  }
  Model model{grid, {}};
  model["vp"] = make_field("vp", grid);
  from_host(values, model["vp"]);
  return model;
}

TEST(ShareOfWater, IsThatOfTheCellWhichTheSeaFloorCuts) {
  for (const double share : {0., 0.25, 0.9}) {
    const std::vector<double> shares = shares_of_water(hard_sea_floor(share));
    EXPECT_EQ(shares[19], 1);
    EXPECT_NEAR(shares[20], share, 1e-5);
    EXPECT_EQ(shares[21], 0);
  }
}

TEST(ABlurredStart, KeepsTheSeaFloorInsideACell) {
  const Model truth = hard_sea_floor(0.4);
  for (const char* property : {"velocity", "slowness"}) {
    const Model start = blur(truth, 100, property, true);
    const std::vector<double> velocity = to_host(start.at("vp"));
    EXPECT_EQ(velocity[19], 1500);
    EXPECT_GT(velocity[21], 2990) << "no water leaks into the rock";
    EXPECT_LT(velocity[21], 3150);
    EXPECT_NEAR(shares_of_water(start)[20], 0.4, 0.01);
  }
}

}  // namespace
}  // namespace fathom
