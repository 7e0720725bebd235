// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blur.hpp"

#include <cmath>
#include <vector>

#include "solver/case.hpp"
#include "solver/parameterization.hpp"

namespace fathom {
namespace {

/// An index beyond an edge, reflected back: ... 1 0 | 0 1 ... n-1 | n-1 ...
int reflected(int index, int length) {
  const int period = 2 * length;
  index = ((index % period) + period) % period;
  return index < length ? index : period - 1 - index;
}

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

}  // namespace

Model blur(const Model& model, double sigma, const std::string& property, bool keep_water) {
  if (sigma <= 0) return clone(model);
  const auto parameter = parameterizations().make(property);
  const std::vector<double> velocity = to_host(model.at("vp"));
  const std::vector<bool> water = frozen_cells(model, {keep_water, std::nullopt});
  std::vector<double> values(velocity.size()), mask(velocity.size());
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    mask[cell] = water[cell] ? 0 : 1;
    values[cell] = mask[cell] * parameter->from_velocity(velocity[cell]);
  }
  for (int axis = 0; axis < 3; ++axis) {
    if (!model.grid.active(axis)) continue;
    gaussian_along(values, model.grid, axis, sigma / model.grid.spacing[axis]);
    if (keep_water) gaussian_along(mask, model.grid, axis, sigma / model.grid.spacing[axis]);
  }
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    values[cell] = water[cell] ? velocity[cell] : parameter->to_velocity(values[cell] / mask[cell]);
  Model result = clone(model);
  from_host(values, result["vp"]);
  return result;
}

}  // namespace fathom
