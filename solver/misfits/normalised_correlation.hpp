// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "solver/misfit.hpp"

namespace fathom {

/// Sum over receivers of 1/2 |p/|p| - d/|d||^2 = 1 - p.d / (|p| |d|), p a predicted and d an observed trace
/// (Choi and Alkhalifah, Geophys. Prosp. 60, 2012). Blind to the amplitude of every trace: source strength,
/// coupling, attenuation do not matter, and each trace counts as much as the others.
///
/// A predicted trace that is 120 dB below the observed one counts as 1, without a derivative; quiet observed
/// traces (TraceScale) count as 0.
class NormalisedCorrelation final : public Misfit {
 public:
  double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                  Gather& adjoint_source) const override;
};

}  // namespace fathom
