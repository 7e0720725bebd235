// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The optimizer that works on a stage.

#include "solver/case.hpp"
#include "solver/optimizer.hpp"

namespace fathom {

/// The case's options, with what the stage says of them.
OptimizerOptions method_of(const InversionOptions& options, const StageOptions& stage);

/// Whether it works on a batch of shots at a time.
bool is_stochastic(const InversionOptions& options, const StageOptions& stage);

/// The share of the shots that an evaluation of the objective takes, 0 .. 1.
double share_of_shots(const Case& the_case, const StageOptions& stage);

}  // namespace fathom
