// SPDX-License-Identifier: BSD-3-Clause
#include "solver/guards.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/regularizers/models.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

const Grid grid{{8, 1, 12}, {10., 10., 10.}, {}};

/// Theta 0.6 and P 0.5 long, along x.
Guidance sound() {
  Guidance guidance{grid, {}, make_vector_field("p", grid), {}, {}};
  guidance.theta = testing::sampled_field(grid, [](double, double, double) { return 0.6; });
  guidance.p.x = testing::sampled_field(grid, [](double, double, double) { return -0.5; });
  return guidance;
}

Field with_a(double value, double elsewhere) {
  return testing::sampled_field(
      grid, [&](double x, double, double z) { return x == 30 && z == 50 ? value : elsewhere; });
}

TEST(AFaultOfAGuidance, IsWhatCannotBeUsed) {
  EXPECT_EQ(fault_of({grid, {}, {}, {}, {}}), "");
  EXPECT_EQ(fault_of(sound()), "");
  const double nan = std::nan("");
  for (const double bad : {nan, std::numeric_limits<double>::infinity()}) {
    Guidance guidance = sound();
    guidance.theta = with_a(bad, 0.6);
    EXPECT_NE(fault_of(guidance), "");
    guidance = sound();
    guidance.p.z = with_a(bad, 0);
    EXPECT_NE(fault_of(guidance), "");
    guidance = sound();
    guidance.reference = with_a(bad, 2000);
    EXPECT_NE(fault_of(guidance), "");
    guidance = sound();
    guidance.confidence = with_a(bad, 1);
    EXPECT_NE(fault_of(guidance), "");
  }
  for (const double theta : {0., -1., 1.1}) {
    Guidance guidance = sound();
    guidance.theta = with_a(theta, 0.6);
    EXPECT_NE(fault_of(guidance), "") << theta;
  }
  Guidance guidance = sound();
  guidance.p.z = with_a(0.4, 0);
  EXPECT_NE(fault_of(guidance), "") << "P is longer than Theta";
}

TEST(AGuidance, SteersWhereItSaysAnything) {
  EXPECT_FALSE(steers({grid, {}, {}, {}, {}}));
  EXPECT_TRUE(steers(sound()));
  Guidance silent{grid, with_a(1, 1), make_vector_field("p", grid), with_a(2000, 2000), {}};
  EXPECT_FALSE(steers(silent));
  silent.p.z = with_a(0.01, 0);
  EXPECT_TRUE(steers(silent));
}

TEST(AGuidance, FadesToNothingAndNeverOverItsBound) {
  const Guidance whole = faded(sound(), 1), none = faded(sound(), 0), half = faded(sound(), 0.5);
  EXPECT_EQ(to_host(whole.p.x), to_host(sound().p.x));
  EXPECT_FALSE(steers(none));
  EXPECT_NEAR(to_host(half.theta)[3], 0.8, 1e-6);
  EXPECT_NEAR(to_host(half.p.x)[3], -0.25, 1e-6);
  Guidance rough = testing::rough_guidance(grid);
  for (int axis = 0; axis < 3; ++axis) rough.p[axis] = with_a(0, 0);
  rough.p.x = rough.theta;  // |P| = Theta: the edge of what may be
  for (const double share : {0.2, 0.7}) EXPECT_EQ(fault_of(faded(rough, share)), "");
}

TEST(TheSayOfAGuide, FallsFromOneToNothing) {
  EXPECT_EQ(share_of_say(0, 4), 1);
  EXPECT_DOUBLE_EQ(share_of_say(1, 4), 2. / 3);
  EXPECT_EQ(share_of_say(3, 4), 0);
  EXPECT_EQ(share_of_say(0, 1), 0) << "the only stage is the last";
}

TEST(TheRecordOfAGuide, ComesBackFromACheckpoint) {
  GuideRecord record{750, {1, 2}, {3, 4}, 9, 0.3, 5, 678};
  Checkpoint checkpoint;
  record.save(checkpoint);
  GuideRecord again;
  again.restore(checkpoint);
  EXPECT_EQ(again.trust, 750);
  EXPECT_EQ(again.proposals(), 10);
  EXPECT_EQ(again.jumps.rejected, 2);
  EXPECT_EQ(again.steering.accepted, 3);
  EXPECT_EQ(again.refuted, 9);
  EXPECT_EQ(again.strength, 0.3);
  EXPECT_EQ(again.abstained, 5);
  EXPECT_EQ(again.solves, 678);
}

Case with_regularizer(const std::string& options) {
  const Scratch scratch;
  return load_text(scratch,
                   changed(sound_case, {{"  stages:", "  regularizer: " + options + "\n  stages:"}}));
}

TEST(Guards, AreOnForLearnedGuidesAndWhereTheyAreAskedFor) {
  const Scratch scratch;
  EXPECT_FALSE(is_guarded(load_text(scratch, sound_case)));
  EXPECT_FALSE(is_guarded(with_regularizer("{guide: {kind: hinge}}")));
  EXPECT_TRUE(is_guarded(with_regularizer("{guide: {kind: hinge}, guards: {mode: on}}")));
  EXPECT_FALSE(is_guarded(with_regularizer("{guards: {mode: on}}"))) << "there is nothing to guard against";
  Case learned = with_regularizer("{guide: {kind: hinge}}");
  learned.learned = guides().make("none", GuideParts{});
  EXPECT_TRUE(is_guarded(learned));
  learned.options.inversion.regularizer->guards.mode = "off";
  EXPECT_FALSE(is_guarded(learned));
}

TEST(TheSearchForJumps, CostsAShareOfTheInversion) {
  Case the_case = with_regularizer("{guide: {kind: hinge}, guards: {mode: on}}");
  EXPECT_EQ(affordable_choices(the_case, 2), 2) << "two at least";
  for (StageOptions& stage : the_case.options.inversion.stages) stage.iterations = 99;
  // 2 x 5 shots x 100 evaluations a stage, of which 3 % are 30 solves: 15 scores of two shots.
  EXPECT_EQ(affordable_choices(the_case, 2), 14);
  the_case.options.inversion.regularizer->guards.scan = 1;
  EXPECT_EQ(affordable_choices(the_case, 2), 40) << "there are no more";
}

TEST(ARegularizerWithAGuide, IsTotalVariationUnlessSomethingElseIsSaid) {
  const auto functional = [](const std::string& options) {
    return with_regularizer(options).options.inversion.regularizer->functional();
  };
  EXPECT_EQ(functional("{weight: 0.1}"), "tikhonov");
  EXPECT_EQ(functional("{guide: {kind: hinge}}"), "total_variation");
  EXPECT_EQ(functional("{kind: tikhonov, guide: {kind: hinge}}"), "tikhonov");
}

}  // namespace
}  // namespace fathom
