// SPDX-License-Identifier: BSD-3-Clause
#include "solver/recipe.hpp"

#include "ml/geology.hpp"
#include "physics/error.hpp"

namespace fathom {

void SectionOptions::describe(OptionVisitor& option) {
  option("kinds", kinds,
         {.meaning = "kinds of earth; one is drawn a model, so that naming it twice doubles its share",
          .choices = geologies().names()});
  option("width", width, {.meaning = "range of the width", .unit = "cells", .min = 32, .max = 2000});
  option("depth", depth, {.meaning = "range of the depth", .unit = "cells", .min = 32, .max = 2000});
  option("spacing", spacing, {.meaning = "range of the spacing", .unit = "m", .min = 1, .max = 1000});
  option("points_per_wavelength", points_per_wavelength,
         {.meaning = "range of the points per wavelength, at the slowest velocity and the last band's edge",
          .min = 3.5,
          .max = 50});
  option("velocity_scale", velocity_scale,
         {.meaning = "range of a factor on the kinds' own velocities of rock", .min = 0.5, .max = 2});
  option("shots", shots, {.meaning = "range of the number of shots", .min = 2, .max = 1000});
}

void StatesOptions::describe(OptionVisitor& option) {
  option("stages", stages,
         {.meaning = "frequency stages of an inversion; the start of each is a state", .min = 1, .max = 20});
  option("first_band", first_band,
         {.meaning = "range of the first band's upper edge, as a share of the last one's",
          .min = 0.05,
          .max = 1});
  option("coarsening", coarsening,
         {.meaning = "range of the first stage's spacing, as a multiple of the last one's; those of the "
                     "stages between lie between",
          .min = 1,
          .max = 4});
  option("iterations", iterations,
         {.meaning = "range of a stage's iterations: passes over the shots", .min = 1, .max = 100});
  option("stochastic", stochastic,
         {.meaning = "share of the inversions that use Adam on a few shots at a time", .min = 0, .max = 1});
  option("without_low_frequencies", without_low_frequencies,
         {.meaning = "share of the inversions whose data has no low frequencies", .min = 0, .max = 1});
  option("low_edge", low_edge,
         {.meaning = "range of their lowest frequency, as a share of the first band's upper edge",
          .min = 0,
          .max = 0.95});
  option("from_blur", from_blur,
         {.meaning = "share of the inversions that start from the blurred truth; the others start from a "
                     "velocity that only rises with the depth below the sea floor",
          .min = 0,
          .max = 1});
  option("blur", blur,
         {.meaning = "range of the blur's standard deviation, as a share of the section's depth",
          .min = 0.001,
          .max = 2});
  option("noisy", noisy, {.meaning = "share of the inversions of noisy data", .min = 0, .max = 1});
  option("noise_snr", noise_snr,
         {.meaning = "range of the signal-to-noise ratio", .unit = "dB", .min = -60, .max = 200});
}

void OnPolicyOptions::describe(OptionVisitor& option) {
  option(
      "rounds", rounds,
      {.meaning = "rounds after the first: more models, whose inversions the network so far guides with its "
                  "guards on, and another training, of all models, from its weights",
       .min = 0,
       .max = 100});
  option("models", models, {.meaning = "models more in each", .min = 1, .max = 1000000});
  option("epochs", epochs, {.meaning = "most passes over the samples in each", .min = 1, .max = 100000});
  option("learning_rate", learning_rate,
         {.meaning = "of each one's first epoch; it falls as a cosine to a hundredth of it",
          .min = 1e-7,
          .max = 1});
}

void NetworkOptions::describe(OptionVisitor& option) {
  option("widths", widths,
         {.meaning = "channels of each of the five levels, from fine to coarse", .min = 1, .max = 512});
}

NetworkShape NetworkOptions::shape() const {
  NetworkShape shape;
  shape.widths.assign(widths.begin(), widths.end());
  return shape;
}

void RecipeOptions::describe(OptionVisitor& option) {
  option("title", title, {.meaning = "a line that says what the recipe is for"});
  option("seed", seed, {.meaning = "of all that is drawn", .min = 0, .max = 1000});
  option("models", models,
         {.meaning = "number of earths, and of inversions, in the first round", .min = 1, .max = 1000000});
  option("validation", validation,
         {.meaning = "each model of so many is kept out of the training, to see what it is worth",
          .min = 2,
          .max = 1000});
  option.section("sections", sections, "the earths, and the surveys over them");
  option.section("states", states, "the inversions whose states are learned from");
  option.section("network", network, "what learns");
  option.section("training", training, "how it learns");
  option.section("on_policy", on_policy, "rounds in which it guides the inversions that it learns from");
}

RecipeOptions recipe_of_round(RecipeOptions recipe, int round) {
  if (round == 0)
    recipe.on_policy = {};
  else
    recipe.on_policy.rounds = round;
  return recipe;
}

void require_ranges(const RecipeOptions& options) {
  const auto require = [](const std::string& key, const std::vector<double>& range) {
    if (range.size() != 2 || range[0] > range[1])
      throw UserError(key + " is not a range", "write it as [lowest, highest]");
  };
  const SectionOptions& sections = options.sections;
  const StatesOptions& states = options.states;
  require("sections.width", sections.width);
  require("sections.depth", sections.depth);
  require("sections.spacing", sections.spacing);
  require("sections.points_per_wavelength", sections.points_per_wavelength);
  require("sections.velocity_scale", sections.velocity_scale);
  require("sections.shots", sections.shots);
  require("states.first_band", states.first_band);
  require("states.coarsening", states.coarsening);
  require("states.iterations", states.iterations);
  require("states.low_edge", states.low_edge);
  require("states.blur", states.blur);
  require("states.noise_snr", states.noise_snr);
  if (options.network.widths.size() != 5)
    throw UserError("network.widths has not five values", "give one a level: 1, 2, 4, 8 and 16 cells");
  if (options.models <= options.validation && options.training.epochs > 0)
    throw UserError("fewer than two models are held out",
                    "take more models than `validation` says, or training.epochs 0 to make the set alone");
  if (sections.kinds.empty()) throw UserError("sections.kinds is empty", "name at least one kind of earth");
}

}  // namespace fathom
