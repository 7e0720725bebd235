// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "ml/learner.hpp"
#include "physics/model.hpp"

namespace fathom {

/// An edge passes a cell where the true velocity changes by this share of it over the two cells around, or
/// more, and by more than in the cells before and behind it: interfaces are a cell or two thick.
inline constexpr double edge_share = 0.1;

/// A state of an inversion as a network sees it, and what it should have said of it.
struct Sample {
  Images inputs;
  Target target;
};

/// What a network should have said of a velocity, given the truth on the same section; frozen cells do not
/// count. Normals are those of central differences, smoothed across (Sobel).
Target target_of(const Model& truth, const Model& velocity, const std::vector<bool>& frozen);

}  // namespace fathom
