// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Shots that an inversion does not see, and what they say of two models.

#include <limits>
#include <vector>

namespace fathom {

/// Places in a survey of `shots` shots of those that are held out, ascending: a share of them, two at least,
/// one from each of as many stretches of neighbours, all at the same place of their stretch, which the seed
/// draws from its middle half. Half of the shots at most; none where that leaves fewer than two.
std::vector<int> held_out_shots(int shots, double share, int seed);
/// The other places.
std::vector<int> shots_without(int shots, const std::vector<int>& held_out);

/// What the same shots say of a model with and without something.
struct PairedScores {
  double with = 0, without = 0;  ///< sums over the shots
  double difference = 0;         ///< with less without: the mean over the shots
  double standard_error = std::numeric_limits<double>::infinity();  ///< of that; of one shot nothing is known

  /// Lower by more than two standard errors.
  bool clearly_lower() const { return difference < -2 * standard_error; }
  bool not_above() const { return with <= without; }
};

/// Misfits of each shot, in one order; added up in it.
PairedScores paired_scores(const std::vector<double>& with, const std::vector<double>& without);

}  // namespace fathom
