// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blur.hpp"

#include <utility>
#include <vector>

#include "regularizers/smoothing.hpp"
#include "solver/parameterization.hpp"
#include "solver/sea_floor.hpp"

namespace fathom {

Model blur(const Model& model, double sigma, const std::string& property, bool keep_water) {
  if (sigma <= 0) return clone(model);
  const auto parameter = parameterizations().make(property);
  std::vector<double> velocity = to_host(model.at("vp"));
  std::vector<double> shares(velocity.size(), 0.);
  if (keep_water) shares = shares_of_water(model);
  std::vector<double> values(velocity.size()), mask(velocity.size());
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    const bool cut = shares[cell] > 0 && shares[cell] < 1;
    mask[cell] = 1 - shares[cell];
    values[cell] = mask[cell] * parameter->from_velocity(velocity[cut ? cell + 1 : cell]);
  }
  for (int axis = 0; axis < 3; ++axis) {
    if (!model.grid.active(axis)) continue;
    gaussian_along(values, model.grid, axis, sigma / model.grid.spacing[axis]);
    if (keep_water) gaussian_along(mask, model.grid, axis, sigma / model.grid.spacing[axis]);
  }
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (shares[cell] < 1) velocity[cell] = parameter->to_velocity(values[cell] / mask[cell]);
  Model result = clone(model);
  from_host(under_water(std::move(velocity), model, shares), result["vp"]);
  return result;
}

}  // namespace fathom
