// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>

#include "physics/model.hpp"
#include "physics/registry.hpp"
#include "regularizers/guide.hpp"
#include "regularizers/variation.hpp"

namespace fathom {

class Denoiser;

/// A functional, convex where nothing else is said, of u = (m - m_r) / s, m the parameter, m_r a reference
/// (or zero) and s the parameter's equivalent of 1000 m/s at 2500 m/s. Everything that shapes it is fixed
/// when it is made, so that an optimizer may line-search on it.
class Regularizer {
 public:
  virtual ~Regularizer() = default;
  /// R(u) over every property of the model, in a form that is smooth, and its exact gradient: dR/du is
  /// *added* to `gradient`.
  virtual double value_and_gradient(const Model& u, Model& gradient) const = 0;
  /// The functional itself, where the smooth form only stands in for it; null: they are the same.
  virtual const Variation* exact() const { return nullptr; }
};

/// What shapes a regularizer.
struct RegularizerShape {
  Guidance guidance{};  ///< for the parameter that is regularized; default: none
  double eps = 1e-3;    ///< slope |D u| below which a kinked functional is rounded off, 1/m
  std::shared_ptr<const Denoiser> denoiser{};  ///< of u; null: none
};

/// All regularizers by name.
const Registry<Regularizer, const RegularizerShape&>& regularizers();

}  // namespace fathom
