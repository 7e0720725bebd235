// SPDX-License-Identifier: BSD-3-Clause

#include "physics/points.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "physics/error.hpp"
#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

using std::numbers::pi;

const Grid plane{{41, 1, 33}, {10., 10., 8.}, {100., 0., -20.}};
const Grid space{{21, 19, 17}, {10., 12., 8.}, {100., -50., 0.}};

Domain domain_of(const Grid& grid, bool free_surface = false) {
  BoundaryOptions boundary;
  boundary.width = 8;
  boundary.free_surface = free_surface;
  return Domain(grid, boundary, 4);
}

/// A wavefield that holds f(position) in every cell of the padded grid.
template <class F>
Field filled(const Domain& domain, const F& f) {
  const Grid& grid = domain.padded();
  std::vector<double> values;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz)
        values.push_back(f(Position{grid.coordinate(0, ix), grid.coordinate(1, iy), grid.coordinate(2, iz)}));
  const Field field = make_field("f", grid);
  from_host(values, field);
  return with_halo(domain, field);
}

std::vector<double> sampled(const Points& points, const Field& field) {
  const Kokkos::View<Real*> values("values", std::size_t(points.count()));
  points.sample(field, values.data());
  const auto host = Kokkos::create_mirror_view(values);
  Kokkos::deep_copy(host, values);
  return {host.data(), host.data() + host.size()};
}

Kokkos::View<Real*> on_device(const std::vector<double>& values) {
  const Kokkos::View<Real*> view("values", values.size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t k = 0; k < values.size(); ++k) host(k) = Real(values[k]);
  Kokkos::deep_copy(view, host);
  return view;
}

std::vector<Position> scattered(const Grid& grid, int count, unsigned seed) {
  Noise noise(seed);
  std::vector<Position> positions(count);
  for (Position& position : positions)
    for (int axis = 0; axis < 3; ++axis)
      position[axis] = grid.origin[axis] + 0.5 * (1 + noise()) * grid.extent(axis);
  return positions;
}

TEST(Points, OnTheGridSampleTheirOwnCell) {
  const Domain domain = domain_of(space);
  Noise noise(1);
  const Field field = filled(domain, [&](const Position&) { return noise(); });
  const std::vector<double> all = to_host(field);
  std::vector<Position> positions;
  std::vector<double> expected;
  for (const auto& [ix, iy, iz] : {std::array{0, 0, 0}, std::array{20, 18, 16}, std::array{7, 11, 3}}) {
    positions.push_back({space.coordinate(0, ix), space.coordinate(1, iy), space.coordinate(2, iz)});
    expected.push_back(all[std::size_t(domain.index(ix + 8, iy + 8, iz + 8))]);
  }
  EXPECT_EQ(sampled(Points(domain, positions), field), expected);
}

/// Largest error of samples of a plane wave along z, at random places, for so many cells a wavelength.
double sampling_error(const Domain& domain, double cells) {
  const double k = 2 * pi / (cells * domain.model().spacing[2]), top = domain.model().origin[2];
  const auto wave = [&](const Position& at) { return std::sin(k * (at[2] - top)); };
  std::vector<Position> positions = scattered(domain.model(), 500, 2);
  for (Position& position : positions) position[0] = domain.model().coordinate(0, 20);
  const std::vector<double> found = sampled(Points(domain, positions), filled(domain, wave));
  double worst = 0;
  for (std::size_t n = 0; n < found.size(); ++n)
    worst = std::max(worst, std::abs(found[n] - wave(positions[n])));
  return worst;
}

/// The ripple of a Kaiser window of b = 4.14 and half-width 4; at 3.5 cells a wave is at the end of its band.
TEST(Points, SampleAPlaneWaveBetweenGridLinesWithinHalfAPercent) {
  const Domain domain = domain_of(plane);
  EXPECT_LT(report("error_16_cells", sampling_error(domain, 16)), 0.005);
  EXPECT_LT(report("error_8_cells", sampling_error(domain, 8)), 0.005);
  EXPECT_LT(report("error_5_cells", sampling_error(domain, 5)), 0.006);
  EXPECT_LT(report("error_3.5_cells", sampling_error(domain, 3.5)), 0.01);
}

TEST(Points, SampleAsWellBesideAFreeSurfaceByItsOddImages) {
  const Domain domain = domain_of(plane, true);
  EXPECT_LT(report("error_8_cells", sampling_error(domain, 8)), 0.005);
  const Position at_surface{plane.coordinate(0, 9.4), 0, plane.origin[2]};
  const Field ones = filled(domain, [](const Position&) { return 1.; });
  EXPECT_EQ(sampled(Points(domain, {at_surface}), ones), std::vector<double>{0});
}

TEST(Points, InjectWithTheTransposeOfSampling) {
  for (const bool free_surface : {false, true}) {
    const Domain domain = domain_of(space, free_surface);
    std::vector<Position> positions = scattered(space, 40, 3);
    positions.push_back(positions[0]);  // two in one place
    positions.push_back(
        {space.coordinate(0, 3.2), space.origin[1], space.coordinate(2, 0.3)});  // near the top
    const Points points(domain, positions);
    Noise noise(4);
    const Field field = filled(domain, [&](const Position&) { return noise(); });
    const Field scale = filled(domain, [](const Position&) { return 1.; });
    const std::vector<double> weights = noise.many(positions.size());
    const Field injected = domain.make_wavefield("injected");
    points.inject(injected, scale, on_device(weights).data(), Real(1));
    const std::vector<double> there = sampled(points, field);
    const double difference = dot(to_host(injected), to_host(field)) - dot(weights, there);
    EXPECT_LT(std::abs(difference), (in_double ? 1e-13 : 1e-6) * norm(weights) * norm(there));
  }
}

TEST(Points, ScaleWhatTheyInjectByTheFactorAndTheCell) {
  const Domain domain = domain_of(plane);
  const Points point(domain, {{plane.coordinate(0, 3), 0, plane.coordinate(2, 5)}});
  const Field field = domain.make_wavefield("field");
  const Field scale = filled(domain, [](const Position& at) { return at[2]; });
  point.inject(field, scale, on_device({4}).data(), Real(0.5));
  const std::vector<double> values = to_host(field);
  EXPECT_EQ(values[std::size_t(domain.index(3 + 8, 0, 5 + 8))], 2 * plane.coordinate(2, 5));
  EXPECT_EQ(norm(values), 2 * plane.coordinate(2, 5)) << "nothing anywhere else";
}

TEST(Points, LieInsideTheModel) {
  for (const Grid& grid : {plane, space}) {
    const Domain domain = domain_of(grid);
    const Position low = grid.origin, high{grid.last(0), grid.last(1), grid.last(2)};
    EXPECT_NO_THROW(Points(domain, {low, high}));
    for (int axis = 0; axis < 3; ++axis) {
      Position before = low, behind = high;
      before[axis] -= 0.01 * grid.spacing[axis];
      behind[axis] += 0.01 * grid.spacing[axis];
      if (grid.active(axis)) {
        EXPECT_THROW(Points(domain, {before}), UserError);
        EXPECT_THROW(Points(domain, {behind}), UserError);
      } else {
        EXPECT_NO_THROW(Points(domain, {before, behind})) << "a 2-D model has no extent along y";
      }
    }
  }
}

TEST(Points, OutsideAreNamedInTheError) {
  try {
    Points(domain_of(plane), {{plane.last(0) + 12.5, 0, 0}});
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("x = 512.5"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("100.000000 to 500.000000 m"), std::string::npos)
        << error.what();
  }
}

/// Both ends between grid lines, by the same fraction of a cell, against both on them.
TEST(Points, BetweenGridLinesCarryWavesAsThoseOnThemDo) {
  const Medium medium;
  const double h = medium.spacing();
  const Grid grid = grid_2d(101, 61, h);
  const PropagatorSetup setup = setup_in(medium, grid, 8, 0.9);
  const auto shot = [&](double dx, double dz) {
    Shot shifted{0, {(15 + dx) * h, 0, (20 + dz) * h}, {}};
    for (const auto& [ix, iz] : {std::pair{85, 20}, std::pair{60, 45}, std::pair{15, 50}})
      shifted.receivers.push_back({(ix + dx) * h, 0, (iz + dz) * h});
    return shifted;
  };
  const Gather expected = record(medium, setup, shot(0, 0));
  double worst = 0;
  for (const auto& [dx, dz] :
       {std::pair{0.5, 0.5}, std::pair{0.25, 0.}, std::pair{0., 0.7}, std::pair{0.4, 0.1}}) {
    const Gather found = record(medium, setup, shot(dx, dz));
    worst = std::max(worst, relative_l2(found.data, expected.data));
  }
  EXPECT_LT(report("relative_l2", worst), 0.015);
}

}  // namespace
}  // namespace fathom::testing
