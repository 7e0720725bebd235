// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "io/run_folder.hpp"
#include "solver/recipe.hpp"
#include "solver/training_set.hpp"

namespace fathom {

/// Trains a recipe's network on its set, and goes on from the folder's checkpoint where there is one. Leaves
/// in the folder: network.h5, learning.csv (an epoch a row), reliability.csv and metrics.json. Collective.
/// Returns whether it came to its end; false: interrupted.
bool train_network(const RecipeOptions& recipe, const TrainingSet& set, const RunFolder& folder, Log& log,
                   Communicator& communicator);

}  // namespace fathom
