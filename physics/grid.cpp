// SPDX-License-Identifier: BSD-3-Clause
#include "physics/grid.hpp"

#include <cmath>

namespace fathom {

Grid with_spacing(const Grid& grid, double spacing) {
  Grid result = grid;
  for (int axis = 0; axis < 3; ++axis) {
    if (!grid.active(axis)) continue;
    result.spacing[axis] = spacing;
    result.size[axis] = 1 + int(std::floor(grid.extent(axis) / spacing + 1e-6));
  }
  return result;
}

}  // namespace fathom
