// SPDX-License-Identifier: BSD-3-Clause
#include "solver/training_case.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "ml/targets.hpp"
#include "solver/band.hpp"
#include "solver/simulation.hpp"

namespace fathom {
namespace {

constexpr int models = 8;

TEST(TrainingCase, IsTheSameForTheSameNumberAndAnotherForAnother) {
  const RecipeOptions recipe;
  std::set<std::string> cases;
  for (int number = 0; number < 5; ++number) {
    const std::string one = to_yaml(training_case(recipe, number).options);
    EXPECT_EQ(one, to_yaml(training_case(recipe, number).options));
    cases.insert(one);
  }
  EXPECT_EQ(cases.size(), 5u);
}

TEST(TrainingCase, IsRecordedOnAFinerGridOfTheSameExtent) {
  for (int number = 0; number < models; ++number) {
    const Case one = training_case({}, number);
    const Grid own = one.start.grid, finer = surveyed_model(one).grid;
    EXPECT_LT(finer.spacing[0], 0.7 * own.spacing[0]);
    for (const int axis : {0, 2})
      EXPECT_NEAR(finer.coordinate(axis, finer.size[axis] - 1), own.coordinate(axis, own.size[axis] - 1),
                  1e-6)
          << number;
  }
}

TEST(TrainingCase, StartsWithinItsBounds) {
  RecipeOptions recipe;
  recipe.seed = 11;
  for (const int number : {3, 175}) {  // the trend of the second goes beyond
    const Case one = training_case(recipe, number);
    for (const double velocity : to_host(one.start.at("vp"))) {
      ASSERT_GE(velocity, *one.options.inversion.bounds.min);
      ASSERT_LE(velocity, *one.options.inversion.bounds.max + 1e-3);
    }
  }
}

TEST(TrainingCase, HasItsSurveyOnTheCoarsestOfItsGridsToo) {
  RecipeOptions recipe;
  recipe.states.coarsening = {2.6, 2.8};
  for (int number = 0; number < models; ++number) {
    const Case one = training_case(recipe, number);
    const Grid coarsest = stage_grid(one.start.grid, one.options.inversion.stages.front());
    EXPECT_LE(one.options.survey->receivers.last[0], coarsest.last(0)) << number;
    EXPECT_LE(one.options.survey->sources.last[0], coarsest.last(0)) << number;
  }
}

TEST(TrainingCase, WastesNoTimeSteps) {
  for (int number = 0; number < models; ++number) {
    const Case one = training_case({}, number);
    const InversionOptions& inversion = one.options.inversion;
    const Propagator propagator(stage_setup(one.options,
                                            make_band(one, inversion.stages.back(), *inversion.bounds.max),
                                            one.start.grid, *inversion.bounds.max));
    const double courant =
        *inversion.bounds.max * propagator.time_step() * std::sqrt(2.) / one.start.grid.spacing[0];
    EXPECT_NEAR(courant, one.options.physics.courant * stability_limit(one.options.physics.order), 1e-6)
        << number;
  }
}

TEST(TrainingCase, HasInversionsOfBothKindsOnGridsAsCoarseAsTheirBands) {
  const RecipeOptions recipe;
  int stochastic = 0;
  for (int number = 0; number < 3 * models; ++number) {
    const Case one = training_case(recipe, number);
    const InversionOptions& inversion = one.options.inversion;
    stochastic += inversion.optimizer.method == "adam";
    ASSERT_EQ(int(inversion.stages.size()), recipe.states.stages);
    double spacing = 1e9, edge = 0;
    for (const StageOptions& stage : inversion.stages) {
      const double own = stage.spacing.value_or(*one.options.spacing);
      EXPECT_LE(own, spacing);
      EXPECT_GT(stage.max_frequency, edge);
      // Never fewer points per wavelength than the finest stage has.
      EXPECT_LE(own * stage.max_frequency,
                *one.options.spacing * inversion.stages.back().max_frequency + 1e-6);
      spacing = own;
      edge = stage.max_frequency;
    }
  }
  EXPECT_GT(stochastic, 0);
  EXPECT_LT(stochastic, 3 * models);
}

TEST(TrainingCase, HasEdgesThatAreThin) {
  double edges = 0, cells = 0;
  for (int number = 0; number < models; ++number) {
    const Case one = training_case({}, number);
    const Target target = target_of(resample(*one.truth, one.start.grid), one.start,
                                    std::vector<bool>(one.start.grid.cells(), false));
    for (std::size_t cell = 0; cell < target.images.cells(); ++cell)
      edges += double(target.images.channel(Target::edge)[cell]);
    cells += double(target.images.cells());
  }
  EXPECT_GT(edges / cells, 0.05);
  EXPECT_LT(edges / cells, 0.2);
}

}  // namespace
}  // namespace fathom
