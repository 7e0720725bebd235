// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>

#include "physics/model.hpp"
#include "physics/registry.hpp"

namespace fathom {

/// A convex functional of the model with its exact gradient, so that an optimizer may line-search on it.
class Regularizer {
 public:
  virtual ~Regularizer() = default;
  /// R(u), u in parameter units over every property of the model; the gradient dR/du is *added* to `gradient`.
  virtual double value_and_gradient(const Model& u, Model& gradient) const = 0;
};

/// All regularizers by name.
const Registry<Regularizer>& regularizers();

}  // namespace fathom
