// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/physics/problem.hpp"

namespace fathom::testing {

/// A model with what any equation may ask for.
inline Model homogeneous(const Grid& grid, double vp, double rho = 1000) {
  Model model{grid, {}};
  for (const auto& [name, value] : {std::pair{"vp", vp}, std::pair{"rho", rho}}) {
    model[name] = make_field(name, grid);
    Kokkos::deep_copy(model[name], Real(value));
  }
  return model;
}

/// Where the spectrum of a Ricker wavelet has fallen by 20 dB, in peak frequencies.
inline constexpr double ricker_edge = 2.21;

/// A homogeneous medium, a Ricker source and a fine grid to go with them. Lengths are in dominant
/// wavelengths, times in dominant periods, so that a test reads as its geometry.
struct Medium {
  double vp = 2000, peak = 10;  ///< m/s, Hz
  double points = 8;            ///< a wavelength at ricker_edge * peak
  double delay = 1.5;           ///< of the wavelet, periods
  std::string equation = "acoustic";
  double rho = 1000;  ///< kg/m^3
  double wavelength() const { return vp / peak; }
  double spacing() const { return wavelength() / (ricker_edge * points); }
  /// The number of cells that is next to a length.
  int cells(double wavelengths) const { return int(std::lround(wavelengths * ricker_edge * points)); }
};

/// A propagator's setup in a medium, for some periods. The survey is sampled at 20 samples a period or more,
/// with a whole number of steps at exactly this Courant number in between.
inline PropagatorSetup setup_in(const Medium& medium, const Grid& grid, double periods, double courant,
                                int order = 8, const BoundaryOptions& boundary = {}) {
  PropagatorSetup setup;
  setup.options.equation = medium.equation;
  setup.options.boundary = boundary;
  setup.options.order = order;
  setup.options.courant = courant;
  setup.options.history = "full";
  setup.grid = grid;
  setup.fastest = medium.vp;
  setup.dominant_frequency = medium.peak;
  const double longest = wave_equations()
                             .make(medium.equation, Domain(grid, boundary, order / 2), order)
                             ->max_time_step(medium.vp);
  const double step = courant * longest, sampling = 0.05 / medium.peak;
  setup.time.step = step * std::max(1., std::floor(sampling / step));
  setup.time.samples = 1 + int(std::ceil(periods / medium.peak / setup.time.step));
  return setup;
}

/// d = F w for a Ricker source in the medium.
inline Gather record(const Medium& medium, const PropagatorSetup& setup, const Shot& shot) {
  Propagator propagator(setup);
  propagator.set_model(homogeneous(setup.grid, medium.vp, medium.rho));
  return propagator.forward(shot, ricker(setup.time, medium.peak, medium.delay / medium.peak));
}

/// Writes a measured number into the test's record (--gtest_output) and hands it on to the gate.
inline double report(const std::string& what, double value) {
  std::ostringstream text;
  text << value;
  ::testing::Test::RecordProperty(what, text.str());
  return value;
}

inline std::vector<double> trace_of(const Gather& gather, int receiver) {
  return {gather.trace(receiver), gather.trace(receiver) + gather.time.samples};
}

inline double peak_of(const std::vector<double>& values) {
  double peak = 0;
  for (const double value : values) peak = std::max(peak, std::abs(value));
  return peak;
}

}  // namespace fathom::testing
