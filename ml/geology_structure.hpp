// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Movements of rock, read backwards: each takes a position after the movement to the one before it.

#include <functional>

#include "ml/geology_random.hpp"

namespace fathom {

/// Depth of a surface, m.
using Surface = std::function<double(double x, double y)>;
using Movement = std::function<Position(const Position&)>;

/// A number that goes smoothly from 0 at `low` and before to 1 at `high` and beyond.
double ramp(double value, double low, double high);
/// A smooth minimum and maximum: off by radius * log(2) where both agree, exact far from there.
double soft_min(double a, double b, double radius);
double soft_max(double a, double b, double radius);

/// Vertical displacement by an undulation and a tilt, fading in from `still` to `full` depth; equal depths:
/// everywhere. Fading in makes layers thin over the crests, as they do where folds grew while the layers were
/// laid down.
struct Fold {
  Undulation shape;
  double dip_x = 0, dip_y = 0;  ///< slopes, positive: deeper towards larger x, y
  double x = 0;                 ///< m, where the tilt does not move anything (at y = 0)
  double still = 0, full = 0;   ///< m

  Position operator()(const Position& after) const;
};

/// A fault z = F(u), deeper with the distance u from its trace: a ramp between two flats, of which a listric
/// fault has the lower only, and a planar one none.
struct FaultSurface {
  double x = 0;                           ///< m, of the trace at z = 0 and y = 0
  std::array<double, 2> down_dip{1, 0};   ///< unit vector in x and y
  double slope = 1.7;                     ///< of the ramp
  double upper_flat = -1e5;               ///< m
  double lower_flat = 1e5;                ///< m
  double upper_bend = 1, lower_bend = 1;  ///< m, radii of the bends between ramp and flats

  /// Distance from the trace down dip, and along strike.
  std::array<double, 2> local(double x, double y) const;
  double depth(double u) const;
};

/// What lies above a fault slides along it, each vertical line of rock staying one (vertical simple shear:
/// White, Jackson & McKenzie, J. Struct. Geol. 8, 1986): rollovers over listric faults and folds over thrust
/// ramps follow.
struct Slip {
  FaultSurface fault;
  double heave = 0;                   ///< m, down dip; negative: a thrust
  double centre = 0;                  ///< m, along strike
  double length = 0;                  ///< m, half of the fault's trace along strike; 0: it does not end
  double tip = -1e5, tip_height = 1;  ///< m: no slip above `tip`, all of it `tip_height` below

  Position operator()(const Position& after) const;
};

/// A movement that fades out downwards between two depths, towards a layer on which rocks slide.
struct Detached {
  Movement movement;
  double full = 0, still = 0;  ///< m

  Position operator()(const Position& after) const;
};

/// Sediments dragged up around a rising body, with a rim from which its salt came.
struct Drag {
  double x = 0, lean = 0, base = 0;  ///< m; the axis is at x + lean * (base - z)
  double radius = 0;                 ///< m
  double stretch_y = 1;              ///< of the radius along y
  double uplift = 0, rim = 0;        ///< m
  double still = 0, full = 0;        ///< m, depths between which the drag fades in

  Position operator()(const Position& after) const;
};

}  // namespace fathom
