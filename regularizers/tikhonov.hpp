// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "regularizers/regularizer.hpp"

namespace fathom {

/// R(u) = 1/2 sum_cells V |D u|^2 with forward differences D at physical spacing and a zero last row; V is
/// the cell volume, so that the weight in front of R does not depend on the grid (Tikhonov & Arsenin, 1977).
class Tikhonov final : public Regularizer {
 public:
  double value_and_gradient(const Model& u, Model& gradient) const override;
};

}  // namespace fathom
