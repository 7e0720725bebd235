// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <complex>
#include <memory>
#include <vector>

#include "physics/survey.hpp"
#include "solver/fourier.hpp"

namespace fathom {

/// Correction of the temporal dispersion of a second-order leapfrog, exact for any model and any distance.
///
/// With a step dt the leapfrog answers at the angular frequency w as the exact equation does at
///
///     theta(w) = (2 / dt) sin(w dt / 2),
///
/// whatever the medium, so its waves arrive early. Two maps in time undo that (Stork 2013; Wang and Xu 2015;
/// Koene et al. 2018, "Eliminating time dispersion from seismic wave modeling", Geophys. J. Int. 213):
///
///     impose, on the wavelet before the simulation:   S_num(w) = S(theta(w)),
///     remove, on the recorded traces after it:        D(w) = D_num(theta^-1(w)), theta^-1(w) = (2 / dt)
///     asin(w dt / 2).
///
/// Frequencies are about t = 0, so that a wavelet and traces on different axes agree; dt is the propagator's
/// step, and an axis may be coarser. Both maps are linear over real traces and have an exact transpose.
///
/// How it is done: the spectrum at the warped frequencies is a non-uniform Fourier transform, by
/// interpolation with a Kaiser-Bessel window of 14 points in a twice oversampled fast transform (Fourmont
/// 2003; accurate to 1e-8), and an inverse fast transform leads back. A trace costs two fast transforms
/// whatever its band and dt (0.2 ms or so for 3000 samples), while a stored matrix would have a band that
/// grows with the record's length, and a direct sum would cost a multiplication per sample and frequency.
///
/// The band: the top fifth of the frequencies below a limit is tapered (cosine), and those above are dropped.
/// The limit is the trace's Nyquist frequency (in the leapfrog's spectrum), or the frequency with theta(w)
/// = 1.6 / dt if that is lower. No simulation with fewer than 5 steps a period is worth correcting.
class TimeCorrection {
 public:
  enum class Dispersion { impose, remove };

  /// Throws RunError unless the axis has samples and both steps are positive.
  TimeCorrection(const TimeAxis& time, double propagator_step, Dispersion dispersion);

  /// A trace has as many samples as the time axis; a gather or wavelet on another axis is a RunError.
  void apply(double* trace) const;
  void apply(std::vector<double>& wavelet) const;
  void apply(Gather& gather) const;
  void apply_transpose(double* trace) const;
  void apply_transpose(std::vector<double>& wavelet) const;
  void apply_transpose(Gather& gather) const;

  /// Highest frequency (Hz) of what goes in that comes out in full.
  double max_frequency() const { return max_frequency_; }

 private:
  static constexpr int taps = 14;
  struct Node {
    int first = 0;  ///< the first bin of the transform that is interpolated from
    std::array<double, taps> weights{};
    std::complex<double> factor;  ///< phase, taper and normalisation
  };

  void place_window();
  void place_nodes(double limit);

  TimeAxis time_;
  double propagator_step_;
  Dispersion dispersion_;
  double max_frequency_ = 0;
  std::vector<double> compensation_;  ///< per sample: inverse of the window's transform
  std::vector<Node> nodes_;           ///< per frequency of what comes out
  std::unique_ptr<Fourier> fourier_;
};

}  // namespace fathom
