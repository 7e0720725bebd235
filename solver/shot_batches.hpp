// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace fathom {

/// The shots that each iteration of a stochastic optimizer works on: `batch` at most, drawn so that each is
/// spread over the survey and no shot waits long.
///
/// The survey is cut into `batch` groups of neighbours, and an epoch is per_epoch() iterations. In an epoch
/// every shot occurs once, and every batch takes one shot at most of each group, by a random order of each
/// group. So every shot is in a batch with probability 1 / per_epoch(), and weight() times the sum over a
/// batch estimates the sum over all shots without bias. Random numbers are SplitMix64 of (seed, stage, epoch,
/// group, draw): a batch depends on its iteration, not on what was drawn before, nor on the ranks.
class ShotBatches {
 public:
  ShotBatches(int shots, int batch, std::uint64_t seed, int stage);

  /// Shots of a batch, at most.
  int size() const { return groups_; }
  int per_epoch() const { return per_epoch_; }
  double weight() const { return per_epoch_; }
  /// Places in the survey, ascending; never none.
  std::vector<int> operator()(std::int64_t iteration) const;

 private:
  int shots_, groups_, per_epoch_;
  std::uint64_t key_;
};

}  // namespace fathom
