// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

namespace fathom {

/// Between the sampling of a survey and that of the propagator, whose step is an integer fraction of it.
///
/// Both ways use one Kaiser-windowed sinc of 8 survey samples to each side, so that refining a wavelet and
/// thinning a recording are transposes of each other up to the factor `ratio`, and an adjoint source has no
/// images above the survey's Nyquist frequency. The fine axis runs on behind the last sample, so that this
/// one too has its whole window: cut at the end, it would be thinned to half its value.
class Resampler {
 public:
  /// `samples` of the survey; the fine axis has (samples - 1) * ratio + 1, and a tail where ratio > 1.
  Resampler(int samples, int ratio);

  int fine_samples() const { return (samples_ - 1) * ratio_ + (ratio_ > 1 ? int(taps_.size()) : 1); }
  /// fine = U coarse: interpolation.
  std::vector<double> refine(const double* coarse) const;
  /// coarse = U^T fine. Divided by `ratio`, it is low-pass filtering and decimation.
  std::vector<double> refine_transposed(const double* fine) const;

 private:
  int samples_, ratio_;
  std::vector<double> taps_;  ///< at distances 0, 1, ... fine samples
};

}  // namespace fathom
