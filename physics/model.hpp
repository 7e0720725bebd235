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

/// Interpolation onto a grid that may be coarser: each axis is averaged with a triangle as wide as the
/// coarser spacing first, so that fine layers do not alias.
Model resample(const Model& model, const Grid& grid);

}  // namespace fathom
