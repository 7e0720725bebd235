// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "physics/registry.hpp"
#include "physics/survey.hpp"

namespace fathom {

/// How far predicted data is from observed data.
class Misfit {
 public:
  virtual ~Misfit() = default;
  /// The value for one shot, and its exact derivative with respect to every predicted sample. Both gathers
  /// have one time axis and the same receivers; integrals over time carry the step dt.
  virtual double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                          Gather& adjoint_source) const = 0;
};

/// Misfits by name.
const Registry<Misfit>& misfits();

}  // namespace fathom
