// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A jump to what a guide takes for the true velocity, m <- m + alpha w (m_r - m), and the search for alpha
// and w that the data likes best.

#include <functional>
#include <vector>

#include "physics/model.hpp"
#include "solver/band.hpp"
#include "solver/held_out.hpp"

namespace fathom {

/// How far to jump, and where: w is 1 between two depths, shares of the deepest point's below the first cell
/// of its column that may change; beyond 0 and 1 there is no edge. It falls to 0 over a sixteenth around
/// each.
struct JumpChoice {
  double alpha = 1;
  double from = 0, to = 1;

  bool operator==(const JumpChoice&) const = default;
};

class Jump {
 public:
  struct Parts {
    const Model& before;              ///< vp, m/s
    const std::vector<double>& step;  ///< m_r - m, m/s, cell by cell of the model
    const std::vector<bool>& frozen;  ///< cells that stay as they are
    VelocityBounds bounds;
    double trust = 0;  ///< m/s: larger steps are cut to it
  };
  explicit Jump(Parts parts);

  /// The largest step of a cell that may change, m/s.
  double largest() const { return largest_; }
  /// Of the deepest point below the first cell of its column that may change, m.
  double depth() const { return deepest_; }
  /// Within the bounds.
  Model model(const JumpChoice& choice) const;

 private:
  Parts parts_;
  std::vector<double> depth_;  // of each cell, m
  double deepest_ = 0, largest_ = 0;
};

/// What a search found: the choice that the shots like best, against no jump.
struct JumpSearch {
  JumpChoice best;
  PairedScores scores;
  int tried = 0;  ///< choices, besides no jump
};

/// From coarse to fine over alpha in {0.5, 1} times depths in eighths: the whole step first; then, around the
/// best choice so far, the other alpha and either depth moved both ways, by halves, then quarters, then
/// eighths. Tries `most` choices (two at least), and no more than the whole step and its half where both are
/// worse than no jump. The whole step is taken where it is clearly lower and nearly as good as the best: how
/// right its lower part is, the shots hardly see before the model above is right. `score` gives the misfits
/// of each shot; `none` are those without a jump.
JumpSearch search_jump(const std::function<std::vector<double>(const JumpChoice&)>& score,
                       const std::vector<double>& none, int most);

/// The trust after a jump of that alpha was accepted or rejected.
double trust_after(double trust, bool accepted, double alpha);

}  // namespace fathom
