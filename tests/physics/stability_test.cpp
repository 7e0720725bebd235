// SPDX-License-Identifier: BSD-3-Clause

// The longest stable step of every wave equation: that it is stable whatever the properties, and that no
// longer one is.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "physics/denormals.hpp"
#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

class StableStep : public ::testing::TestWithParam<Variant> {};

INSTANTIATE_TEST_SUITE_P(Registry, StableStep, ::testing::ValuesIn(every_variant()),
                         [](const auto& info) { return name_of(info.param); });

/// Largest |p| over the last tenth of the steps that follow a kick in one cell, relative to the kick.
/// `contrast` is that of the density from cell to cell, in the pattern that is worst for a stencil of the
/// order: alternating in pairs and singly by turns.
double growth(const Variant& variant, double courant, double contrast, int steps) {
  BoundaryOptions boundary;
  boundary.width = 6;
  boundary.free_surface = variant.free_surface;
  const Grid grid = variant.three_d ? Grid{{12, 11, 13}, {10., 10., 10.}, {}} : grid_2d(26, 23, 10);
  const Domain domain(grid, boundary, variant.order / 2);
  const auto equation = wave_equations().make(variant.equation, domain, variant.order);
  constexpr double vp = 3000;
  equation->prepare({courant * equation->max_time_step(vp), vp, 25, boundary.reflection});
  Model model = homogeneous(grid, vp, 1000);
  std::vector<double> rho = to_host(model.at("rho"));
  Noise noise(11);
  for (std::size_t cell = 0; cell < rho.size(); ++cell) {
    const int iz = int(cell % grid.size[2]), ix = int(cell / grid.size[2]) / grid.size[1];
    const bool dense =
        ix < grid.size[0] / 2 ? (ix + iz) % 2 == 0 : ((ix / 2 + iz / 2) % 2 == 0) != (noise() > 0.8);
    if (dense) rho[cell] *= contrast;
  }
  from_host(rho, model["rho"]);
  equation->set_model(domain.pad(model));
  const FlushDenormals flush;
  Wavefield u = equation->at_rest();
  std::vector<double> kick(u.now.size(), 0.);
  for (int k = 0; k < 3; ++k)
    kick[std::size_t(domain.index(9 + 2 * k, variant.three_d ? 9 : 0, 8 + 3 * k))] = k == 1 ? -1 : 1;
  from_host(kick, u.now);
  double last = 0;
  for (int step = 0; step < steps; ++step) {
    equation->step(u, {});
    if (step <= 0.9 * steps || step % 7 != 0) continue;
    const std::vector<double> p = to_host(u.now);
    if (!std::all_of(p.begin(), p.end(), [](double value) { return std::isfinite(value); }))
      return std::numeric_limits<double>::infinity();
    last = std::max(last, peak_of(p));
  }
  return last;
}

TEST_P(StableStep, IsStableWithContrastsOfThreeFromCellToCell) {
  EXPECT_LT(report("growth", growth(GetParam(), 0.95, 3, GetParam().three_d ? 1500 : 6000)), 1);
}

TEST_P(StableStep, IsTheLongest) {
  EXPECT_GT(report("growth", growth(GetParam(), 1.04, 1, 600)), 1e3);
}

}  // namespace
}  // namespace fathom::testing
