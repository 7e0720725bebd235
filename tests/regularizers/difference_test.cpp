// SPDX-License-Identifier: BSD-3-Clause

// Identities of the discrete gradient and divergence.

#include "regularizers/difference.hpp"

#include <gtest/gtest.h>

#include "tests/regularizers/models.hpp"

namespace fathom::testing {
namespace {

constexpr double rounding = in_double ? 1e-14 : 1e-6;

const std::vector<Grid> grids{{{23, 1, 17}, {10., 14., 8.}, {}},
                              {{9, 7, 11}, {10., 14., 8.}, {}},
                              {{1, 1, 40}, {10., 14., 8.}, {}},
                              {{40, 1, 1}, {10., 14., 8.}, {}},
                              {{2, 2, 2}, {1., 2., 3.}, {}}};

double dot(const VectorField& a, const VectorField& b) {
  double sum = 0;
  for (int axis = 0; axis < 3; ++axis) sum += testing::dot(to_host(a[axis]), to_host(b[axis]));
  return sum;
}

TEST(Divergence, IsTheNegativeTransposeOfTheGradient) {
  for (const Grid& grid : grids) {
    const Field u = random_field(grid, 1);
    const VectorField q = random_vectors(grid, 2), slopes = differences_of(u, grid);
    const double along = dot(slopes, q), across = testing::dot(to_host(u), to_host(divergence_of(q, grid)));
    EXPECT_NEAR(along + across, 0, rounding * std::sqrt(dot(slopes, slopes) * dot(q, q)));
  }
}

TEST(Differences, OfALinearFieldAreItsSlopeAndZeroInTheLastRows) {
  const Grid grid{{6, 5, 7}, {10., 14., 8.}, {100., -50., 30.}};
  const VectorField slopes = differences_of(
      sampled_field(grid, [](double x, double y, double z) { return 2 * x - 3 * y + 5 * z; }), grid);
  const double wanted[3] = {2, -3, 5};
  for (int axis = 0; axis < 3; ++axis) {
    const std::vector<double> values = to_host(slopes[axis]);
    std::size_t cell = 0;
    for (int ix = 0; ix < 6; ++ix)
      for (int iy = 0; iy < 5; ++iy)
        for (int iz = 0; iz < 7; ++iz, ++cell) {
          const bool last = (axis == 0 && ix == 5) || (axis == 1 && iy == 4) || (axis == 2 && iz == 6);
          EXPECT_NEAR(values[cell], last ? 0 : wanted[axis], in_double ? 1e-12 : 1e-4) << axis << " " << cell;
        }
  }
}

TEST(Differences, AreZeroAlongAnAxisWithOneCell) {
  const Grid grid{{5, 1, 4}, {10., 14., 8.}, {}};
  for (const double slope : to_host(differences_of(random_field(grid, 5), grid).y)) EXPECT_EQ(slope, 0);
}

TEST(Divergence, OfAConstantFieldVanishesInside) {
  const Grid grid{{5, 1, 6}, {10., 14., 8.}, {}};
  const VectorField one{sampled_field(grid, [](double, double, double) { return 0.5; }),
                        make_field("y", grid),
                        sampled_field(grid, [](double, double, double) { return -0.25; })};
  const std::vector<double> divergence = to_host(divergence_of(one, grid));
  for (int ix = 1; ix < 4; ++ix)
    for (int iz = 1; iz < 5; ++iz) EXPECT_EQ(divergence[std::size_t(ix * 6 + iz)], 0);
}

}  // namespace
}  // namespace fathom::testing
