// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "regularizers/variation.hpp"

namespace fathom {

/// The quadratic that the variation is set against: 1/2 |v - centre|_W^2 = 1/2 sum_cells W (v - centre)^2
/// over lower <= v <= upper (equal where a cell is fixed). One unit for all but W > 0, which has the unit of
/// V / (unit^2): multiples of the cell volume make results independent of the grid.
struct ProximalProblem {
  Grid grid;
  Field centre, weight, lower, upper;
};

struct ProximalLimits {
  double gap = 1e-3;     ///< duality gap relative to the primal value
  int iterations = 200;  ///< of the primal-dual iteration
};

/// What a solve leaves for the next one to start from. Empty: from nothing.
struct ProximalMemory {
  VectorField q{};    ///< dual field, |q - lambda P| <= lambda Theta
  double lambda = 0;  ///< multiplier of the last projection
};

struct ProximalResult {
  Field v;
  double variation = 0;  ///< R(v)
  double value = 0;      ///< of the quadratic plus lambda R
  double gap = 0;        ///< relative, as reached
  int iterations = 0;
};

/// argmin_v 1/2 |v - centre|_W^2 + lambda R(v) over the box, by the primal-dual iteration of Chambolle and
/// Pock (J. Math. Imaging Vis. 40, 2011) with steps per cell (Pock and Chambolle, ICCV 2011) and, as the
/// quadratic is strongly convex, their accelerated steps. No wave is propagated.
ProximalResult minimise_variation(const Variation& variation, double lambda, const ProximalProblem& problem,
                                  const ProximalLimits& limits, ProximalMemory& memory);

/// argmin_v 1/2 |v - centre|_W^2 over the box and R(v) <= bound, to a part in a thousand of the bound: the
/// multiplier lambda is found by a secant iteration on minimise_variation(). bound > 0, and no less than the
/// least variation in the box.
ProximalResult project_onto_variation(const Variation& variation, double bound,
                                      const ProximalProblem& problem, const ProximalLimits& limits,
                                      ProximalMemory& memory);

}  // namespace fathom
