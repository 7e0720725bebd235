// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "solver/optimizer.hpp"

namespace fathom {

/// Adam (Kingma and Ba, 2015) on estimates of the objective from random parts of it, projected onto the box:
/// a TAO type of ours.
///
///     m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2,   both divided by 1 - b^k after k iterations
///     x <- P(x - (1 + floor) step_k m / (sqrt(v) + floor rms(sqrt(v))))
///
/// g is SmoothObjective::estimate() of the iteration; the first is the objective's own gradient, which
/// start() has paid for. The spread sqrt(v) is a preconditioner by itself; the caller's x carries another one
/// (see StageProblem and AdamOptions::illumination_floor). `floor` leads from Adam (0) to gradients with
/// momentum that are divided by one number. step_k falls geometrically from `step` to `final_step` times it
/// over the planned iterations; `x_unit` is the size in x of a step of 1.
///
/// An iteration moves whatever the value does: that of the state is the estimate which the step was made
/// from, at the point before.
std::unique_ptr<Optimizer> make_adam(const OptimizerOptions& options);

}  // namespace fathom
