// SPDX-License-Identifier: BSD-3-Clause

// What density does to waves, in the equation "acoustic_density".

#include <gtest/gtest.h>

#include "physics/denormals.hpp"
#include "physics/error.hpp"
#include "tests/physics/exact.hpp"

namespace fathom::testing {
namespace {

constexpr const char* with_density = "acoustic_density";

/// A survey of a fault of velocities in a medium, in which a dominant wavelength is a length of 1.
Gather over_smooth_hill(const std::string& equation, double points, double rho) {
  const Medium medium{.points = points, .equation = equation};
  const double h = medium.spacing(), length = medium.wavelength();
  const int width = medium.cells(4), depth = medium.cells(2);
  const Grid grid = grid_2d(width + 1, depth + 1, h);
  PropagatorSetup setup = setup_in(medium, grid, 5, 0.1, 4);
  setup.time = {0, 0.05 / medium.peak, 100};  // the same samples at every spacing
  Model model = homogeneous(grid, medium.vp, rho);
  std::vector<double> values;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iz = 0; iz < grid.size[2]; ++iz) {
      const double x = grid.coordinate(0, ix) / length - 2, z = grid.coordinate(2, iz) / length - 1;
      values.push_back(medium.vp * (1 - 0.3 * std::exp(-4 * (x * x + z * z))));
    }
  from_host(values, model["vp"]);
  Propagator propagator(setup);
  propagator.set_model(model);
  const double unit = medium.cells(1) * h;
  return propagator.forward({0, {0.5 * unit, 0, unit}, {{3 * unit, 0, unit}, {2 * unit, 0, 0.5 * unit}}},
                            ricker(setup.time, medium.peak, medium.delay / medium.peak));
}

TEST(Density, ThatIsConstantGivesTheDataOfTheAcousticEquationTimesItselfOverWaters) {
  constexpr double rho = 2600;
  const auto difference = [](double points) {
    const Gather plain = over_smooth_hill("acoustic", points, 1000);
    std::vector<double> dense = over_smooth_hill(with_density, points, rho).data;
    for (double& value : dense) value *= 1000 / rho;
    return relative_l2(dense, plain.data);
  };
  const double coarse = report("coarse", difference(8)), fine = report("fine", difference(16));
  EXPECT_LT(coarse, 0.02);
  EXPECT_LT(fine, 1e-3);
  if (in_double) {
    EXPECT_NEAR(report("order", std::log2(coarse / fine)), 4, 0.5);
  }
}

/// Error of the reflection from, and the transmission through, a plane interface halfway between two rows of
/// cells, at which the density alone changes, relative to each. The velocity is the same on both sides, so
/// that the reflection coefficient (Z2 - Z1) / (Z2 + Z1) = (rho2 - rho1) / (rho2 + rho1) holds at every angle
/// and the exact solution is that of the source and of its image in the interface.
struct InterfaceErrors {
  double reflected, transmitted;
};

InterfaceErrors interface_errors(double rho_1, double rho_2, double points, double courant) {
  const Medium medium{.points = points, .equation = with_density};
  const double h = medium.spacing();
  const int side = medium.cells(2.5), across = medium.cells(2), above = medium.cells(2);
  const Grid grid =
      grid_2d(2 * side + across + 1, 2 * above, h, -side * h, -(above - 0.5) * h);  // z = 0: interface
  const PropagatorSetup setup = setup_in(medium, grid, 4.8 + 2 * medium.delay, courant);
  Model layered = homogeneous(grid, medium.vp, rho_1);
  std::vector<double> values = to_host(layered.at("rho"));
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (int(cell % grid.size[2]) >= above) values[cell] = rho_2;
  from_host(values, layered["rho"]);
  const Position source{0, 0, grid.coordinate(2, above / 2)}, image{0, 0, -source[2]};
  const Shot shot{0,
                  source,
                  {{0, 0, grid.coordinate(2, above / 4)},
                   {across * h, 0, grid.coordinate(2, above / 2)},
                   {0, 0, grid.coordinate(2, above + above / 2)},
                   {across * h, 0, -source[2]}}};
  const std::vector<double> wavelet = ricker(setup.time, medium.peak, medium.delay / medium.peak);
  Propagator propagator(setup);
  propagator.set_model(layered);
  const Gather found = propagator.forward(shot, wavelet);
  const double strength = rho_1 / 1000, coefficient = (rho_2 - rho_1) / (rho_2 + rho_1);
  InterfaceErrors errors{};
  for (int receiver = 0; receiver < 4; ++receiver) {
    const Position& place = shot.receivers[receiver];
    const std::vector<double> direct = exact_trace(medium, found.time, distance(place, source), false);
    std::vector<double> trace = trace_of(found, receiver), expected;
    if (receiver < 2) {
      expected = exact_trace(medium, found.time, distance(place, image), false);
      for (std::size_t k = 0; k < trace.size(); ++k) {
        trace[k] -= strength * direct[k];
        expected[k] *= strength * coefficient;
      }
      errors.reflected = std::max(errors.reflected, relative_l2(trace, expected));
    } else {
      expected = direct;
      for (double& value : expected) value *= strength * (1 + coefficient);
      errors.transmitted = std::max(errors.transmitted, relative_l2(trace, expected));
    }
  }
  report("reflected", errors.reflected);
  report("transmitted", errors.transmitted);
  return errors;
}

TEST(Density, ReflectsAndTransmitsByTheImpedancesOfBothSides) {
  for (const auto& [rho_1, rho_2] :
       {std::pair{1000., 2200.}, std::pair{2400., 1200.}, std::pair{2000., 2100.}}) {
    const InterfaceErrors errors = interface_errors(rho_1, rho_2, 12, 0.15);
    EXPECT_LT(errors.reflected, 0.025) << rho_1 << " over " << rho_2;
    EXPECT_LT(errors.transmitted, 0.01) << rho_1 << " over " << rho_2;
  }
}

TEST(Density, ReflectsWithAnErrorOfSecondOrderInTheSpacing) {
  if (!in_double) return;  // the double build runs it
  const InterfaceErrors coarse = interface_errors(1000, 2200, 8, 0.2),
                        fine = interface_errors(1000, 2200, 16, 0.1);
  EXPECT_NEAR(report("order", std::log2(coarse.reflected / fine.reflected)), 2, 0.4);
}

}  // namespace
}  // namespace fathom::testing
