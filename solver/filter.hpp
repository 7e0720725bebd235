// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "physics/survey.hpp"
#include "solver/fourier.hpp"

namespace fathom {

/// Zero-phase band filter of traces.
///
/// The gain is real, exactly 1 inside the band and 0 outside, and exactly 0.5 (-6 dB in amplitude) at the two
/// corner frequencies. The way down is the quintic 1 - x^3 (10 - 15 x + 6 x^2), which is flat to second order
/// at both ends, from 0.4 to 1.6 times the corner (where the band is less than 2.5 octaves or so wide, no
/// further than to the other corner). Of the usual shapes this one rings shortly for the octave it takes: a
/// low-pass is 20 dB down at 1.304 max_frequency, and its impulse response stays under 1 % of its peak
/// beyond 1.35 / max_frequency and under 0.1 % beyond 2.3 / max_frequency. (A squared Butterworth magnitude
/// of order 6, which is 20 dB down at 1.2 max_frequency, needs 2.4 and 3.9.)
///
/// Traces are padded with zeros, so that nothing wraps around: the filter is a convolution with a symmetric
/// impulse response, which is cut off at the trace's ends. As a matrix it is symmetric, its own transpose.
/// Where the time axis starts does not matter. One thread at a time may use an object.
class BandFilter {
 public:
  /// Corner frequencies in Hz. A min_frequency of 0 passes everything below, an infinite max_frequency
  /// everything above. Throws UserError unless 0 <= min_frequency < max_frequency.
  BandFilter(const TimeAxis& time, double min_frequency,
             double max_frequency = std::numeric_limits<double>::infinity());

  /// A trace has as many samples as the time axis; a gather or wavelet on another axis is a RunError.
  void apply(double* trace) const;
  void apply(std::vector<double>& wavelet) const;
  void apply(Gather& gather) const;

  double min_frequency() const { return min_frequency_; }
  double max_frequency() const { return max_frequency_; }
  /// Amplitude gain at a frequency (Hz), between 0 and 1.
  double gain(double frequency) const;
  /// Highest frequency (Hz) at which the gain is no lower than this many decibels (negative); infinite
  /// without an upper corner.
  double frequency_at(double decibel) const;
  /// Time (s) after which the impulse response stays below `level` times its peak. It is the lead that a
  /// simulation needs before the filtered wavelet, and the length over which the end of a record is to be
  /// tapered.
  double impulse_duration(double level = 0.01) const;
  /// Rms of filtered white noise of rms 1, away from the ends of its trace.
  double noise_gain() const;

 private:
  TimeAxis time_;
  double min_frequency_;
  double max_frequency_;
  double low_width_;           ///< half the width of the transition at min_frequency, Hz
  double high_width_;          ///< and at max_frequency
  std::vector<double> gains_;  ///< at the frequencies of the transform, divided by its length
  std::unique_ptr<Fourier> fourier_;
};

/// Highest frequency (Hz) at which the amplitude spectrum is not yet this many decibels (negative) below its
/// peak.
double spectrum_edge(const std::vector<double>& wavelet, const TimeAxis& time, double decibel = -20);
/// Frequency (Hz) of the peak of the amplitude spectrum.
double dominant_frequency(const std::vector<double>& wavelet, const TimeAxis& time);

}  // namespace fathom
