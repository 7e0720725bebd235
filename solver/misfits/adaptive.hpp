// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "solver/misfit.hpp"

namespace fathom {

/// Adaptive waveform inversion: how far the energy of the filter that turns an observed trace d into the
/// predicted one p is from lag zero (Warner and Guasch, Geophysics 81, 2016). Two traces that differ by a
/// shift have half the square of the shift as misfit (s^2), be it many cycles: the basin is as wide as the
/// record. Blind to the amplitude of every trace.
///
/// In the frequency domain, with P and D the spectra of the traces continued by zeros, U = P / D the filter,
/// and a dash for the derivative that multiplication by the lag is,
///
///     misfit = 1/2 sum |G^2 U'|^2 / sum |G^2 U|^2,     G = |D|^2 / (|D|^2 + e^2)
///
/// so that frequencies which the data lacks (below the water level e) have no say. G^2 U' is evaluated as
/// G V' - G' V from the stable V = G U = conj(D) P / (|D|^2 + e^2), V' being the transform of the lag times
/// v; G^2 U is G V. That vanishes identically for P = a D: unlike a filter that is damped towards zero, whose
/// energy at other lags remains, this one has its least value, zero, at the data. Everything but the ratio is
/// linear in p, and the adjoint source transposes it step by step.
///
/// `max_lag` replaces the lag t by t / sqrt(1 + (t / max_lag)^2): the misfit stays below max_lag^2 / 2.
/// A predicted trace without energy where the data has some (120 dB down) counts as a filter that spreads
/// over all lags, without a derivative; quiet observed traces (TraceScale) count as 0.
class Adaptive final : public Misfit {
 public:
  explicit Adaptive(const AdaptiveOptions& options) : options_(options) {}
  double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                  Gather& adjoint_source) const override;

 private:
  AdaptiveOptions options_;
};

}  // namespace fathom
