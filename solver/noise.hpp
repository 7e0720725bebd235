// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <limits>

#include "physics/survey.hpp"

namespace fathom {

/// Stationary Gaussian noise: white, or white within a band.
struct Noise {
  double rms = 0;  ///< after the band is cut out, in the unit of the traces
  std::uint64_t seed = 1;
  double min_frequency = 0;  ///< corners of a BandFilter, Hz
  double max_frequency = std::numeric_limits<double>::infinity();
};

/// Sum of the squares of all samples: added up over shots (and ranks) and divided by the number of samples,
/// its root is the rms of a survey.
double sum_of_squares(const Gather& gather);

/// The rms of noise that is `snr_db` below a signal: the signal-to-noise ratio is 20 log10(signal rms / noise
/// rms), where the signal's rms is that of the whole data set.
double noise_rms(double signal_rms, double snr_db);

/// Adds noise that depends on nothing but the seed, the shot's id, the receiver's number and the time axis:
/// not on the rank that does it, nor on the order.
void add_noise(Gather& gather, int shot_id, const Noise& noise);

}  // namespace fathom
