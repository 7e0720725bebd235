// SPDX-License-Identifier: BSD-3-Clause

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
    ASSERT_NEAR(velocity[column + floor], 1700, 1e-3);
    for (std::size_t iz = floor; iz < 51; ++iz)
      ASSERT_NEAR(velocity[column + iz], 1700 + 800 * double(iz - floor) / double(50 - floor), 1e-3);
  }
}

}  // namespace
}  // namespace fathom
