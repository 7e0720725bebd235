// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/smoothing.hpp"

#include <cmath>

namespace fathom {
namespace {

/// An index beyond an edge, reflected back: ... 1 0 | 0 1 ... n-1 | n-1 ...
int reflected(int index, int length) {
  const int period = 2 * length;
  index = ((index % period) + period) % period;
  return index < length ? index : period - 1 - index;
}

}  // namespace

void gaussian_along(std::vector<double>& values, const Grid& grid, int axis, double sigma_cells) {
  const int radius = int(std::ceil(4 * sigma_cells)), length = grid.size[axis];
  std::vector<double> taps(2 * radius + 1);
  double sum = 0;
  for (int k = -radius; k <= radius; ++k)
    sum += taps[k + radius] = std::exp(-0.5 * k * k / (sigma_cells * sigma_cells));
  const std::size_t strides[3] = {std::size_t(grid.size[1]) * grid.size[2], std::size_t(grid.size[2]), 1};
  const std::size_t stride = strides[axis];
  std::vector<double> line(length);
  for (std::size_t start = 0; start < values.size(); ++start) {
    if ((start / stride) % length != 0) continue;
    for (int i = 0; i < length; ++i) line[i] = values[start + i * stride];
    for (int i = 0; i < length; ++i) {
      double blurred = 0;
      for (int k = -radius; k <= radius; ++k) blurred += taps[k + radius] * line[reflected(i + k, length)];
      values[start + i * stride] = blurred / sum;
    }
  }
}

void gaussian(std::vector<double>& values, const Grid& grid, double sigma_cells) {
  for (int axis = 0; axis < 3; ++axis)
    if (grid.active(axis)) gaussian_along(values, grid, axis, sigma_cells);
}

}  // namespace fathom
