// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Green's functions of a homogeneous medium. With w the wavelet and m p_tt - laplace p = w(t) delta(x), a
// receiver at the distance r sees
//
//     3-D:  p = w(t - r/v) / (4 pi r)
//     2-D:  p = 1/(2 pi) int_(r/v)^inf w(t - tau) / sqrt(tau^2 - r^2/v^2) dtau
//             = 1/(2 pi) int_0^inf w(t - r/v cosh(theta)) dtheta
//
// In theta the integrand is smooth and even, so that the trapezoidal rule converges exponentially.

#include <numbers>

#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {

using std::numbers::pi;

inline double distance(const Position& a, const Position& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Pressure at a distance (m) from a Ricker source.
inline std::vector<double> exact_trace(const Medium& medium, const TimeAxis& time, double r, bool three_d) {
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

}  // namespace fathom::testing
