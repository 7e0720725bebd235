// SPDX-License-Identifier: BSD-3-Clause

// What an inversion makes of a stochastic method's stages. A PetscSession lives as long as the tests.

#include "solver/inversion.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "solver/simulation.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

struct Story {
  InversionResult result;
  std::vector<IterationReport> reports;
  std::vector<std::string> lines;
  std::vector<double> progress;         // shares, as they were told
  std::size_t told_by_last_report = 0;  // so many of them

  bool says(const std::string& words) const {
    for (const std::string& line : lines)
      if (line.find(words) != std::string::npos) return true;
    return false;
  }
};

/// Of two stages of three iterations on five shots, by batches of two.
Story invert(const Changes& changes) {
  Scratch scratch;
  const Changes stochastic{{"    width: 60\n", "    width: 12\n"},
                           {"    width: 34\n", "    width: 12\n"},
                           {"inversion:\n",
                            "inversion:\n  divergence: false\n  optimizer:\n    method: adam\n"
                            "    adam:\n      batch: 2\n      step: 10\n"}};
  const Case the_case = load_text(scratch, changed(changed(sound_case, stochastic), changes));
  Communicator alone;
  Story story;
  InversionObserver observer;
  observer.say = [&](const std::string& line) { story.lines.push_back(line); };
  observer.on_iteration = [&](const IterationReport& report, const Model&) {
    story.reports.push_back(report);
    story.told_by_last_report = story.progress.size();
  };
  observer.on_progress = [&](double share) { story.progress.push_back(share); };
  Gathers observed = observed_data(the_case, alone, [](int, int) {});
  story.result = Inversion(the_case, alone, std::move(observed), observer).run(std::nullopt);
  return story;
}

std::vector<double> model(const Story& story) {
  return to_host(story.result.model.at("vp"));
}

TEST(StochasticInversion, LowersTheMisfitAndReportsWhatItDoes) {
  const Story story = invert({});
  ASSERT_EQ(story.reports.size(), 8);
  std::int64_t batches = 0;
  for (const int stage : {0, 4}) {
    EXPECT_EQ(story.reports[stage + 1].pde_solves, story.reports[stage].pde_solves) << "a known gradient";
    batches += story.reports[stage + 3].pde_solves - story.reports[stage].pde_solves;
  }
  EXPECT_GE(batches, 4 * 2 * 1);
  EXPECT_LE(batches, 4 * 2 * 2);
  // Two starts with gradients, a closing evaluation each, of which the last is the prediction of the result,
  // and that of the start.
  EXPECT_EQ(story.result.pde_solves, 2 * 2 * 5 + batches + 2 * 5 + 5);

  EXPECT_TRUE(story.says("the objective of all shots is"));
  EXPECT_FALSE(story.says("the start is kept"));
  EXPECT_LT(story.result.data.final_misfit, story.result.data.initial_misfit);

  // The first iteration's value is the start's own; three batches of an epoch are averaged.
  EXPECT_EQ(story.reports[1].misfit, story.reports[0].misfit);
  EXPECT_NE(story.reports[2].misfit, story.reports[1].misfit);

  EXPECT_EQ(model(invert({})), model(story)) << "bit for bit";
  EXPECT_NE(model(invert({{"      batch: 2\n", "      batch: 2\n      seed: 9\n"}})), model(story))
      << "other shots with another seed";
}

TEST(StochasticInversion, KeepsTheStartOfAStageThatEndsHigher) {
  const Story story = invert({{"      step: 10\n", "      step: 900\n      final_step: 1\n"}});
  EXPECT_TRUE(story.says("the start is kept"));
  EXPECT_LE(story.result.data.final_misfit, story.result.data.initial_misfit * (1 + 1e-6));
}

TEST(StochasticInversion, LowersTheMisfitWithShotsSetOffTogether) {
  const Story story = invert({{"      batch: 2\n", "      batch: 1\n      encoding: signs\n"}});
  EXPECT_TRUE(story.says("sets off all shots in groups, 1 in all"));
  EXPECT_FALSE(story.says("the start is kept"));
  EXPECT_LT(story.result.data.final_misfit, story.result.data.initial_misfit);
  // As above, but each of the two times two later iterations propagates one encoded shot, there and back.
  EXPECT_EQ(story.result.pde_solves, 2 * 2 * 5 + 2 * 2 * 2 + 2 * 5 + 5);
}

TEST(StochasticInversion, StopsBeforeItGoesBeyondItsSolves) {
  const Story story = invert({{"inversion:\n", "inversion:\n  max_solves: 60\n"},
                              {"iterations: 3\n    - max", "iterations: 1\n    - max"},
                              {"      iterations: 3\n", "      iterations: 50\n"}});
  EXPECT_LE(story.result.pde_solves, 60);
  EXPECT_GE(story.result.pde_solves, 50);
}

TEST(StochasticInversion, TellsOfItsProgressToTheLastImage) {
  const Story story = invert({{"divergence: false", "divergence: true"}});
  const std::vector<double>& told = story.progress;
  ASSERT_EQ(told.size() - story.told_by_last_report, 2u * 2u * 5u)
      << "the images of start and result, twice a shot";
  EXPECT_GT(told.front(), 0);
  EXPECT_LT(told[story.told_by_last_report - 1], 0.9);
  EXPECT_LT(told[story.told_by_last_report - 1], told[story.told_by_last_report]);
  EXPECT_NEAR(told.back(), 1, 0.1);
  EXPECT_LE(told.back(), 1);
  EXPECT_TRUE(std::is_sorted(told.begin() + std::ptrdiff_t(story.told_by_last_report), told.end()));
}

/// Half of what twice twenty iterations take: neither is cut off, and both come to their small steps.
TEST(StochasticInversion, SharesItsSolvesOverItsStages) {
  const Story story = invert({{"inversion:\n", "inversion:\n  max_solves: 100\n"},
                              {"iterations: 3\n    - max", "iterations: 20\n    - max"},
                              {"      iterations: 3\n", "      iterations: 20\n"}});
  EXPECT_LE(story.result.pde_solves, 100);
  EXPECT_GE(story.result.pde_solves, 93) << "less than a batch is left";
  const int first = story.result.stages[0].iterations, second = story.result.stages[1].iterations;
  EXPECT_GE(first, 8);
  EXPECT_NEAR(first, second, 2);
  EXPECT_EQ(story.result.stages[0].reason, "its share of the limit of PDE solves (max_solves) was spent");
  const auto step_of = [&](int stage, int iteration) {
    for (const IterationReport& report : story.reports)
      if (report.stage == stage && report.iteration == iteration) return report.step;
    return 0.;
  };
  EXPECT_NEAR(step_of(0, first) / step_of(0, 1), 0.3, 1e-12) << "final_step";
  EXPECT_NEAR(step_of(1, second) / step_of(1, 1), 0.3, 1e-12);
  EXPECT_NEAR(step_of(1, 1) / step_of(0, 1), 6 / 10., 1e-3) << "step_power";
}

}  // namespace
}  // namespace fathom
