// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

namespace fathom {

/// A shot's number among those that are inverted, and the sign that its wavelet and its data get.
struct SignedShot {
  int number = 0;
  double sign = 1;
  bool operator==(const SignedShot&) const = default;
};
/// Shots whose sources are set off together, by ascending numbers; the first has the sign 1.
using ShotGroup = std::vector<SignedShot>;

/// The shots that each iteration of a stochastic optimizer works on: `batch` propagations at most.
///
/// Unencoded, a batch is spread over the survey, and no shot waits long. The survey is cut into `batch`
/// groups of neighbours, and an epoch is per_epoch() iterations. In an epoch every shot occurs once, and
/// every batch takes one shot at most of each group, by a random order of each group. So every shot is in a
/// batch with probability 1 / per_epoch(), and weight() times the sum over a batch estimates the sum over all
/// shots without bias.
///
/// Encoded (Krebs et al., Geophysics 74, 2009), every batch holds all shots: those `batch` numbers apart are
/// set off together with random signs. For a misfit that is a sum of squares, cross terms vanish in the mean
/// and the sum over a batch estimates the sum over all shots without bias; weight() is 1.
///
/// Random numbers are SplitMix64 of (seed, stage, epoch, group, draw): a batch depends on its iteration, not
/// on what was drawn before, nor on the ranks.
class ShotBatches {
 public:
  ShotBatches(int shots, int batch, std::uint64_t seed, int stage, bool encoded = false);

  /// Propagations of a batch, at most.
  int size() const { return groups_; }
  /// Iterations in which as many propagations are done as there are shots.
  int per_epoch() const { return per_epoch_; }
  double weight() const { return encoded_ ? 1 : per_epoch_; }
  bool encoded() const { return encoded_; }
  /// By ascending numbers; never none.
  std::vector<ShotGroup> operator()(std::int64_t iteration) const;

 private:
  std::vector<ShotGroup> some(std::int64_t iteration) const;
  std::vector<ShotGroup> all_encoded(std::int64_t iteration) const;

  int shots_, groups_, per_epoch_;
  std::uint64_t key_;
  bool encoded_;
};

}  // namespace fathom
