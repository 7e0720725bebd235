// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "solver/misfit.hpp"

namespace fathom {

/// 1/2 sum over receivers of the integral of (predicted - observed)^2 dt (Tarantola, 1984).
class LeastSquares final : public Misfit {
 public:
  double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                  Gather& adjoint_source) const override;
};

}  // namespace fathom
