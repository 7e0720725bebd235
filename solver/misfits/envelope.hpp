// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "solver/misfit.hpp"

namespace fathom {

/// 1/2 sum over receivers of the integral of (E(predicted) - E(observed))^2 dt, with the envelope
///
///     E(p) = sqrt(p^2 + (H p)^2 + e^2)
///
/// (Bozdag, Trampert and Tromp, Geophys. J. Int. 185, 2011; Wu, Luo and Wu, Geophysics 79, 2014). H is the
/// Hilbert transform of the trace continued by zeros, cut back to the trace: exactly antisymmetric, H^T = -H.
/// Envelopes have no cycles to skip and no polarity: the prediction -d fits the data d.
///
/// The floor e is `floor` times the typical rms of the shot's observed traces (TraceScale). It keeps the
/// derivative defined where the prediction is zero, and damps it where the prediction is so weak that its
/// phase means nothing.
class Envelope final : public Misfit {
 public:
  explicit Envelope(const EnvelopeOptions& options) : options_(options) {}
  double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                  Gather& adjoint_source) const override;

 private:
  EnvelopeOptions options_;
};

}  // namespace fathom
