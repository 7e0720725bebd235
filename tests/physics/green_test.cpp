// SPDX-License-Identifier: BSD-3-Clause

// Waves in a homogeneous medium against its Green's functions. With w the wavelet and
// m p_tt - laplace p = w(t) delta(x), a receiver at the distance r sees
//
//     3-D:  p = w(t - r/v) / (4 pi r)
//     2-D:  p = 1/(2 pi) int_(r/v)^inf w(t - tau) / sqrt(tau^2 - r^2/v^2) dtau
//             = 1/(2 pi) int_0^inf w(t - r/v cosh(theta)) dtheta
//
// In theta the integrand is smooth and even, so that the trapezoidal rule converges exponentially.

#include <gtest/gtest.h>

#include <numbers>

#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

using std::numbers::pi;

double distance(const Position& a, const Position& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Pressure at a distance (m) from a Ricker source.
std::vector<double> exact_trace(const Medium& medium, const TimeAxis& time, double r, bool three_d) {
  const double arrival = r / medium.vp, delay = medium.delay / medium.peak;
  const auto wavelet = [&](double t) {
    const double square = std::pow(pi * medium.peak * (t - delay), 2);
    return (1 - 2 * square) * std::exp(-square);
  };
  std::vector<double> trace(time.samples);
  for (int sample = 0; sample < time.samples; ++sample) {
    const double t = time.start + sample * time.step;
    if (three_d) {
      trace[sample] = wavelet(t - arrival) / (4 * pi * r);
    } else if (t + delay > arrival) {
      constexpr int intervals = 1000;
      const double step = std::acosh((t + delay) / arrival) / intervals;  // the wavelet is over by then
      double sum = 0.5 * wavelet(t - arrival);
      for (int k = 1; k < intervals; ++k) sum += wavelet(t - arrival * std::cosh(k * step));
      trace[sample] = sum * step / (2 * pi);
    }
  }
  return trace;
}

/// A source at the origin or a fraction of a cell beside it, and receivers every two wavelengths along x and
/// 20 degrees off it.
struct Line {
  bool three_d = false;
  double points = 8;  ///< a wavelength at the edge of the band
  double courant = 0.2;
  double offset = 10;   ///< of the last receiver, wavelengths
  double shift = 0;     ///< of the source, cells
  double margin = 1.5;  ///< around all points, wavelengths; absorbing layers reflect grazing waves
  int width = 20;
};

Line with_shift(Line line) {
  line.shift = 0.37;
  return line;
}

/// Largest relative L2 error of a receiver.
double worst_error(const Line& line) {
  const Medium medium{.points = line.points};
  const double h = medium.spacing(), tilt = line.three_d ? 0 : 20 * pi / 180;
  const int before = medium.cells(line.margin), after = before + medium.cells(line.offset),
            deep = before + medium.cells(line.offset * std::sin(tilt));
  Grid grid = grid_2d(before + after + 1, before + deep + 1, h, -before * h, -before * h);
  if (line.three_d) grid.size[1] = 2 * before + 1, grid.origin[1] = -before * h;

  BoundaryOptions boundary;
  boundary.width = line.width;
  const PropagatorSetup setup =
      setup_in(medium, grid, line.offset + 2 * medium.delay + 0.3, line.courant, 8, boundary);
  Shot shot{0, {line.shift * h, line.three_d ? -0.7 * line.shift * h : 0, 0.6 * line.shift * h}, {}};
  const auto on_grid = [&](double wavelengths) { return medium.cells(wavelengths) * h; };
  for (double length = 2; length <= line.offset; length += 2)
    for (const double angle : {0., tilt})
      shot.receivers.push_back({on_grid(length * std::cos(angle)), 0, on_grid(length * std::sin(angle))});

  const Gather gather = record(medium, setup, shot);
  double worst = 0;
  for (int receiver = 0; receiver < gather.receivers; ++receiver) {
    const double r = distance(shot.source, shot.receivers[receiver]);
    worst = std::max(
        worst, relative_l2(trace_of(gather, receiver), exact_trace(medium, gather.time, r, line.three_d)));
  }
  report("relative_l2", worst);
  return worst;
}

constexpr Line plane{}, fine_plane{.points = 16, .courant = 0.1};
constexpr Line space{.three_d = true, .margin = 0.5, .width = 18};
constexpr Line fine_space{
    .three_d = true, .points = 16, .courant = 0.1, .offset = 2, .margin = 0.2, .width = 14};

TEST(GreensFunction, IsMetWithinOnePercentAtEightPointsPerWavelengthIn2D) {
  EXPECT_LT(worst_error(plane), 0.01);
}

TEST(GreensFunction, IsMetWithinAThousandthAtHalfTheSpacingAndAQuarterOfTheStepIn2D) {
  EXPECT_LT(worst_error(fine_plane), 0.001);
}

/// The windowed sinc's own ripple, up to half a percent along each axis, does not shrink with the spacing.
TEST(GreensFunction, IsMetWithinOnePercentFromASourceOffTheGrid) {
  EXPECT_LT(worst_error(with_shift(plane)), 0.01);
  EXPECT_LT(worst_error(with_shift(fine_plane)), 0.01);
}

TEST(GreensFunction, IsMetWithinOnePercentAtEightPointsPerWavelengthIn3D) {
  if (in_double) return;  // the float build runs it
  EXPECT_LT(worst_error(space), 0.01);
}

TEST(GreensFunction, IsMetWithinAThousandthAtHalfTheSpacingAndAQuarterOfTheStepIn3D) {
  if (in_double) return;  // the float build runs it
  EXPECT_LT(worst_error(fine_space), 0.001);
}

TEST(GreensFunction, BelowAFreeSurfaceIsThatOfTheSourceLessThatOfItsImage) {
  const Medium medium;
  const double h = medium.spacing();
  BoundaryOptions boundary;
  boundary.free_surface = true;
  const int margin = medium.cells(1), offset = medium.cells(4), deep = medium.cells(3);
  const Grid grid = grid_2d(2 * margin + offset + 1, deep + 1, h, -margin * h);
  const PropagatorSetup setup = setup_in(medium, grid, 6 + 2 * medium.delay, 0.2, 8, boundary);
  const Position source{0, 0, 9 * h}, image{0, 0, -9 * h};
  const Shot shot{0, source, {{offset * h, 0, 5 * h}, {offset * h, 0, 27 * h}, {offset / 2 * h, 0, 18 * h}}};
  const Gather gather = record(medium, setup, shot);
  for (int receiver = 0; receiver < gather.receivers; ++receiver) {
    const Position& place = shot.receivers[receiver];
    std::vector<double> expected = exact_trace(medium, gather.time, distance(place, source), false);
    const std::vector<double> mirrored = exact_trace(medium, gather.time, distance(place, image), false);
    for (std::size_t k = 0; k < expected.size(); ++k) expected[k] -= mirrored[k];
    EXPECT_LT(report("relative_l2", relative_l2(trace_of(gather, receiver), expected)), 0.01);
  }
}

}  // namespace
}  // namespace fathom::testing
