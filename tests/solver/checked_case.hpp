// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "physics/error.hpp"
#include "solver/check.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {

using Level = Finding::Level;

/// A case with what check() finds.
struct Checked {
  Case the_case;
  std::vector<Finding> findings;
  Forecast forecast;

  int count(Level level) const {
    return int(std::count_if(findings.begin(), findings.end(),
                             [&](const Finding& finding) { return finding.level == level; }));
  }
  /// What require_sound() throws.
  std::string complaint() const {
    try {
      require_sound(the_case, findings);
    } catch (const UserError& error) {
      return error.what();
    }
    return {};
  }
};

inline Checked check_case(Case the_case, int ranks = 1) {
  Checked checked{std::move(the_case), {}, {}};
  checked.findings = check(checked.the_case, ranks, checked.forecast);
  return checked;
}

/// What is to be found, and what finding and remedy must say.
struct Expected {
  Level level;
  std::string topic;
  std::string key;
  std::vector<std::string> says;
  bool alone = true;  ///< no other finding of that level
};

inline testing::AssertionResult finds(const Checked& checked, const Expected& expected) {
  for (const Finding& finding : checked.findings) {
    if (finding.level != expected.level || finding.topic != expected.topic || finding.key != expected.key)
      continue;
    const std::string text = finding.found + " | " + finding.remedy;
    const bool all = std::all_of(expected.says.begin(), expected.says.end(), [&](const std::string& part) {
      return text.find(part) != std::string::npos;
    });
    if (all && !finding.remedy.empty() && (!expected.alone || checked.count(expected.level) == 1))
      return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "expected " << expected.topic << " at " << expected.key << " in\n"
                                     << to_table(checked.findings, checked.forecast);
}

/// The sound case, changed, has this finding; an error is also reported with the line that begins with
/// `line_begin`.
inline void expect(const Changes& changes, const Expected& expected, const std::string& line_begin = {}) {
  const Scratch scratch;
  const std::string text = changed(sound_case, changes);
  const Checked checked = check_case(load_text(scratch, text));
  EXPECT_TRUE(finds(checked, expected));
  if (expected.level != Level::error) {
    EXPECT_EQ(checked.complaint(), "");
    return;
  }
  const std::string where = "case.yaml:" + std::to_string(line_of(text, line_begin)) + ": " + expected.key;
  EXPECT_NE(checked.complaint().find(where), std::string::npos) << where << "\n" << checked.complaint();
  EXPECT_NE(checked.complaint().find("remedy: "), std::string::npos);
}

}  // namespace fathom
