// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>

namespace fathom {

/// A position in metres: x, y, z, with z positive down.
using Position = std::array<double, 3>;

/// A regular grid of points, x slowest and z fastest. A 2-D grid has one cell in y.
struct Grid {
  std::array<int, 3> size{1, 1, 1};           ///< points along x, y, z
  std::array<double, 3> spacing{1., 1., 1.};  ///< m
  std::array<double, 3> origin{0., 0., 0.};   ///< position of point (0, 0, 0), m

  bool operator==(const Grid&) const = default;

  /// Whether waves propagate along an axis: it has more than one cell.
  bool active(int axis) const { return size[axis] > 1; }
  int dimensions() const { return int(active(0)) + int(active(1)) + int(active(2)); }
  std::size_t cells() const { return std::size_t(size[0]) * size[1] * size[2]; }
  double coordinate(int axis, double index) const { return origin[axis] + index * spacing[axis]; }
  double last(int axis) const { return coordinate(axis, size[axis] - 1); }
  double extent(int axis) const { return (size[axis] - 1) * spacing[axis]; }
  /// Product of the spacings of the active axes: m^2 in 2-D, m^3 in 3-D.
  double cell_volume() const {
    double volume = 1;
    for (int axis = 0; axis < 3; ++axis)
      if (active(axis)) volume *= spacing[axis];
    return volume;
  }
};

/// A 2-D grid in the x-z plane.
inline Grid grid_2d(int nx, int nz, double spacing, double x0 = 0, double z0 = 0) {
  return {{nx, 1, nz}, {spacing, spacing, spacing}, {x0, 0., z0}};
}

/// The grid that covers the same extent at another spacing (inactive axes stay); its last point is the last
/// one that does not lie beyond the old grid's end.
Grid with_spacing(const Grid& grid, double spacing);

}  // namespace fathom
