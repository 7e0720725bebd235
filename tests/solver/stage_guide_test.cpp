// SPDX-License-Identifier: BSD-3-Clause

// Guidances in the solver's terms: the sign that each parameter asks for, references, checkpoints.

#include "solver/stage_guide.hpp"

#include <gtest/gtest.h>

#include "physics/error.hpp"
#include "regularizers/oracle.hpp"
#include "tests/regularizers/models.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

const Grid column{{1, 1, 20}, {10., 10., 10.}, {}};

/// R of the parameter of a column whose velocity jumps once, with a guidance on velocity.
double variation_of_jump(const std::string& name, double above, double below, const Guidance& guidance) {
  const auto parameter = parameterizations().make(name);
  const Field u = testing::sampled_field(column, [&](double, double, double z) {
    return parameter->from_velocity(z < 95 ? above : below) / parameter->unit();
  });
  return Variation(guidance_for(*parameter, guidance)).value(u, column);
}

TEST(Hinge, MakesAVelocityThatRisesWithDepthCheapWhateverTheParameter) {
  GuideParts parts;
  parts.options.gamma = 0.8;
  const Model model{column,
                    {{"vp", testing::sampled_field(column, [](double, double, double) { return 2000.; })}}};
  const Guidance hinge = guides().make("hinge", parts)->advise({model, std::vector<bool>(20, false), {}});
  for (const std::string& name : parameterizations().names()) {
    const double plain = variation_of_jump(name, 2000, 3000, {column, {}, {}, {}, {}});
    EXPECT_NEAR(variation_of_jump(name, 2000, 3000, hinge) / plain, 1 - 0.8, 1e-4) << name;
    EXPECT_NEAR(variation_of_jump(name, 3000, 2000, hinge) / plain, 1 + 0.8, 1e-4) << name;
  }
}

TEST(Eps, IsAJumpOverTheNarrowestCell) {
  EXPECT_DOUBLE_EQ(slope_of_jump(20, Grid{{10, 1, 10}, {25., 1., 10.}, {}}), 0.02 / 10);
  EXPECT_DOUBLE_EQ(slope_of_jump(20, Grid{{10, 10, 10}, {25., 5., 10.}, {}}), 0.02 / 5);
}

RegularizerOptions relative_to(const std::string& reference) {
  RegularizerOptions options;
  options.reference = reference;
  return options;
}

TEST(Reference, IsWhatTheOptionsName) {
  const Model start{
      column, {{"vp", testing::sampled_field(column, [](double, double, double z) { return 2000 + z; })}}};
  const Field guided = testing::sampled_field(column, [](double, double, double z) { return 2500 + z; });
  const Guidance guidance{column, {}, {}, guided, {}};
  EXPECT_TRUE(reference_velocity(relative_to("none"), start, guidance).empty());
  EXPECT_EQ(reference_velocity(relative_to("start"), start, guidance), to_host(start.at("vp")));
  EXPECT_EQ(reference_velocity(relative_to("guide"), start, guidance), to_host(guided));
}

TEST(GuidanceInACheckpoint, ComesBackBitByBit) {
  Guidance guidance = testing::rough_guidance(column);
  guidance.reference = testing::sampled_field(column, [](double, double, double z) { return 2500 + z / 3; });
  const Guidance again = guidance_from_arrays(column, to_arrays(guidance));
  EXPECT_EQ(to_host(again.theta), to_host(guidance.theta));
  for (int axis = 0; axis < 3; ++axis) EXPECT_EQ(to_host(again.p[axis]), to_host(guidance.p[axis]));
  EXPECT_EQ(to_host(again.reference), to_host(guidance.reference));
  EXPECT_EQ(again.confidence.size(), 0u);
  EXPECT_FALSE(guidance_from_arrays(column, to_arrays({column, {}, {}, {}, {}})).weighted());
}

std::string with_guide(const std::string& guide) {
  return changed(sound_case, {{"  stages:", "  regularizer: {kind: total_variation, guide: {kind: given" +
                                                guide + "}}\n  stages:"}});
}

TEST(AGivenGuide, IsWhatSomeoneSaysWhoKnowsTheTruthIfTheCaseAsksForAnOracle) {
  const Scratch scratch;
  const Case the_case = load_text(scratch, with_guide(", oracle: {blur: 1.5, flip: 0.2, seed: 7}"));
  // On a stage's grid, of the truth as that grid can hold it.
  const Grid coarse = with_spacing(the_case.start.grid, 1.5 * the_case.start.grid.spacing[0]);
  const Model velocity = resample(the_case.start, coarse);
  const std::vector<bool> frozen(coarse.cells(), false);
  const Guidance found = guide_of(the_case)->advise({velocity, frozen});
  Guidance expected = oracle(resample(*the_case.truth, coarse), {1.5, 0.2, 7});
  taper_steering(expected, frozen, the_case.options.inversion.regularizer->guide.taper);
  for (int axis = 0; axis < 3; ++axis) EXPECT_EQ(to_host(found.p[axis]), to_host(expected.p[axis]));
}

TEST(AGivenGuide, IsAFileOrAnOracleAndNotBothOrNeither) {
  const Scratch scratch;
  EXPECT_THROW(load_text(scratch, with_guide("")), UserError);
  EXPECT_THROW(load_text(scratch, with_guide(", file: guide.h5, oracle: {}")), UserError);
}

}  // namespace
}  // namespace fathom
