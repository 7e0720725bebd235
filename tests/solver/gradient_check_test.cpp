// SPDX-License-Identifier: BSD-3-Clause
#include "solver/gradient_check.hpp"

#include <algorithm>

#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

testing::AssertionResult all_well(const std::vector<Finding>& findings) {
  const bool well = std::all_of(findings.begin(), findings.end(),
                                [](const Finding& f) { return f.level == Finding::Level::ok; });
  if (well) return testing::AssertionSuccess() << to_table(findings, {});
  return testing::AssertionFailure() << to_table(findings, {});
}

std::string words_of(const std::vector<Finding>& findings) {
  std::string words;
  for (const Finding& finding : findings) words += finding.found + "\n";
  return words;
}

TEST(GradientCheck, ProvesTheGradientOfASoundCase) {
  const Scratch scratch;
  int done = 0, all = 0;
  const std::vector<Finding> findings =
      check_gradient(load_text(scratch, sound_case), [&](int now, int total) {
        EXPECT_EQ(now, ++done);
        all = total;
      });
  EXPECT_TRUE(all_well(findings));
  EXPECT_EQ(done, all);
  EXPECT_LE(all, 14);
  const std::string words = words_of(findings);
  for (const char* part :
       {"shot 2 up to 6 Hz", "<F w, d>", "<J dm, d>", "misfit's slope", "Taylor", "\"thinned\""})
    EXPECT_NE(words.find(part), std::string::npos) << part << " is missing in\n" << words;
}

TEST(GradientCheck, ProvesItWithAFreeSurfaceOtherOrdersAndFullStorage) {
  const Scratch scratch;
  const std::vector<Finding> findings = check_gradient(
      load_text(scratch, changed(sound_case, {{"  order: 8", "  order: 4\n  history: full"},
                                              {"  boundary:", "  boundary:\n    free_surface: true"}})));
  EXPECT_TRUE(all_well(findings));
  EXPECT_NE(words_of(findings).find("the exact one"), std::string::npos);
}

TEST(GradientCheck, SaysWhenTheStartExplainsTheData) {
  const Scratch scratch;
  const std::string text =
      changed(sound_case, {{"    sigma: 100", "    sigma: 0"},
                           {"    order: 4\n    width: 60",
                            "    order: 8\n    width: 34\n    spacing: 10\n    courant: 0.9\n"
                            "    time_correction: false"}});
  const std::vector<Finding> findings = check_gradient(load_text(scratch, text));
  EXPECT_EQ(findings.back().level, Finding::Level::warning);
  EXPECT_NE(findings.back().found.find("explains the data"), std::string::npos) << words_of(findings);
}

TEST(GradientCheck, SaysWhenTheExactGradientDoesNotFitIntoTheMachine) {
  const Scratch scratch;
  const Case the_case = load_text(scratch, changed(sound_case, {{"duration: 1.2", "duration: 1000"}}));
  Forecast forecast;
  check(the_case, 1, forecast);
  if (forecast.machine_bytes_per_rank > 5e10) GTEST_SKIP() << "this machine is too large to be overrun";
  const std::vector<Finding> findings = check_gradient(the_case);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].level, Finding::Level::warning);
  EXPECT_NE(findings[0].found.find("full storage takes"), std::string::npos);
}

}  // namespace
}  // namespace fathom
