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

/// The mode on a grid, as an equation sees it.
class Mode {
 public:
  Mode(const Variant& scheme, int points, double time_step)
      : points_(points),
        grid_(grid_2d(2 * further * points + points / 2 + 1, (further + 1) * points, wavelength / points,
                      -further * wavelength)),
        domain_(grid_, walls(), scheme.order / 2),
        equation_(wave_equations().make(scheme.equation, domain_, scheme.order)) {
    equation_->prepare({time_step, vp, 10, walls().reflection});
    equation_->set_model(domain_.pad(homogeneous(grid_, vp)));
  }

  /// The mode times `now`, and times `before` one step earlier.
  Wavefield at(double now, double before) const {
    Wavefield u = equation_->at_rest();
    Kokkos::deep_copy(u.now, times(now));
    Kokkos::deep_copy(u.before, times(before));
    return u;
  }
  void step(Wavefield& u) const { equation_->step(u, {}); }
  /// Largest difference in the box from the mode times `amplitude`.
  double error(const Wavefield& u, double amplitude) const {
    const std::vector<double> values = to_host(u.now);
    double worst = 0;
    for (int ix = further * points_; ix <= further * points_ + points_ / 2; ++ix)
      for (int iz = 0; iz <= points_ / 2; ++iz)
        worst = std::max(worst,
                         std::abs(values[std::size_t(domain_.index(ix, 0, iz))] - amplitude * shape(ix, iz)));
    return worst;
  }
  /// What the mode is multiplied by where it is largest.
  double amplitude(const Wavefield& u) const {
    const int ix = further * points_ + points_ / 4, iz = points_ / 4;
    return to_host(u.now)[std::size_t(domain_.index(ix, 0, iz))] / shape(ix, iz);
  }

 private:
  static constexpr int further = 2;  // wavelengths around the box

  static BoundaryOptions walls() {
    BoundaryOptions boundary;
    boundary.width = 0;
    boundary.free_surface = true;
    return boundary;
  }
  double shape(int ix, int iz) const {
    return std::sin(wave_number * grid_.coordinate(0, ix)) * std::sin(wave_number * grid_.coordinate(2, iz));
  }
  Field times(double amplitude) const {
    std::vector<double> values;
    for (int ix = 0; ix < grid_.size[0]; ++ix)
      for (int iz = 0; iz < grid_.size[2]; ++iz) values.push_back(amplitude * shape(ix, iz));
    const Field field = make_field("mode", grid_);
    from_host(values, field);
    return with_halo(domain_, field);
  }

  int points_;
  Grid grid_;
  Domain domain_;
  std::unique_ptr<WaveEquation> equation_;
};

/// Largest error in the box after `steps`, against a mode that turns by `angle` a step.
double mode_error(const Variant& scheme, int points, int steps, double angle) {
  const Mode mode(scheme, points, duration / steps);
  Wavefield u = mode.at(1, std::cos(angle));
  for (int step = 0; step < steps; ++step) mode.step(u);
  return mode.error(u, std::cos(steps * angle));
}

/// The frequency (rad/s) of the mode where space is discrete and time is not: a step from 1 at rest before
/// leads to 2 - (omega dt)^2.
double discrete_frequency(const Variant& scheme, int points) {
  const double time_step = duration / 40;
  const Mode mode(scheme, points, time_step);
  Wavefield u = mode.at(1, 0);
  mode.step(u);
  return std::sqrt(2 - mode.amplitude(u)) / time_step;
}

class StandingMode : public ::testing::TestWithParam<Variant> {};

std::vector<Variant> schemes() {
  std::vector<Variant> all;
  for (const std::string& equation : wave_equations().names())
    for (const int order : {2, 4, 8}) all.push_back({equation, order});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Schemes, StandingMode, ::testing::ValuesIn(schemes()), [](const auto& info) {
  return info.param.equation + "_order" + std::to_string(info.param.order);
});

TEST_P(StandingMode, ConvergesInSpaceWithTheOrderOfTheStencil) {
  if (!in_double) return;  // the double build runs it
  const int steps = 60;
  const double angle = leapfrog_angle(duration / steps);
  const double coarse = mode_error(GetParam(), 16, steps, angle),
               fine = mode_error(GetParam(), 32, steps, angle);
  EXPECT_NEAR(report("order", std::log2(coarse / fine)), GetParam().order, 0.1);
}

TEST_P(StandingMode, ConvergesInTimeWithSecondOrder) {
  if (!in_double) return;  // the double build runs it
  const int points = 32;
  // What is left of the error in space is measured and taken off: it does not depend on the step.
  const double frequency = discrete_frequency(GetParam(), points);
  const double coarse = mode_error(GetParam(), points, 20, frequency * duration / 20);
  const double fine = mode_error(GetParam(), points, 40, frequency * duration / 40);
  EXPECT_NEAR(report("order", std::log2(coarse / fine)), 2, 0.1);
}

}  // namespace
}  // namespace fathom::testing
