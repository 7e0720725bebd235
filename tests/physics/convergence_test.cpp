// SPDX-License-Identifier: BSD-3-Clause

// Orders of convergence, observed on a standing mode in a box, p = sin(k x) sin(k z) cos(omega t).
//
// The top wall is the free surface. At the other walls the mode goes on into further boxes, its odd images,
// on a grid so much larger that what happens at the grid's edges does not come back in time. Errors in space
// and time are taken apart by comparing with the solution that is exact in the one and discrete in the other.

#include <gtest/gtest.h>

#include <numbers>

#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

using std::numbers::pi;

constexpr double wavelength = 120, vp = 2000;
constexpr double wave_number = 2 * pi / wavelength;
const double omega = vp * wave_number * std::sqrt(2.);
const double duration = 0.3 * 2 * pi / omega;

/// What leapfrog turns by in a step where the Laplacian is exact: u_(n+1) + u_(n-1) = (2 - (omega dt)^2) u_n.
double leapfrog_angle(double time_step) {
  return 2 * std::asin(omega * time_step / 2);
}

/// Largest error in the box after `steps`, against a mode that turns by `angle` a step.
double mode_error(int order, int points, int steps, double angle) {
  constexpr int further = 2;  // wavelengths around the box
  const double h = wavelength / points;
  BoundaryOptions boundary;
  boundary.width = 0;
  boundary.free_surface = true;
  const Grid grid =
      grid_2d(2 * further * points + points / 2 + 1, (further + 1) * points, h, -further * wavelength);
  const Domain domain(grid, boundary, order / 2);
  const auto equation = wave_equations().make("acoustic", domain, order);
  equation->prepare({duration / steps, vp, 10, boundary.reflection});
  equation->set_model(domain.pad(homogeneous(grid, vp)));

  const auto mode = [&](int ix, int iz) {
    return std::sin(wave_number * grid.coordinate(0, ix)) * std::sin(wave_number * grid.coordinate(2, iz));
  };
  const auto at_angle = [&](double phase) {
    std::vector<double> values;
    for (int ix = 0; ix < grid.size[0]; ++ix)
      for (int iz = 0; iz < grid.size[2]; ++iz) values.push_back(mode(ix, iz) * std::cos(phase));
    const Field field = make_field("mode", grid);
    from_host(values, field);
    return domain.with_halo(field);
  };
  Wavefield u = equation->at_rest();
  Kokkos::deep_copy(u.now, at_angle(0));
  Kokkos::deep_copy(u.before, at_angle(angle));
  for (int step = 0; step < steps; ++step) equation->step(u, {});

  const std::vector<double> values = to_host(u.now);
  double worst = 0;
  for (int ix = further * points; ix <= further * points + points / 2; ++ix)
    for (int iz = 0; iz <= points / 2; ++iz)
      worst = std::max(worst, std::abs(values[std::size_t(domain.index(ix, 0, iz))] -
                                       mode(ix, iz) * std::cos(steps * angle)));
  return worst;
}

class StandingMode : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Order, StandingMode, ::testing::Values(2, 4, 8));

TEST_P(StandingMode, ConvergesInSpaceWithTheOrderOfTheStencil) {
  if (!in_double) return;  // the double build runs it
  const int order = GetParam(), steps = 60;
  const double angle = leapfrog_angle(duration / steps);
  const double coarse = mode_error(order, 16, steps, angle), fine = mode_error(order, 32, steps, angle);
  EXPECT_NEAR(report("order", std::log2(coarse / fine)), order, 0.1);
}

TEST_P(StandingMode, ConvergesInTimeWithSecondOrder) {
  if (!in_double) return;  // the double build runs it
  const int order = GetParam(), points = 32;
  // What is left of the error in space is measured and taken off: it does not depend on the step.
  const auto turned = [&](int steps) {
    const double h = wavelength / points;
    double symbol = 0;
    const auto weights = [&](const auto& second) {
      symbol = second[0];
      for (std::size_t k = 1; k < second.size(); ++k)
        symbol += 2 * second[k] * std::cos(double(k) * wave_number * h);
    };
    if (order == 2) weights(Weights<1>::second);
    if (order == 4) weights(Weights<2>::second);
    if (order == 8) weights(Weights<4>::second);
    return vp * std::sqrt(-2 * symbol) / h * duration / steps;
  };
  const double coarse = mode_error(order, points, 20, turned(20));
  const double fine = mode_error(order, points, 40, turned(40));
  EXPECT_NEAR(report("order", std::log2(coarse / fine)), 2, 0.1);
}

}  // namespace
}  // namespace fathom::testing
