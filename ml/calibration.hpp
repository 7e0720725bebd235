// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Whether a probability is one: of the cells that are given a probability of 0.3, 30 % should be edges.

#include <array>
#include <vector>

#include "ml/learner.hpp"
#include "ml/network_shape.hpp"
#include "physics/communicator.hpp"

namespace fathom {

/// Log odds of predictions, counted in narrow bins, and how many of them came true.
struct Reliability {
  static constexpr int bins = 240;
  static constexpr double reach = 12;  ///< log odds from -reach to +reach
  std::vector<double> counts = std::vector<double>(bins, 0.), events = std::vector<double>(bins, 0.);

  void add(double probability, bool event);
  static double log_odds(int bin) { return reach * (2 * (bin + 0.5) / bins - 1); }

  /// Expected calibration error: the mean of |share of events - mean probability| over ten bins of equal
  /// width, weighted by their counts (Guo et al., ICML 2017).
  double error() const;
  /// The ten bins: count, mean probability, share of events; zeros where a bin is empty.
  struct Bin {
    double count = 0, probability = 0, share = 0;
  };
  std::array<Bin, 10> ten() const;

  /// Log odds that would be right on the whole: slope * log odds + offset, by maximum likelihood (Platt,
  /// 1999).
  struct Correction {
    double slope = 1, offset = 0;
  };
  Correction correction() const;
};

/// Of a network's edges, and of its confidence.
struct Calibration {
  Reliability edge, confidence;

  /// Of one answer. "An edge within 45 degrees of the normal" is what the confidence is about.
  void add(const Images& answer, const Target& target);
  /// Of all ranks together.
  void sum(Communicator& communicator);
};

/// The weights with the corrections in their heads, which are linear in the log odds.
void correct(std::vector<float>& weights, const NetworkShape& shape, const Calibration& calibration);

}  // namespace fathom
