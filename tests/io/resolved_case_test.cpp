// SPDX-License-Identifier: BSD-3-Clause
#include "tests/io/sample_case.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace fathom {
namespace {

TEST(ResolvedCase, ReadsBackExactly) {
  Case options;
  options.name = "1e5";
  options.notes = "a \"quoted\" line # no comment\nand: another\t\\ \x01 µ";
  options.free_surface = true;
  options.threads = std::nullopt;
  options.survey = {
      .first = {0.1, 1.0 / 3, -1e5, 5e-324, -0.0}, .components = {}, .depth = std::nextafter(2e22, 3e22)};
  options.pml = Layer{.width = 12.5, .strength = 1e-300};
  options.inversion.method = "gradient";
  options.inversion.seed = std::numeric_limits<int>::max();
  options.inversion.stages = {Stage{.max_frequency = 3, .iterations = 1, .mute = Layer{}}, Stage{}};
  const Case back = read(to_yaml(options));
  EXPECT_EQ(back, options) << to_yaml(options);
  EXPECT_TRUE(std::signbit(back.survey.first[4]));
}

TEST(ResolvedCase, KeepsAbsentWhatIsPresentByDefault) {
  Case options;
  for (const std::string name : {"~", "null", "no", "", " padded ", "-", "3", "[", "{a}", "*a", "a: b",
                                 "a #b", "'", "@", "/data/x_1"}) {
    options.name = name;
    options.pml = std::nullopt;
    options.threads = std::nullopt;
    options.inversion.stages.clear();
    EXPECT_EQ(read(to_yaml(options)), options) << to_yaml(options);
  }
}

TEST(ResolvedCase, WritesEmptyGroupsAndItems) {
  struct Nothing {
    void describe(OptionVisitor&) {}
  };
  struct Groups {
    Nothing section;
    std::optional<Nothing> present = std::nullopt;
    std::vector<Nothing> items;
    void describe(OptionVisitor& option) {
      option.section("section", section, "");
      option.section("present", present, "");
      option.list("items", items, "");
    }
  };
  EXPECT_EQ(to_yaml(Nothing{}), "{}\n");
  Groups groups{.section = {}, .present = Nothing{}, .items = {{}, {}}};
  EXPECT_EQ(to_yaml(groups), "section: {}\n\npresent: {}\n\nitems:\n  - {}\n  - {}\n");
  Groups back;
  Config::from_text(to_yaml(groups), "case.yaml").read(back);
  EXPECT_TRUE(back.present);
  EXPECT_EQ(back.items.size(), 2U);
}

TEST(ResolvedCase, IsReadable) {
  Case options;
  options.name = "marmousi";
  options.inversion.stages.resize(1);
  options.inversion.stages[0].mute = Layer{};
  EXPECT_EQ(to_yaml(options),
            "name: marmousi\nfree_surface: false\nnotes: ~\nthreads: 2\n\n"
            "survey:\n  first: [0, 20]  # m\n  components: [p]\n  depth: 10  # m\n\n"
            "pml:\n  width: 200  # m\n  strength: ~\n\n"
            "inversion:\n  method: lbfgs\n  memory: 7\n  stages:\n    - max_frequency: 5  # Hz\n      "
            "iterations: 10\n"
            "      mute:\n        width: 200  # m\n        strength: ~\n");
}

TEST(Manual, CoversEveryOptionOfEverySection) {
  const std::string manual = explain(Case{});
  EXPECT_TRUE(says(
      manual, {"name: required (text)", "name of the case", "free_surface: false (true or false)",
               "notes: ~ (text)", "threads: 2 (whole number, at least 1)", "survey:", "sources and receivers",
               "first: [0, 20] (list of numbers in m, -100000 to 100000)",
               "components: [p] (list of texts, one of: p, vx, vz)", "depth: 10 (number in m, at least 0)",
               "pml: (optional section, present by default)", "width: 200 (number in m, 0 to 5000)",
               "method: lbfgs (text, one of: lbfgs, newton, gradient)", "memory: 7",
               "stages: (list of sections, 2 items by default)", "frequency stages, from low to high",
               "max_frequency: 5 (number in Hz, 0.1 to 200)", "iterations: 10",
               "mute: (optional section, absent by default)"}));
}

TEST(Manual, NestsByIndentation) {
  EXPECT_EQ(
      explain(Case{}, "inversion.stages"),
      "inversion.stages: (list of sections, 2 items by default)\n    frequency stages, from low to high\n"
      "  max_frequency: 5 (number in Hz, 0.1 to 200)\n      highest frequency\n"
      "  iterations: 10 (whole number, 1 to 1000)\n      optimizer steps\n"
      "  mute: (optional section, absent by default)\n      taper of the early arrivals\n"
      "    width: 200 (number in m, 0 to 5000)\n        thickness of the absorbing layer\n"
      "    strength: ~ (number, at least 0)\n        damping at the outer edge; none: from the width\n");
}

TEST(Manual, ShowsOneSectionOrOption) {
  EXPECT_EQ(explain(Case{}, "survey.depth"),
            "survey.depth: 10 (number in m, at least 0)\n    depth of all receivers\n");
  EXPECT_EQ(explain(Case{}, "inversion.stages[1].iterations"),
            explain(Case{}, "inversion.stages.iterations"));
  EXPECT_EQ(explain(Case{}, "survey").find("pml"), std::string::npos);
}

TEST(Manual, WrapsAtAHundredColumns) {
  struct Wordy {
    double value = 0;
    void describe(OptionVisitor& option) {
      std::string meaning;
      for (int i = 0; i < 90; ++i) meaning += "µ ";
      option("value", value, {.meaning = meaning});
    }
  };
  std::istringstream lines(explain(Wordy{}));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  EXPECT_EQ(line.size(), 4U + 48 * 3 - 1);  // 48 words of one two-byte letter: 99 columns
  std::istringstream manual(explain(Case{}));
  while (std::getline(manual, line)) EXPECT_LE(line.size(), 100U) << line;
}

TEST(Manual, SuggestsAnotherNameForAnUnknownSection) {
  const auto message = [](const std::string& section) -> std::string {
    try {
      return explain(Case{}, section);
    } catch (const UserError& error) {
      return error.what();
    }
  };
  EXPECT_TRUE(
      says(message("inverson"), {"\"inverson\"", "did you mean inversion?", "survey, pml, inversion"}));
  EXPECT_TRUE(says(message("stages"), {"did you mean inversion.stages?"}));
  EXPECT_TRUE(says(message("width"), {"did you mean pml.width or inversion.stages.mute.width?"}));
}

}  // namespace
}  // namespace fathom
