// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "physics/grid.hpp"

namespace fathom {

/// Values of a grid (z fastest) under a Gaussian along one axis, its standard deviation in cells; edges
/// reflect.
void gaussian_along(std::vector<double>& values, const Grid& grid, int axis, double sigma_cells);

/// The same along all axes with more than one cell.
void gaussian(std::vector<double>& values, const Grid& grid, double sigma_cells);

}  // namespace fathom
