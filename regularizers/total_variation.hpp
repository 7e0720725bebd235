// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "regularizers/regularizer.hpp"

namespace fathom {

/// The Moreau envelope of weighted and steerable variation (see Variation), for quasi-Newton:
///
///     h_eps(z) = q . z - eps |q|^2 / 2,   q = z / eps                        if |z / eps - P| <= Theta
///                                           = P + Theta (z / eps - P) / |z / eps - P|   otherwise,
///
/// whose gradient is q, so that dR/du = D^T (V q). Smoothing as sqrt(|z|^2 + eps^2) instead would move the
/// minimum of a steered functional away from z = 0 and invent a slope. (Moreau, Bull. Soc. Math. France 93,
/// 1965; q is the projection of z / eps onto the ball |q - P| <= Theta.)
class TotalVariation final : public Regularizer {
 public:
  /// eps > 0 in the unit of D u, 1/m.
  TotalVariation(Variation variation, double eps);
  double value_and_gradient(const Model& u, Model& gradient) const override;
  const Variation* exact() const override { return &variation_; }

 private:
  Variation variation_;
  Real eps_;
};

}  // namespace fathom
