// SPDX-License-Identifier: BSD-3-Clause

#include "physics/grid.hpp"

#include <gtest/gtest.h>

namespace fathom::testing {
namespace {

const Grid box{{12, 10, 9}, {10., 20., 5.}, {100., -30., 2.}};

TEST(Grid, KnowsItsExtentAndCoordinates) {
  EXPECT_EQ(box.dimensions(), 3);
  EXPECT_EQ(box.cells(), 12u * 10 * 9);
  EXPECT_DOUBLE_EQ(box.coordinate(1, 3), 30);
  EXPECT_DOUBLE_EQ(box.last(0), 210);
  EXPECT_DOUBLE_EQ(box.extent(2), 40);
  EXPECT_DOUBLE_EQ(box.cell_volume(), 1000);
}

TEST(Grid, CountsOnlyActiveAxesIn2D) {
  const Grid plane{{12, 1, 9}, {10., 77., 5.}, {0., 0., 0.}};
  EXPECT_EQ(plane.dimensions(), 2);
  EXPECT_FALSE(plane.active(1));
  EXPECT_DOUBLE_EQ(plane.cell_volume(), 50) << "m^2: the spacing along y has no meaning";
  EXPECT_EQ(grid_2d(12, 9, 10, 3, 4), (Grid{{12, 1, 9}, {10., 10., 10.}, {3., 0., 4.}}));
}

TEST(Grid, CoversTheSameExtentAtAnotherSpacing) {
  const Grid finer = with_spacing(box, 2.5);
  EXPECT_EQ(finer.size, (std::array{45, 73, 17}));
  EXPECT_EQ(finer.origin, box.origin);
  for (int axis = 0; axis < 3; ++axis) EXPECT_DOUBLE_EQ(finer.last(axis), box.last(axis));
}

TEST(Grid, NeverReachesBeyondTheOldEnd) {
  for (const double spacing : {3., 7., 9.999, 10.001, 33.}) {
    const Grid other = with_spacing(box, spacing);
    for (int axis = 0; axis < 3; ++axis) {
      EXPECT_LE(other.last(axis), box.last(axis) + 1e-4);
      EXPECT_GT(other.last(axis), box.last(axis) - spacing);
    }
  }
}

TEST(Grid, LosesNoPointToRoundingWhereTheSpacingDividesTheExtent) {
  const Grid line = grid_2d(1001, 301, 0.1);
  EXPECT_EQ(with_spacing(line, 0.3).size, (std::array{334, 1, 101}));
  EXPECT_EQ(with_spacing(line, 0.1).size, line.size);
}

TEST(Grid, LeavesAnInactiveAxisAlone) {
  const Grid coarser = with_spacing(grid_2d(41, 21, 10), 20);
  EXPECT_EQ(coarser.size, (std::array{21, 1, 11}));
  EXPECT_EQ(coarser.spacing[1], 10);
}

}  // namespace
}  // namespace fathom::testing
