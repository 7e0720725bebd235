// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "solver/case.hpp"
#include "solver/recipe.hpp"

namespace fathom {

/// Seeds of the earths that networks learn from begin here; those of cases are smaller.
inline constexpr int first_training_seed = 1000000;

/// The case of a recipe's model of that number: an earth of its own with a survey, a start and stages, the
/// same for the same recipe and number. Its data is not made on the inversion's grid. It has a regularizer
/// (total variation, little of it), so that a guide is asked at the start of each stage.
Case training_case(const RecipeOptions& recipe, int number);

}  // namespace fathom
