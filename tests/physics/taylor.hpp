// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace fathom::testing {

/// Whether f(x + h d) - f(x) falls off as h and f(x + h d) - f(x) - h <g, d> as h^2 while h is halved from
/// `longest` over three decades: orders 1 +- 0.02 and 2 +- 0.02. `value` is f(x + h d) as a function of h,
/// `slope` is <g, d>. Double precision only.
inline ::testing::AssertionResult has_second_order_remainder(const std::function<double(double)>& value,
                                                             double slope, double longest) {
  const double start = value(0);
  double last_change = 0, last_remainder = 0;
  for (double step = longest; step > longest / 2000; step /= 2) {
    const double rise = value(step) - start;
    const double change = std::abs(rise), remainder = std::abs(rise - step * slope);
    if (!(change > 0 && remainder > 0))
      return ::testing::AssertionFailure() << "nothing changes at step " << step;
    const double first = std::log2(last_change / change), second = std::log2(last_remainder / remainder);
    if (step < longest && !(std::abs(first - 1) <= 0.02 && std::abs(second - 2) <= 0.02))
      return ::testing::AssertionFailure()
             << "orders " << first << " and " << second << " at step " << step << ", slope " << slope;
    last_change = change;
    last_remainder = remainder;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace fathom::testing
