// SPDX-License-Identifier: BSD-3-Clause

// Waves of every equation in a homogeneous medium against its Green's functions.

#include <gtest/gtest.h>

#include "tests/physics/exact.hpp"

namespace fathom::testing {
namespace {

using std::numbers::pi;

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
double worst_error(const std::string& equation, const Line& line) {
  const Medium medium{.points = line.points, .equation = equation};
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

class GreensFunction : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Of, GreensFunction, ::testing::ValuesIn(wave_equations().names()),
                         [](const auto& info) { return info.param; });

constexpr Line plane{}, fine_plane{.points = 16, .courant = 0.1};
/// Ten wavelengths for one equation; the others, which share its stencils, are given less time.
Line in_space(const std::string& equation) {
  return {.three_d = true, .offset = equation == "acoustic" ? 10. : 4., .margin = 0.5, .width = 18};
}
constexpr Line fine_space{
    .three_d = true, .points = 16, .courant = 0.1, .offset = 2, .margin = 0.2, .width = 14};

TEST_P(GreensFunction, IsMetWithinOnePercentAtEightPointsPerWavelengthIn2D) {
  EXPECT_LT(worst_error(GetParam(), plane), 0.01);
}

TEST_P(GreensFunction, IsMetWithinAThousandthAtHalfTheSpacingAndAQuarterOfTheStepIn2D) {
  EXPECT_LT(worst_error(GetParam(), fine_plane), 0.001);
}

/// The windowed sinc's own ripple, up to half a percent along each axis, does not shrink with the spacing.
TEST_P(GreensFunction, IsMetWithinOnePercentFromASourceOffTheGrid) {
  EXPECT_LT(worst_error(GetParam(), with_shift(plane)), 0.01);
  EXPECT_LT(worst_error(GetParam(), with_shift(fine_plane)), 0.01);
}

TEST_P(GreensFunction, IsMetWithinOnePercentAtEightPointsPerWavelengthIn3D) {
  if (in_double) return;  // the float build runs it
  EXPECT_LT(worst_error(GetParam(), in_space(GetParam())), 0.01);
}

/// Of one equation alone: it takes a minute of the others, whose stencils are the same, and which meet it in
/// two dimensions.
TEST(GreensFunctionInSpace, IsMetWithinAThousandthAtHalfTheSpacingAndAQuarterOfTheStep) {
  if (in_double) return;  // the float build runs it
  EXPECT_LT(worst_error("acoustic", fine_space), 0.001);
}

TEST_P(GreensFunction, BelowAFreeSurfaceIsThatOfTheSourceLessThatOfItsImage) {
  const Medium medium{.equation = GetParam()};
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
