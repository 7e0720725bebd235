// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "solver/optimizer.hpp"

namespace fathom {

struct SearchLimits {
  double first_change = 0;  ///< largest change of a variable in the first trial
  double max_change = 0;    ///< and in every trial
  bool unit_step = true;    ///< whether the direction's length means something: 1 comes first
  int evaluations = 1;
};

struct SearchResult {
  bool moved = false;     ///< to `point`, which is lower than the start
  bool accepted = false;  ///< sufficiently low, too; else it is merely the lowest of what was tried
  Iterate point{};
  double step_length = 0;
  int evaluations = 0;
  std::string explanation{};
};

/// Of what the slope promises, the share of a fall that is enough (Armijo).
inline constexpr double sufficient_decrease = 1e-4;
/// Value and gradient are numbers.
bool is_finite(const Iterate& point);
/// Largest |to - from| of any variable.
double largest_change(const std::vector<double>& from, const std::vector<double>& to);

/// Searches f(P(x + a d)), a > 0, P the projection onto the box, for sufficient decrease (Armijo, 1e-4) where
/// the slope has become at least a tenth less steep (so that the pair is worth remembering). The cheapest
/// search that suits a quasi-Newton method: it ends with the first trial that will do, interpolates back with
/// the gradients it has paid for, and extends a timid step only while each extension is lower. Points that
/// are not finite count as infinitely high. Nocedal and Wright, Numerical Optimization (2006), chapter 3;
/// projected as in Bertsekas, SIAM J. Control Optim. 20 (1982).
SearchResult search_line(const Iterate& start, std::vector<double> direction, SmoothObjective& objective,
                         const Box& box, const SearchLimits& limits);

}  // namespace fathom
