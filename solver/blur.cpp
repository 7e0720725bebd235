// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blur.hpp"

#include <vector>

#include "regularizers/smoothing.hpp"
#include "solver/case.hpp"
#include "solver/parameterization.hpp"

namespace fathom {

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
