// SPDX-License-Identifier: BSD-3-Clause

// Every error and warning of check() about frequency stages and propagators.

#include "tests/solver/checked_case.hpp"

namespace fathom {
namespace {

TEST(Check, RejectsACaseWithoutStages) {
  const Scratch scratch;
  Case the_case = load_text(scratch, sound_case);
  the_case.options.inversion.stages.clear();
  EXPECT_TRUE(finds(check_case(the_case), {Level::error, "stages", "inversion.stages", {"no stage"}}));
}

TEST(Check, RejectsAnEmptyBand) {
  expect({{"    - max_frequency: 6", "    - min_frequency: 7\n      max_frequency: 6"}},
         {Level::error, "stage 1", "inversion.stages[0].min_frequency", {"7 to 6 Hz"}},
         "    - min_frequency: 7");
}

TEST(Check, RejectsABandBelowTheWavelet) {
  expect({{"max_frequency: 6", "max_frequency: 0.3"}},
         {Level::error,
          "stage 1",
          "inversion.stages[0].max_frequency",
          {"nothing to invert", "strongest at 8 Hz"}},
         "    - max_frequency: 0.3");
}

TEST(Check, WarnsOfABandInWhichTheWaveletIsWeak) {
  expect({{"max_frequency: 6", "max_frequency: 0.8"}, {"width: 34", "width: 200"}},
         {Level::warning, "stage 1", "inversion.stages[0].max_frequency", {"noise will dominate"}});
}

TEST(Check, WarnsOfABandAboveTheWavelet) {
  expect({{"max_frequency: 10", "max_frequency: 25"}},
         {Level::warning, "stage 2", "inversion.stages[1].max_frequency", {"nothing to gain above 17"}});
}

TEST(Check, WarnsOfStagesInTheWrongOrder) {
  expect({{"max_frequency: 10", "max_frequency: 5"}, {"width: 34", "width: 40"}},
         {Level::warning, "stage 2", "inversion.stages[1].max_frequency", {"5 Hz follows 6 Hz"}});
  expect({{"    - max_frequency: 10", "    - spacing: 20\n      max_frequency: 10"}},
         {Level::warning, "stage 2", "inversion.stages[1].spacing", {"20 m is coarser than the 10 m"}});
}

TEST(Check, WarnsOfAStageFinerThanTheCase) {
  expect(
      {{"    - max_frequency: 10", "    - spacing: 8\n      max_frequency: 10"}, {"width: 34", "width: 45"}},
      {Level::warning,
       "stage 2",
       "inversion.stages[1].spacing",
       {"finer than the inversion's grid of 10 m"}});
}

TEST(Check, WarnsWhenThereIsNothingToDo) {
  expect({{"iterations: 3", "iterations: 0"}, {"iterations: 3", "iterations: 0"}},
         {Level::warning, "stages", "inversion.stages", {"no stage has an iteration"}});
}

TEST(Check, RejectsAnUnstableTimeStep) {
  expect({{"physics:", "physics:\n  time_step: 0.003"}},
         {Level::error, "stage 1", "physics.time_step", {"CFL", "3600"}, false}, "  time_step: 0.003");
}

TEST(Check, RejectsAnOrderThatDoesNotExist) {
  expect({{"  order: 8", "  order: 6"}},
         {Level::error, "stage 1", "physics.order", {"order 2, 4 or 8"}, false}, "  order: 6");
  expect({{"    order: 4", "    order: 3"}},
         {Level::error, "synthetic data", "data.simulate.order", {"2, 4 or 8"}}, "    order: 3");
}

TEST(Check, RejectsAGridTooSmallForTheStencil) {
  expect({{"    - max_frequency: 6", "    - spacing: 100\n      max_frequency: 6"}},
         {Level::error, "stage 1", "inversion.stages[0].spacing", {"6 cells", "order 8"}},
         "    - spacing: 100");
}

TEST(Check, RejectsTooFewPointsPerWavelength) {
  expect({{"    - max_frequency: 6", "    - spacing: 100\n      max_frequency: 6"},
          {"  order: 8", "  order: 4"}},
         {Level::error,
          "stage 1",
          "inversion.stages[0].spacing",
          {"points per wavelength", "order 4 wants 10 or more", "inversion.stages[0].max_frequency at most"}},
         "    - spacing: 100");
  expect({{"    order: 4", "    order: 2\n    spacing: 12.5"}},
         {Level::error,
          "synthetic data",
          "data.simulate.spacing",
          {"the surveyed model is slowest", "order 2 wants 15", "data.simulate.order 4"}},
         "    spacing: 12.5");
}

TEST(Check, WarnsOfFewPointsPerWavelength) {
  expect({{"  order: 8", "  order: 2"}, {"max_frequency: 10", "max_frequency: 12"}},
         {Level::warning, "stage 2", "spacing", {"order 2 wants 15", "physics.order 4"}, false});
}

TEST(Check, WarnsOfAThinAbsorbingLayer) {
  expect({{"    width: 34", "    width: 12"}}, {Level::warning,
                                                "absorbing layer",
                                                "physics.boundary.width",
                                                {"stage 1: 12 cells of 10 m", "set the width to"}});
  expect({{"    width: 60", "    width: 25"}},
         {Level::warning, "absorbing layer", "data.simulate.width", {"synthetic data: 25 cells of 5 m"}});
}

}  // namespace
}  // namespace fathom
