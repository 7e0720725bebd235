// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <numbers>

namespace fathom {

/// Modified Bessel function of the first kind, order zero, by its power series.
inline double bessel_i0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > 1e-18 * sum; ++k) {
    term *= (x / 2 / k) * (x / 2 / k);
    sum += term;
  }
  return sum;
}

/// sin(pi x) / (pi x) under a Kaiser window that ends at |x| = half_width.
inline double windowed_sinc(double x, double half_width, double kaiser_b) {
  if (std::abs(x) < 1e-12) return 1;
  if (std::abs(x) >= half_width) return 0;
  const double share = x / half_width, angle = std::numbers::pi * x;
  return bessel_i0(kaiser_b * std::sqrt(1 - share * share)) / bessel_i0(kaiser_b) * std::sin(angle) / angle;
}

}  // namespace fathom
