// SPDX-License-Identifier: BSD-3-Clause

// What an inversion plans to propagate: five shots, two stages of three iterations, in PDE solves a shot.

#include "solver/work_plan.hpp"

#include "solver/guards.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

constexpr double image = 3, gradient = 2, line_searches = 1.15;

WorkPlan plan_of(const Changes& changes) {
  const Scratch scratch;
  return plan_work(load_text(scratch, changed(sound_case, changes)), {{1, 2}, {1, 2}});
}

std::pair<std::string, std::string> inversion_with(const std::string& lines) {
  return {"inversion:\n", "inversion:\n" + lines};
}

TEST(WorkPlan, HasAGradientAndAnImageOfEachStartAndWhatTheEndTakes) {
  const WorkPlan plan = plan_of({});
  ASSERT_EQ(plan.stages.size(), 2u);
  for (int stage = 0; stage < 2; ++stage) {
    EXPECT_DOUBLE_EQ(plan.after(stage, 0), gradient + image);
    EXPECT_DOUBLE_EQ(plan.after(stage, 3), gradient + image + 3 * line_searches * gradient);
  }
  EXPECT_EQ(plan.before(0), 0);
  EXPECT_DOUBLE_EQ(plan.before(2), plan.after(0, 3) + plan.after(1, 3));
  EXPECT_DOUBLE_EQ(plan.total(), plan.before(2) + 2 * (1 + image)) << "predictions and images of both models";
}

TEST(WorkPlan, HasAStochasticIterationTakeItsBatch) {
  const WorkPlan plan = plan_of({inversion_with("  optimizer: {method: adam, adam: {batch: 2}}\n")});
  EXPECT_DOUBLE_EQ(plan.after(0, 1) - plan.after(0, 0), gradient * 2 / 5);
}

TEST(WorkPlan, HasImagesOnlyWhereSomeoneLooksAtThem) {
  const auto with_guide = [](const std::string& guide) {
    return plan_of({inversion_with(
        "  divergence: false\n  regularizer: {kind: total_variation, guide: " + guide + "}\n")});
  };
  const WorkPlan blind = with_guide("{kind: hinge}"), seeing = with_guide("{kind: structure}");
  EXPECT_DOUBLE_EQ(blind.after(0, 0), gradient);
  EXPECT_DOUBLE_EQ(seeing.after(0, 0), gradient + image);
  EXPECT_DOUBLE_EQ(seeing.total() - seeing.before(2), 2) << "the end is looked at by none";
}

TEST(WorkPlan, HasAPilotThatIsNotGoneOnWithWhereAGuideIsOnTrial) {
  const WorkPlan guarded = plan_of({inversion_with(
      "  regularizer: {kind: total_variation, guide: {kind: hinge}, guards: {mode: 'on'}}\n")});
  EXPECT_DOUBLE_EQ(guarded.after(0, 0), gradient + image + pilot_passes * gradient);
}

}  // namespace
}  // namespace fathom
