// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "io/progress.hpp"
#include "io/run_folder.hpp"
#include "solver/recipe.hpp"
#include "solver/training_set.hpp"

namespace fathom {

/// Trains a recipe's network on the models of a round and those before, from the weights of the network
/// `before` where there is one, and goes on from the folder's checkpoint where there is one. Leaves in the
/// folder: network.h5, learning.csv (an epoch a row), reliability.csv and metrics.json; where it finds the
/// network already, it does nothing. Collective. Returns whether it came to its end; false: interrupted.
bool train_network(const RecipeOptions& recipe, int round, const std::optional<std::string>& before,
                   const TrainingSet& set, const RunFolder& folder, Log& log, const ProgressOutput& bar,
                   Communicator& communicator);

}  // namespace fathom
