// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "regularizers/regularizer.hpp"

namespace fathom {

/// Says what it would still change of a model: r(u), a value a cell.
class Denoiser {
 public:
  virtual ~Denoiser() = default;
  /// 1/2 sum_cells r(u)^2, whose gradient is *added* to `slopes`. Cells as in a field, z fastest.
  virtual double value_and_gradient(const std::vector<double>& u, std::vector<double>& slopes) const = 0;
};

/// R(u) = V/2 sum_cells r(u)^2: what a denoiser would change of the model, V the cell volume. Its gradient
/// V J^T r, J the Jacobian of r, is exact, as a line search must have it (Hurault, Leclaire & Papadakis, ICLR
/// 2022); -r in its place (Romano, Elad & Milanfar, SIAM J. Imaging Sci. 10, 2017) is no functional's where J
/// is not symmetric. Not convex, unless r is linear.
class DenoiserPrior final : public Regularizer {
 public:
  /// Without a denoiser it is zero.
  explicit DenoiserPrior(std::shared_ptr<const Denoiser> denoiser) : denoiser_(std::move(denoiser)) {}
  double value_and_gradient(const Model& u, Model& gradient) const override;

 private:
  std::shared_ptr<const Denoiser> denoiser_;
};

}  // namespace fathom
