// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Procedural earth models, for cases (`model: {generate: ...}`) and for training.
//
// A model is a continuous function of position, put together from a stratigraphic column, movements that
// deform it, bodies that intrude it, texture and water (geology_earth.hpp), and then sampled on a grid: the
// same seed gives the same earth at any spacing, on every machine to rounding.

#include <optional>
#include <string>

#include "physics/model.hpp"
#include "physics/options.hpp"
#include "physics/registry.hpp"

namespace fathom {

/// What earth to make. Lengths within an earth (thickness of layers, throw of faults, size of bodies) scale
/// with its depth, their number with its width.
struct GeologyOptions {
  std::string kind = "quickstart";
  int seed = 1;
  double width = 4000;            ///< m, along x
  double depth = 1500;            ///< m, along z
  std::optional<double> breadth;  ///< m, along y; absent: 2-D, the section in the middle of the 3-D earth
  double spacing = 12.5;          ///< m
  std::optional<double> min_velocity;     ///< m/s, of rock
  std::optional<double> max_velocity;     ///< m/s, of rock other than lenses of fast rock and salt
  std::optional<double> body_velocity;    ///< m/s, of those
  std::optional<double> water_depth;      ///< m, mean
  std::optional<double> layer_thickness;  ///< m, mean
  std::optional<double> texture;          ///< rms of fine heterogeneity, relative to the velocity

  void describe(OptionVisitor& option);
};

class Earth;

/// The kinds of earth by name. (Calling make() needs geology_earth.hpp.)
const Registry<Earth, const GeologyOptions&>& geologies();

/// The grid that generate() fills: origin at zero, its last points the last ones inside the extent.
/// Throws UserError when an extent is shorter than the spacing.
Grid geology_grid(const GeologyOptions& options);

/// The property "vp" in m/s on geology_grid(). A cell holds the mean of 1 / vp^2 over its volume, which is
/// the coefficient of the constant-density wave equation, so that an interface between two points is not
/// moved to one of them. Values lie within min_velocity and max_velocity, except for bodies of body_velocity
/// and water of 1500 m/s. Throws UserError for an unknown kind and for bounds in the wrong order.
Model generate(const GeologyOptions& options);

}  // namespace fathom
