// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>

#include "physics/field.hpp"

namespace fathom {

/// The earth on a grid: one field a property ("vp" in m/s, "rho" in kg/m^3). A gradient is a Model too.
struct Model {
  Grid grid;
  std::map<std::string, Field> properties;

  Field& operator[](const std::string& name) { return properties[name]; }
  const Field& at(const std::string& name) const { return properties.at(name); }
};

/// A model of zeros with the properties of another: a place for a gradient.
Model zeros_like(const Model& model);
Model clone(const Model& model);

/// Linear interpolation onto another grid; constant beyond the edges.
Model interpolate(const Model& model, const Grid& grid);

/// Interpolation onto a grid that may be coarser: there a point gets the mean over its cell, so that fine
/// layers do not alias. What is averaged is compressibility 1 / (rho v^2) (rho as 1 where there is none) and
/// density, whose means are what long waves feel of a mixture (of a fluid: Backus, J. Geophys. Res. 67,
/// 1962). Means over cells keep the whole whatever the ratio of the spacings: a hard sea floor between the
/// coarser points stays where it is.
Model resample(const Model& model, const Grid& grid);

}  // namespace fathom
