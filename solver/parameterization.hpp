// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "physics/registry.hpp"

namespace fathom {

/// What is inverted for in the place of velocity: m = m(v), one cell at a time.
class Parameterization {
 public:
  virtual ~Parameterization() = default;
  virtual double from_velocity(double velocity) const = 0;
  virtual double to_velocity(double parameter) const = 0;
  /// dv/dm at a velocity, the factor that pulls a gradient back.
  virtual double velocity_slope(double velocity) const = 0;
  /// |dm| that corresponds to 1000 m/s at 2500 m/s: makes parameters comparable numbers of order one.
  double unit() const {
    return 1000. / (velocity_slope(2500.) < 0 ? -velocity_slope(2500.) : velocity_slope(2500.));
  }
};

/// velocity (m/s), slowness (s/m), slowness_squared (s^2/m^2).
const Registry<Parameterization>& parameterizations();

}  // namespace fathom
