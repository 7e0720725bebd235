// SPDX-License-Identifier: BSD-3-Clause
#include "solver/parameterization.hpp"

#include <cmath>

namespace fathom {
namespace {

struct Velocity final : Parameterization {
  double from_velocity(double v) const override { return v; }
  double to_velocity(double m) const override { return m; }
  double velocity_slope(double) const override { return 1; }
};

struct Slowness final : Parameterization {
  double from_velocity(double v) const override { return 1 / v; }
  double to_velocity(double m) const override { return 1 / m; }
  double velocity_slope(double v) const override { return -v * v; }
};

struct SlownessSquared final : Parameterization {
  double from_velocity(double v) const override { return 1 / (v * v); }
  double to_velocity(double m) const override { return 1 / std::sqrt(m); }
  double velocity_slope(double v) const override { return -v * v * v / 2; }
};

}  // namespace

const Registry<Parameterization>& parameterizations() {
  static const Registry<Parameterization> table(
      "parameterization",
      {{"velocity", "v, m/s", [] { return std::make_unique<Velocity>(); }},
       {"slowness", "1/v, s/m", [] { return std::make_unique<Slowness>(); }},
       {"slowness_squared", "1/v^2, s^2/m^2", [] { return std::make_unique<SlownessSquared>(); }}});
  return table;
}

}  // namespace fathom
