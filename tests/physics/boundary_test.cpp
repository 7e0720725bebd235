// SPDX-License-Identifier: BSD-3-Clause

// What absorbing layers and the free surface do to waves.

#include <gtest/gtest.h>

#include <numbers>

#include "physics/denormals.hpp"
#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

struct Layer {
  std::string equation = "acoustic";
  int order = 8;
  int width = 20;
  double lower = 1;  ///< by what the waves' frequency is below the one that the layer is tuned to
};

/// Reflections (dB of the direct wave, as peaks) from the layer at the bottom, at receivers two cells above
/// it that waves reach at these angles of incidence (degrees): what changes when the grid goes on instead.
std::vector<double> reflections(const Layer& layer, const std::vector<double>& angles) {
  const Medium medium{.points = (layer.order == 8 ? 8 : 10) * layer.lower, .equation = layer.equation};
  const double h = medium.spacing();
  const int height = medium.cells(2 / layer.lower);  // of the source above the layer
  const auto reach = [&](double angle) {
    return int(std::lround(height * std::tan(angle * std::numbers::pi / 180)));
  };
  const int across = reach(angles.back()), side = int(0.6 * across);
  BoundaryOptions boundary;
  boundary.width = layer.width;
  const auto run = [&](int further) {
    const Grid grid =
        grid_2d(2 * side + across, side + height + 3 + further, h, -side * h, -(side + height + 2) * h);
    const double path = std::hypot(across, height) * h / medium.wavelength();
    PropagatorSetup setup = setup_in(medium, grid, path + 2 * medium.delay + 0.5, 0.9, layer.order, boundary);
    setup.dominant_frequency = medium.peak * layer.lower;
    Shot shot{0, {0, 0, -(height + 2) * h}, {}};
    for (const double angle : angles) shot.receivers.push_back({reach(angle) * h, 0, -2 * h});
    return record(medium, setup, shot);
  };
  const Gather absorbed = run(0), open = run(across);
  std::vector<double> result;
  for (int receiver = 0; receiver < open.receivers; ++receiver) {
    const std::vector<double> direct = trace_of(open, receiver);
    std::vector<double> reflected = trace_of(absorbed, receiver);
    for (std::size_t k = 0; k < direct.size(); ++k) reflected[k] -= direct[k];
    result.push_back(20 * std::log10(peak_of(reflected) / peak_of(direct)));
    report("reflection_dB_at_" + std::to_string(int(angles[receiver])) + "_degrees", result.back());
  }
  return result;
}

class AbsorbingLayer : public ::testing::TestWithParam<Layer> {};

std::vector<Layer> layers() {
  std::vector<Layer> all;
  for (const std::string& equation : wave_equations().names()) {
    for (const int order : {8, 4})
      for (const int width : {20, 30}) all.push_back({equation, order, width});
    all.push_back({equation, 8, 10});
    for (const int order : {8, 4}) all.push_back({equation, order, 20, 3});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Layers, AbsorbingLayer, ::testing::ValuesIn(layers()), [](const auto& info) {
  const Layer& layer = info.param;
  return layer.equation + "_order" + std::to_string(layer.order) + "_width" + std::to_string(layer.width) +
         (layer.lower > 1 ? "_a_third_of_the_frequency" : "");
});

TEST_P(AbsorbingLayer, ReflectsLessThanAThousandthUpTo45Degrees) {
  const std::vector<double> found = reflections(GetParam(), {0, 15, 30, 45, 75});
  for (std::size_t k = 0; k + 1 < found.size(); ++k) EXPECT_LT(found[k], -60);
}

/// Half the recommended width: beyond what the low order resolves.
TEST(AbsorbingLayers, OfTenCellsReflectLessThanAFiveHundredthAtOrderFour) {
  for (const std::string& equation : wave_equations().names()) {
    const std::vector<double> found = reflections({equation, 4, 10}, {0, 15, 30, 45, 75});
    for (std::size_t k = 0; k + 1 < found.size(); ++k) EXPECT_LT(found[k], -54) << equation;
  }
}

/// Largest |p|.
double strength(const Wavefield& u) {
  const Real* p = u.now.data();
  Real largest = 0;
  Kokkos::parallel_reduce(
      "strength", Kokkos::RangePolicy<>(0, int(u.now.size())),
      KOKKOS_LAMBDA(int i, Real& partial) {
        const Real here = p[i] < 0 ? -p[i] : p[i];
        if (here > partial) partial = here;
      },
      Kokkos::Max<Real>(largest));
  return double(largest);
}

class Waves : public ::testing::TestWithParam<Variant> {};

std::vector<Variant> plane_variants() {
  std::vector<Variant> all;
  for (const std::string& equation : wave_equations().names())
    for (const int order : {2, 4, 8})
      for (const bool free_surface : {false, true}) all.push_back({equation, order, false, free_surface});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Variants, Waves, ::testing::ValuesIn(plane_variants()), [](const auto& info) {
  return info.param.equation + "_order" + std::to_string(info.param.order) +
         (info.param.free_surface ? "_free_surface" : "");
});

/// A layer that is unstable shows after many thousand steps, as growth out of rounding errors. Below the
/// floor rounding errors are all there is.
TEST_P(Waves, OnlyFadeForAHundredThousandStepsAfterTheSource) {
  constexpr int steps = 100000, window = 5000;
  const double floor = in_double ? 1e-14 : 1e-7;
  BoundaryOptions boundary;
  boundary.width = 10;
  boundary.free_surface = GetParam().free_surface;
  const Grid grid = grid_2d(18, 14, 10);
  const Domain domain(grid, boundary, GetParam().order / 2);
  const auto equation = wave_equations().make(GetParam().equation, domain, GetParam().order);
  const double fastest = 2200 * 1.15, time_step = 0.9 * equation->max_time_step(fastest);
  equation->prepare({time_step, fastest, 25, boundary.reflection});
  equation->set_model(domain.pad(random_model(grid, equation->properties(), 1)));
  const Points source(domain, {{grid.coordinate(0, 9.3), 0, grid.coordinate(2, 6.6)}});
  const std::vector<double> wavelet = ricker({0, time_step, 60}, 25, 0.05);
  const Kokkos::View<Real*> value("value", 1);

  const FlushDenormals flush;
  Wavefield u = equation->at_rest();
  double peak = 0, previous = 0, current = 0;
  for (int step = 0; step < steps; ++step) {
    equation->step(u, {});
    if (step < int(wavelet.size())) {
      Kokkos::deep_copy(value, Real(wavelet[step]));
      source.inject(u.now, equation->injection_scale(), value.data(), 1);
    }
    if (step % 10 == 0) current = std::max(current, strength(u));
    if ((step + 1) % window == 0) {
      peak = std::max(peak, current);
      if (step >= 2 * window) {
        EXPECT_LE(current, std::max(previous, floor * peak)) << "at step " << step;
      }
      previous = current;
      current = 0;
    }
  }
  EXPECT_GT(peak, 0);
  EXPECT_LT(report("left_over", previous / peak), 1e-7);
}

class FreeSurface : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Of, FreeSurface, ::testing::ValuesIn(wave_equations().names()),
                         [](const auto& info) { return info.param; });

/// Odd images make the discrete half space exactly one half of the antisymmetric full space, points between
/// the grid lines included.
TEST_P(FreeSurface, ActsAsAnImageSource) {
  const Medium medium{.equation = GetParam()};
  const double h = medium.spacing();
  const int deep = medium.cells(3), wide = medium.cells(6);
  BoundaryOptions surface;
  surface.free_surface = true;
  const Grid half = grid_2d(wide, deep + 1, h), full = grid_2d(wide, 2 * deep + 1, h, 0, -deep * h);
  const double x = 20 * h;
  const std::vector<Position> receivers{
      {x + 40 * h, 0, 3 * h}, {x + 40.4 * h, 0, 1.3 * h}, {x + 30 * h, 0, 0}, {x + 10.5 * h, 0, 30.5 * h}};
  for (const double depth : {8., 2.3, 0.6}) {
    const Gather reflected =
        record(medium, setup_in(medium, half, 6, 0.9, 8, surface), {0, {x, 0, depth * h}, receivers});
    const PropagatorSetup open = setup_in(medium, full, 6, 0.9);
    Gather expected = record(medium, open, {0, {x, 0, depth * h}, receivers});
    const Gather image = record(medium, open, {0, {x, 0, -depth * h}, receivers});
    for (std::size_t k = 0; k < expected.data.size(); ++k) expected.data[k] -= image.data[k];
    EXPECT_LT(report("relative_l2", relative_l2(reflected.data, expected.data)), in_double ? 1e-11 : 1e-4);
    EXPECT_EQ(peak_of(trace_of(reflected, 2)), 0) << "pressure at the surface";
  }
}

/// Inside the layer the update is not symmetric; a point beside it is spread over some of its cells.
TEST(AbsorbingLayers, LeavePointsThatTouchThemReciprocalToAThousandth) {
  if (!in_double) return;  // the double build runs it
  for (const Variant& variant : plane_variants()) {
    if (variant.order == 2 || variant.free_surface) continue;
    Problem problem = small_problem(variant);
    PropagatorSetup& setup = problem.setup;
    setup.options.boundary.width = 20;
    const Grid& grid = setup.grid;
    const Position inside{grid.coordinate(0, 12.4), 0, grid.coordinate(2, 11.7)};
    Propagator propagator(setup);
    propagator.set_model(problem.model);
    for (const Position& edge : {Position{grid.origin[0], 0, grid.origin[2]},
                                 Position{grid.coordinate(0, 0.5), 0, grid.coordinate(2, 0.5)},
                                 Position{grid.coordinate(0, 16.2), 0, grid.last(2)}}) {
      const Gather there = propagator.forward({0, inside, {edge}}, problem.wavelet);
      const Gather back = propagator.forward({1, edge, {inside}}, problem.wavelet);
      std::vector<double> difference = there.data;
      for (std::size_t k = 0; k < difference.size(); ++k) difference[k] -= back.data[k];
      EXPECT_LT(report("asymmetry", peak_of(difference) / peak_of(there.data)), 1e-3);
    }
  }
}

}  // namespace
}  // namespace fathom::testing
