// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace fathom {

/// The smallest of the values that at least a share of all do not exceed; 0 of none.
inline double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const double count = std::ceil(share * double(values.size()));
  const auto place = values.begin() + std::max<std::ptrdiff_t>(0, std::ptrdiff_t(count) - 1);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace fathom
