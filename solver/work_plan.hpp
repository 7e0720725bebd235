// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What an inversion will have to propagate, for its progress and for what is forecast of it.

#include <vector>

#include "solver/case.hpp"

namespace fathom {

/// A forward propagation that keeps its history and an adjoint one with imaging, in forward propagations
/// without; measured on inversions.
inline constexpr double cost_of_gradient = 2.6;

/// What it costs to propagate all shots of a stage, forward alone and for a gradient; in any unit.
struct PropagationCost {
  double forward = 0, gradient = 0;

  double image() const { return forward + gradient; }
};

/// In the unit of the costs that it was made from.
struct WorkPlan {
  struct Stage {
    double start = 0;      ///< the objective, an image and a guide's pilot that is not gone on with
    double iteration = 0;  ///< one of them
    int iterations = 0;
  };
  std::vector<Stage> stages{};
  double end = 0;  ///< predictions and images of start and result, in the last stage's band

  /// Before a stage, by number from 0; their number: before the end.
  double before(int stage) const;
  /// Once a stage has started and made so many iterations.
  double after(int stage, int iterations) const;
  double total() const;
};

/// Without line searches that go astray, and what choices of a jump a guide's scan tries.
WorkPlan plan_work(const Case& the_case, const std::vector<PropagationCost>& of_stages);

}  // namespace fathom
