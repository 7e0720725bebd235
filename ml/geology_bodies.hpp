// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Bodies of rock as level sets: about the distance in metres to the surface, positive inside.

#include <functional>

#include "ml/geology_structure.hpp"

namespace fathom {

using LevelSet = std::function<double(const Position&)>;

/// An ellipsoid that may be tilted in the x-z plane, its surface roughened.
struct Lens {
  Position centre{};
  Position half{};   ///< m, half-axes along x, y, z
  double slope = 0;  ///< of its long axis, positive: deeper towards larger x
  Undulation rough;  ///< m, over x and y

  double operator()(const Position& place) const;
};

/// The fill of a meandering channel: flat above, deepest in the middle.
struct Channel {
  double top = 0;         ///< m
  double half_width = 0;  ///< m
  double thickness = 0;   ///< m, in the middle
  double x = 0;           ///< m, mean place of its axis
  Undulation axis;        ///< m, of the axis over y: evaluated at (y, 0)

  double operator()(const Position& place) const;
};

/// A salt diapir over its source: a pedestal, a stem that may lean, and a head wider than the stem
/// (overhang), by different amounts on the two sides.
struct Diapir {
  double x = 0, base = 0, crest = 0;  ///< m; the axis is at x + lean * (base - z)
  double lean = 0;
  double stem = 0;                       ///< m, half-width
  double pedestal = 0;                   ///< m, by which the foot is wider than the stem
  double head_left = 0, head_right = 0;  ///< m, by which the head is wider
  double stretch_y = 1;                  ///< length along y, relative to the width
  Undulation rough;                      ///< m, over z and y

  double operator()(const Position& place) const;
};

/// The layer that salt came from: flat below, swollen into pillows and squeezed out elsewhere.
struct Pillows {
  double base = 0;       ///< m
  double thickness = 0;  ///< m, mean
  Undulation swell;

  double operator()(const Position& place) const;
};

/// Where any of them is, with rounded seams.
LevelSet blend(std::vector<LevelSet> parts, double radius);

}  // namespace fathom
