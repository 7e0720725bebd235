// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the guide of a stage says, in the solver's terms.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "physics/communicator.hpp"
#include "regularizers/denoiser.hpp"
#include "solver/case.hpp"
#include "solver/parameterization.hpp"
#include "solver/stage_problem.hpp"

namespace fathom {

/// The eps of a stage's smoothed variation: a jump (m/s) between neighbouring cells as a slope of the model
/// in units of 1000 m/s, 1/m.
double slope_of_jump(double jump, const Grid& grid);

/// A guidance on velocity as it steers a parameter: with the other sign where the parameter falls as velocity
/// rises.
Guidance guidance_for(const Parameterization& parameterization, const Guidance& of_velocity);

/// A denoiser of velocities (m/s) as one of a parameter over its unit; null where there is none. It keeps a
/// reference to the parameterization.
std::shared_ptr<const Denoiser> denoiser_for(const Parameterization& parameterization,
                                             std::shared_ptr<const Denoiser> of_velocity);

/// The reference velocity that the options name, cell by cell; empty: none.
std::vector<double> reference_velocity(const RegularizerOptions& options, const Model& start,
                                       const Guidance& guidance);

/// The guide that a case with a regularizer names.
std::shared_ptr<const Guide> guide_of(const Case& the_case);

/// What a guide is told of a stage's start, the start of the inversion on its grid included.
Situation situation_at(const Model& velocity, const std::vector<bool>& frozen, const Model& start_of_all,
                       const StageOptions& stage);
/// And the descent direction there, minus the gradient over the illumination (floored at a hundredth of its
/// maximum), with the illumination; both over their largest. What that takes to know, which the stage needs
/// too, is left in `found`.
void add_descent(Situation& situation, DataObjective& data, StageProblem::AtStart& found);

/// Root's guidance, on every rank: a network may round otherwise on another processor.
void share_guidance(Guidance& guidance, Communicator& communicator);

/// A guidance for a checkpoint, and back. Every value of it is kept as it is.
std::map<std::string, std::vector<double>> to_arrays(const Guidance& guidance);
Guidance guidance_from_arrays(const Grid& grid, const std::map<std::string, std::vector<double>>& arrays);

}  // namespace fathom
