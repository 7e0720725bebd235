// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "physics/communicator.hpp"
#include "physics/propagator.hpp"
#include "solver/misfit.hpp"
#include "solver/shot_batches.hpp"

namespace fathom {

/// The data of a rank: the gathers of its shots, by their place in the survey.
using Gathers = std::map<int, Gather>;

/// The places in a survey of the shots that a rank works on: every size-th one.
std::vector<int> shots_of_rank(const Communicator& communicator, int shots);
/// Every trace times the weight of its samples; an empty window changes nothing.
Gather windowed(Gather gather, const std::vector<double>& window);

/// Sum over shots, all or some of a survey's, of the misfit between what a model predicts and what was
/// observed, as a function of velocity.
///
/// Each rank propagates its shots one after the other; value and gradient are summed in double, over the
/// shots of a rank in their order and over the ranks in theirs, so that a run repeats bit for bit on the same
/// ranks.
class DataObjective {
 public:
  struct Parts {
    Communicator& communicator;
    Propagator& propagator;
    const Survey& survey;     ///< in the band that is inverted
    const Gathers& observed;  ///< of this rank's shots, in the same band and on the survey's time axis
    const Misfit& misfit;
    std::vector<double> window;  ///< weight of each sample; empty: 1
    std::vector<int> shots{};    ///< places in the survey of those that count, ascending; empty: all
  };
  explicit DataObjective(Parts parts);

  /// The value, relative to that of predicting nothing; and its gradient in s/m times the cell's share: d
  /// value / d vp of every cell of the propagator's grid. With `illumination`, also the pseudo-Hessian's
  /// diagonal.
  double value_and_gradient(const Model& model, std::vector<double>& gradient,
                            std::vector<double>* illumination = nullptr);
  /// `weight` times the value and gradient of some of the shots alone, or of groups of shots set off
  /// together, by their numbers among those that count: estimates of those of all. Each shot occurs once;
  /// those of a group share their receivers. The groups are dealt out to the ranks anew, and gathers that are
  /// with another rank are lent for the evaluation. Each group counts as one shot.
  double estimate(const Model& model, const std::vector<ShotGroup>& groups, double weight,
                  std::vector<double>& gradient);
  /// What a model predicts for this rank's shots, of those that count.
  Gathers predict(const Model& model);
  /// The value of a prediction of all shots that count.
  double misfit_of(const Gathers& predicted) const;
  /// The value's part of each shot that counts, in their order, on every rank. Nothing is summed over shots.
  /// One solve a shot.
  std::vector<double> value_of_each(const Model& model);

  /// Number of shots that count.
  int shots() const { return int(parts_.shots.size()); }
  /// Propagations of a shot so far, over all ranks.
  std::int64_t solves() const { return solves_; }
  /// Called after each shot of this rank: shots done, shots in all.
  std::function<void(int, int)> on_shot;

 private:
  Gather windowed(Gather gather) const;
  /// What is propagated together and what it is compared with.
  struct Task {
    Shot shot;
    const Gather* observed;
  };
  /// Adds up value, gradient and, where asked for, illumination of the tasks, one after the other.
  std::vector<double> add_up(const Model& model, const std::vector<Task>& tasks, bool with_illumination);
  Gathers borrow(const std::vector<ShotGroup>& groups);
  Shot set_off_together(const ShotGroup& group) const;
  int place_of(const SignedShot& shot) const;

  Parts parts_;
  std::vector<int> mine_;  // places in the survey, of the shots that count
  double energy_ = 0;      ///< of the observed data: the misfit of predicting nothing
  std::int64_t solves_ = 0;
};

}  // namespace fathom
