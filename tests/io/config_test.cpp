// SPDX-License-Identifier: BSD-3-Clause
#include "tests/io/sample_case.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace fathom {
namespace {

TEST(Config, KeepsDefaultsOfWhatTheFileLeavesOut) {
  Case expected;
  expected.name = "a";
  EXPECT_EQ(read("name: a\n"), expected);
}

TEST(Config, ReadsEveryKindOfOption) {
  const Case options = read(
      "name: marmousi\nfree_surface: yes\nnotes: 5\nthreads: 3\n"
      "survey: {first: [1e-3, +20], components: [vx, vz], depth: 12}\n"
      "inversion:\n  stages:\n    - max_frequency: 3\n    - iterations: 4\n      mute: {width: .5}\n");
  EXPECT_TRUE(options.free_surface);
  EXPECT_EQ(options.notes, "5");
  EXPECT_EQ(options.threads, 3);
  EXPECT_EQ(options.survey.first, (std::vector<double>{1e-3, 20}));
  EXPECT_EQ(options.survey.components, (std::vector<std::string>{"vx", "vz"}));
  EXPECT_EQ(options.survey.depth, 12);
  ASSERT_EQ(options.inversion.stages.size(), 2U);
  EXPECT_EQ(options.inversion.stages[0].max_frequency, 3);
  EXPECT_EQ(options.inversion.stages[1].iterations, 4);
  ASSERT_TRUE(options.inversion.stages[1].mute);
  EXPECT_EQ(options.inversion.stages[1].mute->width, 0.5);
}

TEST(Config, ReplacesTheDefaultListItemsAndAll) {
  const Case options = read("name: a\ninversion: {stages: [{}, {}, {iterations: 3}]}\n");
  ASSERT_EQ(options.inversion.stages.size(), 3U);
  EXPECT_EQ(options.inversion.stages[1], Stage{});  // not the second default stage, of 9 Hz
  EXPECT_TRUE(read("name: a\ninversion: {stages: []}\n").inversion.stages.empty());
}

TEST(Config, TakesASingleValueForAListOfOne) {
  const Case options = read("name: a\nsurvey:\n  first: 3\n  components: vz\n");
  EXPECT_EQ(options.survey.first, std::vector<double>{3});
  EXPECT_EQ(options.survey.components, std::vector<std::string>{"vz"});
}

TEST(Config, TakesNullForAnAbsentOption) {
  EXPECT_EQ(read("name: a\nthreads: ~\n").threads, std::nullopt);
  EXPECT_EQ(read("name: a\nthreads:\n").threads, std::nullopt);
  EXPECT_EQ(read("name: a\nnotes: null\n").notes, std::nullopt);
  EXPECT_EQ(read("name: a\nnotes: \"null\"\n").notes, "null");
}

TEST(Config, SwitchesOptionalSectionsOnAndOff) {
  EXPECT_EQ(read("name: a\npml: false\n").pml, std::nullopt);
  EXPECT_EQ(read("name: a\npml: ~\n").pml, std::nullopt);
  EXPECT_EQ(read("name: a\npml: true\n").pml, Layer{});
  const auto stage = [](const std::string& mute) {
    return read("name: a\ninversion: {stages: [{mute: " + mute + "}]}\n").inversion.stages.at(0);
  };
  EXPECT_EQ(stage("{}").mute, Layer{});
  EXPECT_EQ(stage("on").mute, Layer{});
  EXPECT_EQ(stage("off").mute, std::nullopt);
  EXPECT_EQ(read("name: a\n").inversion.stages.at(0).mute, std::nullopt);
}

TEST(Config, RejectsUnknownKeysAndSuggestsTheClosest) {
  EXPECT_TRUE(says(complaint("name: a\nsurvey:\n  dept: 3\n"),
                   {"case.yaml:3: survey.dept: 3: unknown key", "did you mean \"depth\"?", "components"}));
  EXPECT_TRUE(says(complaint("name: a\ninversion:\n  stages:\n    - iterations: 1\n    - iteration: 2\n"),
                   {"case.yaml:5: inversion.stages[1].iteration: 2", "did you mean \"iterations\"?"}));
}

TEST(Config, SaysWhichOtherSectionKnowsAnUnknownKey) {
  EXPECT_TRUE(says(complaint("name: a\nmax_frequency: 3\n"),
                   {"case.yaml:2: max_frequency: 3", "it belongs in section \"inversion.stages\""}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey:\n  free_surface: true\n"),
                   {"case.yaml:3: survey.free_surface: true", "it belongs at the top of the file"}));
}

TEST(Config, RejectsKeysThatTheOtherChoicesMakeIdle) {
  EXPECT_EQ(read("name: a\ninversion: {memory: 3}\n").inversion.seed, 3);
  EXPECT_EQ(read("name: a\ninversion: {method: newton, krylov_steps: 4}\n").inversion.seed, 4);
  EXPECT_TRUE(says(complaint("name: a\ninversion:\n  method: newton\n  memory: 4\n"),
                   {"case.yaml:4: inversion.memory: 4: the key has no effect", "remedy: remove it"}));
}

TEST(Config, RejectsKeysThatAreWrittenTwice) {
  EXPECT_TRUE(says(complaint("name: a\nsurvey:\n  depth: 3\n  first: 1\n  depth: 4\n"),
                   {"case.yaml:5: survey.depth: 4: the key is written twice (first in line 3)", "keep one"}));
}

TEST(Config, RejectsWordsWhereANumberIsExpected) {
  EXPECT_TRUE(says(complaint("name: a\n\nsurvey:\n  depth: deep\n"),
                   {"case.yaml:4: survey.depth: deep: a number is expected",
                    "remedy: write a number in m, at least 0 (default 10)"}));
  EXPECT_TRUE(
      says(complaint("name: a\nsurvey: {depth: \"3\"}\n"), {"case.yaml:2: survey.depth: \"3\"", "quotes"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey: {depth: '2,5'}\n"), {"case.yaml:2: survey.depth"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey:\n  depth: 2,5\n"),
                   {"case.yaml:3: survey.depth: 2,5", "decimal point"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey: {depth: [3]}\n"), {"survey.depth: [3]", "not a list"}));
  EXPECT_TRUE(
      says(complaint("name: a\nsurvey: {depth: {z: 3}}\n"), {"survey.depth: {z: 3}", "not a section"}));
  EXPECT_TRUE(
      says(complaint("name: a\nsurvey:\n  depth:\n"), {"case.yaml:3: survey.depth: ~", "there is none"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey: {depth: 1e999}\n"), {"survey.depth: 1e999", "too large"}));
}

TEST(Config, RejectsFractionsWhereAWholeNumberIsExpected) {
  EXPECT_TRUE(says(
      complaint("name: a\nthreads: 2.5\n"),
      {"case.yaml:2: threads: 2.5: a whole number is expected", "remedy: write a whole number, at least 1"}));
  EXPECT_TRUE(
      says(complaint("name: a\nthreads: few\n"), {"case.yaml:2: threads: few: a whole number is expected"}));
  EXPECT_TRUE(
      says(complaint("name: a\nthreads: 3000000000\n"), {"case.yaml:2: threads: 3000000000", "too large"}));
}

TEST(Config, RejectsOtherWordsThanBooleans) {
  EXPECT_TRUE(says(complaint("name: a\nfree_surface: 1\n"),
                   {"case.yaml:2: free_surface: 1: true or false is expected",
                    "remedy: write true or false (default false)"}));
}

TEST(Config, RejectsValuesOutOfRange) {
  EXPECT_TRUE(says(complaint("name: a\npml:\n  width: 6000\n"),
                   {"case.yaml:3: pml.width: 6000: lies outside 0 to 5000 m", "(default 200)"}));
  EXPECT_TRUE(says(
      complaint("name: a\nsurvey:\n  depth: -1\n"),
      {"case.yaml:3: survey.depth: -1: must be at least 0 m", "remedy: write a number in m, at least 0"}));
  EXPECT_TRUE(says(complaint("name: a\ninversion: {stages: [{iterations: 0}]}\n"),
                   {"case.yaml:2: inversion.stages[0].iterations: 0: lies outside 1 to 1000"}));
  EXPECT_EQ(read("name: a\npml: {width: 5000}\n").pml->width, 5000);  // bounds are inclusive
  EXPECT_EQ(read("name: a\npml: {width: 0}\n").pml->width, 0);
}

TEST(Config, RejectsNumbersThatAreNotFinite) {
  for (const std::string word : {".nan", ".inf", "-.inf", "NaN", "inf", "+.inf"})
    EXPECT_TRUE(says(
        complaint("name: a\nsurvey:\n  depth: " + word + "\n"),
        {"case.yaml:3: survey.depth: " + word + ": a finite number is expected", "remedy: write a number"}))
        << word;
}

TEST(Config, RejectsUnitsBehindNumbers) {
  EXPECT_TRUE(says(complaint("name: a\nsurvey:\n  depth: 20 m\n"),
                   {"case.yaml:3: survey.depth: 20 m: a number is expected, without the unit",
                    "remedy: write the bare number in m: 20"}));
  const std::string kilohertz = complaint("name: a\ninversion: {stages: [{max_frequency: 5kHz}]}\n");
  EXPECT_TRUE(says(kilohertz, {"inversion.stages[0].max_frequency: 5kHz", "write the bare number in Hz;"}));
  EXPECT_TRUE(
      says(complaint("name: a\nthreads: 4 cores\n"), {"case.yaml:2: threads: 4 cores", "which has no unit"}));
  EXPECT_EQ(complaint("name: a\nsurvey: {depth: 1d-3}\n").find("unit"), std::string::npos);
}

TEST(Config, RejectsTextThatIsNoChoice) {
  EXPECT_TRUE(says(complaint("name: a\ninversion:\n  method: newtn\n"),
                   {"case.yaml:3: inversion.method: newtn: is not one of the choices",
                    "did you mean \"newton\"?", "lbfgs, newton, gradient", "(default lbfgs)"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey:\n  components:\n    - p\n    - vy\n"),
                   {"case.yaml:5: survey.components[1]: vy: is not one of the choices", "p, vx, vz"}));
}

TEST(Config, RejectsMissingRequiredOptions) {
  EXPECT_TRUE(says(complaint("free_surface: true\n"), {"case.yaml:1: name: absent: this option is required",
                                                       "remedy: write a text", "name of the case"}));
  EXPECT_TRUE(
      says(complaint("free_surface: true\nname:\n"), {"case.yaml:2: name: ~: this option is required"}));
}

struct Nested {
  struct Data {
    std::string path;
    void describe(OptionVisitor& option) {
      option("path", path, {.meaning = "file of gathers", .required = true});
    }
  };
  Data data;
  std::optional<Data> extra;
  std::vector<Data> defaults{Data{.path = "x"}};
  void describe(OptionVisitor& option) {
    option.section("data", data, "what was recorded");
    option.section("extra", extra, "what else was recorded");
    option.list("defaults", defaults, "more of it");
  }
};

TEST(Config, RequiresOptionsOfAbsentSectionsUnlessTheyAreOptional) {
  Nested options;
  try {
    Config::from_text("{}", "case.yaml").read(options);
    FAIL() << "no complaint";
  } catch (const UserError& error) {
    EXPECT_TRUE(says(error.what(), {"case.yaml:1: data.path: absent: this option is required"}));
    EXPECT_EQ(std::string(error.what()).find("extra"), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("defaults"), std::string::npos) << error.what();
  }
  try {
    Config::from_text("data: {path: a}\nextra: true\ndefaults:\n  - {}\n", "case.yaml").read(options);
    FAIL() << "no complaint";
  } catch (const UserError& error) {
    EXPECT_TRUE(
        says(error.what(), {"case.yaml:2: extra.path: absent", "case.yaml:4: defaults[0].path: absent"}));
  }
}

TEST(Config, MissesNothingInASectionThatItCannotRead) {
  Nested options;
  try {
    Config::from_text("data: 3\n", "case.yaml").read(options);
    FAIL() << "no complaint";
  } catch (const UserError& error) {
    EXPECT_TRUE(says(error.what(), {"case.yaml:1: data: 3: a section is expected"}));
    EXPECT_EQ(std::string(error.what()).find("data.path"), std::string::npos) << error.what();
  }
}

TEST(Config, RejectsAValueWhereASectionIsExpected) {
  const std::string message = complaint("name: a\nsurvey: 3\n");
  EXPECT_TRUE(says(message, {"case.yaml:2: survey: 3: a section is expected", "remedy: indent its options"}));
  EXPECT_EQ(message.find("problems"), std::string::npos) << message;  // nothing follows from it
  EXPECT_TRUE(says(complaint("name: a\npml: 3\n"),
                   {"case.yaml:2: pml: 3: a section is expected", "false goes without"}));
  EXPECT_EQ(read("name: a\nsurvey:\n").survey, Survey{});  // all its options commented out
}

TEST(Config, RejectsListsAndItemsOfTheWrongKind) {
  EXPECT_TRUE(
      says(complaint("name: a\ninversion:\n  stages: {iterations: 3}\n"),
           {"case.yaml:3: inversion.stages: {iterations: 3}: a list of sections is expected", "dash"}));
  EXPECT_TRUE(says(complaint("name: a\ninversion:\n  stages:\n    - iterations: 3\n    - 4\n"),
                   {"case.yaml:5: inversion.stages[1]: 4: a section is expected", "`- key: value`"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey:\n  first:\n    - 3\n    - [4]\n    - 5 m\n"),
                   {"case.yaml:5: survey.first[1]: [4]: a number is expected, not a list",
                    "case.yaml:6: survey.first[2]: 5 m", "(default [0, 20])"}));
  EXPECT_TRUE(
      says(complaint("name: a\nsurvey:\n  first: {x: 3}\n"), {"survey.first: {x: 3}: a list is expected"}));
}

TEST(Config, ListsEveryProblemInTheOrderOfTheLines) {
  const std::string message =
      complaint("survey:\n  dept: 1\n  first: x\npml:\n  width: -1\npml: true\n", {"threads=0"});
  EXPECT_TRUE(says(message, {"case.yaml has 6 problems", "--set: threads: 0"}));
  std::size_t last = 0;
  for (const std::string place :
       {":1: name: ", ":2: survey.dept", ":3: survey.first", ":5: pml.width", ":6: pml", "--set"}) {
    const std::size_t found = message.find(place);
    ASSERT_NE(found, std::string::npos) << place << " in\n" << message;
    EXPECT_GT(found, last) << place << " in\n" << message;
    last = found;
  }
}

}  // namespace
}  // namespace fathom
