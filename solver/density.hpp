// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "physics/model.hpp"
#include "physics/options.hpp"

namespace fathom {

/// Where the density comes from, for wave equations that need one.
struct DensityOptions {
  std::string rule = "model";
  double value = 2000;
  double water = 1000;

  void describe(OptionVisitor& option);
};

/// Gives a model of velocities the density that a wave equation asks for, and takes away properties that it
/// does not ask for. Gardner's relation is rho = 310 vp^(1/4) in kg/m^3 and m/s (Gardner, Gardner & Gregory,
/// Geophysics 39, 1974), water being the cells of each column from the top that are slower than 1510 m/s.
/// Throws UserError when the equation needs something else that the model does not have, and for densities
/// that are not believable.
void complete_properties(Model& model, const std::string& equation, const DensityOptions& options);

}  // namespace fathom
