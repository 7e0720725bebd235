// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include "solver/case.hpp"
#include "solver/objective.hpp"

namespace fathom {

/// The earth that a synthetic survey sees.
Model surveyed_model(const Case& the_case);

/// The propagator that records it.
PropagatorSetup simulation_setup(const Case& the_case, const Model& model);

/// This rank's gathers of the survey on the surveyed model, with the case's noise. `on_shot` gets shots done
/// and shots in all of this rank.
Gathers simulate(const Case& the_case, Communicator& communicator,
                 const std::function<void(int, int)>& on_shot = {});

/// The observed data of this rank's shots: from the case's file, or simulated.
Gathers observed_data(const Case& the_case, Communicator& communicator,
                      const std::function<void(int, int)>& on_shot = {});

}  // namespace fathom
