// SPDX-License-Identifier: BSD-3-Clause

#include "physics/history.hpp"

#include <gtest/gtest.h>

#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

/// A layered model with a lens, and waves from a start without the lens: the gradient of the first iteration.
struct Inversion {
  PropagatorSetup setup;
  Model start, truth;
  Shot shot;
  std::vector<double> wavelet;
};

Inversion lens(bool free_surface) {
  const Medium medium{.vp = 1500, .points = 5};
  const double h = medium.spacing();
  Inversion problem;
  const Grid grid = grid_2d(91, 51, h);
  BoundaryOptions boundary;
  boundary.free_surface = free_surface;
  problem.setup = setup_in(medium, grid, 14, 0.9, 8, boundary);
  problem.setup.fastest = 2900;
  problem.setup.time.step = 0.004;
  problem.setup.time.samples = 301;
  problem.setup.max_frequency = ricker_edge * medium.peak;
  std::vector<double> start, truth;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iz = 0; iz < grid.size[2]; ++iz) {
      const double layered = 1600 + 20. * iz, away = std::hypot((ix - 45) / 14., (iz - 30) / 7.);
      start.push_back(layered);
      truth.push_back(layered + (away < 1 ? 150 : 0));
    }
  problem.start = homogeneous(grid, 0);
  problem.truth = homogeneous(grid, 0);
  from_host(start, problem.start["vp"]);
  from_host(truth, problem.truth["vp"]);
  problem.shot = {0, {20.3 * h, 0, 3.1 * h}, {}};
  for (int ix = 2; ix < 90; ix += 3) problem.shot.receivers.push_back({ix * h, 0, 2 * h});
  problem.wavelet = ricker(problem.setup.time, medium.peak, 0.15);
  return problem;
}

std::vector<double> gradient_with(Inversion problem, const std::string& history) {
  problem.setup.options.history = history;
  Propagator propagator(problem.setup);
  propagator.set_model(problem.truth);
  const Gather observed = propagator.forward(problem.shot, problem.wavelet);
  propagator.set_model(problem.start);
  Gather residual = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  for (std::size_t k = 0; k < residual.data.size(); ++k) residual.data[k] -= observed.data[k];
  Model gradient = zeros_like(problem.start);
  propagator.backward(residual, gradient);
  return to_host(gradient.at("vp"));
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  return dot(a, b) / (norm(a) * norm(b));
}

/// What lies above the edge of a Ricker wavelet's band aliases a little; the misfit's gradient hardly shows
/// it.
TEST(ThinnedHistory, HasTheFullGradientToHalfAPercentOnAProblemInItsBand) {
  for (const bool free_surface : {false, true}) {
    const Inversion problem = lens(free_surface);
    const std::vector<double> full = gradient_with(problem, "full"),
                              thinned = gradient_with(problem, "thinned");
    report("one_minus_cosine", 1 - cosine(thinned, full));
    EXPECT_GT(cosine(thinned, full), 0.9999);
    EXPECT_LT(report("relative_l2", relative_l2(thinned, full)), 0.005);
  }
}

TEST(ThinnedHistory, KeepsTheNyquistRateOfTheProductOfTwoWavefields) {
  HistoryShape shape{.steps = 1000, .values = 10, .time_step = 0.001, .max_frequency = 20};
  const auto thinned = histories().make("thinned", shape);
  EXPECT_EQ(thinned->weight(), 20);  // 50 Hz: twice 20 Hz and a quarter
  int kept = 0;
  for (int step = 0; step < shape.steps; ++step) kept += thinned->keeps(step);
  EXPECT_EQ(kept, 50);
  EXPECT_EQ(thinned->memory_bytes(), 50. * 10 * sizeof(Real));
  shape.max_frequency = 0;
  EXPECT_EQ(histories().make("thinned", shape)->weight(), 1) << "nothing is known of the band";
}

TEST(FullHistory, KeepsEveryStep) {
  const auto full =
      histories().make("full", {.steps = 7, .values = 3, .time_step = 0.001, .max_frequency = 1});
  for (int step = 0; step < 7; ++step) EXPECT_TRUE(full->keeps(step));
  EXPECT_EQ(full->weight(), 1);
  EXPECT_EQ(full->memory_bytes(), 21. * sizeof(Real));
}

}  // namespace
}  // namespace fathom::testing
