// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "physics/model.hpp"

namespace fathom {

/// The share of water in every cell of a model (vp): 1 from the top of a column down to the sea floor (below
/// 1510 m/s), 0 in the rock. The floor may cut a cell: then it is what makes a mixture of the water above and
/// the rock below as compressible as that cell.
std::vector<double> shares_of_water(const Model& model);

/// Velocities of rock, mixed with such shares of the model's water as waves feel it: by compressibility.
std::vector<double> under_water(std::vector<double> rock, const Model& model,
                                const std::vector<double>& shares);

}  // namespace fathom
