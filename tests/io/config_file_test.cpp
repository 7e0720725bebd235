// SPDX-License-Identifier: BSD-3-Clause
#include "tests/io/sample_case.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fathom {
namespace {

TEST(Config, NamesTheLineOfASyntaxError) {
  EXPECT_TRUE(says(complaint("name: a\nsurvey: [1, 2\nthreads: 3\n"),
                   {"case.yaml:3: ", "this is not YAML", "bracket"}));
  EXPECT_TRUE(
      says(complaint("name: a\nsurvey:\n\tdepth: 3\n"), {"case.yaml:3: ", "depth: 3", "not with tabs"}));
}

TEST(Config, RejectsFilesThatAreNoCase) {
  EXPECT_TRUE(says(complaint(""), {"case.yaml:1: the file is empty", "fathom explain"}));
  EXPECT_TRUE(says(complaint("# nothing yet\n\n"), {"case.yaml:1: the file is empty"}));
  EXPECT_TRUE(says(complaint("---\n"), {"case.yaml:1: the file is empty"}));
  EXPECT_TRUE(says(complaint("\nname:a\n"),
                   {"case.yaml:2: name:a: a case consists of options", "space behind the colon"}));
  EXPECT_TRUE(says(complaint("- name: a\n"), {"case.yaml:1: [{name: a}]"}));
  EXPECT_TRUE(says(complaint("name: a\n---\nname: b\n"), {"case.yaml:3: a second document"}));
  EXPECT_TRUE(says(complaint("name: a\n? [b, c]\n: 3\n"), {"case.yaml:2: a key must be a word"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey: &s\n  first: [*s]\n"), {"an anchor contains itself"}));
}

TEST(Config, SuggestsANameForAMissingFile) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "fathom_config_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "marmousi.yaml") << "name: from file\n";
  Case options;
  Config::from_file((folder / "marmousi.yaml").string()).read(options);
  EXPECT_EQ(options.name, "from file");
  const auto message = [](const std::filesystem::path& path) -> std::string {
    try {
      Config::from_file(path.string());
    } catch (const UserError& error) {
      return error.what();
    }
    return "no complaint";
  };
  EXPECT_TRUE(says(message(folder / "marmuosi.yaml"),
                   {"marmuosi.yaml: the file cannot be read", "marmousi.yaml\"?"}));
  EXPECT_TRUE(
      says(message(folder / "nowhere" / "a.yaml"), {"a.yaml: the file cannot be read", "check the name"}));
  EXPECT_TRUE(says(message(folder), {"is a folder", "case.yaml"}));
  std::filesystem::remove_all(folder);
}

TEST(Config, AppliesOverrides) {
  const std::string text =
      "name: a\npml: true\ninversion:\n  stages:\n    - iterations: 1\n    - iterations: 2\n";
  const Case options = read(text, {"name=b", "survey.first=[1, 2]", "pml.width=30",
                                   "inversion.stages.0.iterations=5", "inversion.stages[1].iterations=6",
                                   "inversion.stages[2].max_frequency=7", "threads=~", "threads=4"});
  EXPECT_EQ(options.name, "b");
  EXPECT_EQ(options.survey.first, (std::vector<double>{1, 2}));
  EXPECT_EQ(options.pml->width, 30);
  ASSERT_EQ(options.inversion.stages.size(), 3U);
  EXPECT_EQ(options.inversion.stages[0].iterations, 5);
  EXPECT_EQ(options.inversion.stages[1].iterations, 6);
  EXPECT_EQ(options.inversion.stages[2].max_frequency, 7);
  EXPECT_EQ(options.threads, 4);
  EXPECT_EQ(read(text, {"inversion.stages=[]"}).inversion.stages.size(), 0U);
}

TEST(Config, BlamesTheOverrideForItsValue) {
  EXPECT_TRUE(says(complaint("name: a\nthreads: 3\n", {"threads=2.5"}),
                   {"--set: threads: 2.5: a whole number", "remedy: "}));
  EXPECT_TRUE(says(complaint("name: a\n", {"inverson.memory=3"}),
                   {"--set: inverson: {memory: 3}: unknown key", "did you mean \"inversion\"?"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey: {first: [1, 2]}\n", {"survey.first[1]=x"}),
                   {"--set: survey.first[1]: x: a number is expected"}));
}

TEST(Config, RejectsOverridesThatFitNowhere) {
  EXPECT_TRUE(says(complaint("name: a\n", {"threads"}), {"--set: threads:", "--set key.path=value"}));
  EXPECT_TRUE(says(complaint("name: a\n", {"=3"}), {"--set: =3:"}));
  EXPECT_TRUE(says(complaint("name: a\n", {"survey..depth=3"}), {"--set: survey..depth:", "empty part"}));
  EXPECT_TRUE(
      says(complaint("name: a\n", {"threads=[3"}), {"--set: threads: [3: the value is not YAML", "bracket"}));
  EXPECT_TRUE(says(complaint("name: a\nsurvey: {first: [1]}\n", {"survey.first[4]=3"}),
                   {"--set: survey.first: [1]: the list has no item \"4\"", "1 of them: 1 appends one"}));
  EXPECT_TRUE(
      says(complaint("name: a\n", {"name.x=3"}), {"--set: name: a: is one value", "set name itself"}));
}

TEST(Config, PlacesSemanticErrorsInTheFile) {
  const Config config =
      Config::from_text("name: a\nsurvey:\n  # far away\n  first: [5000, 20]\n", "case.yaml", {"threads=9"});
  EXPECT_STREQ(config.error("survey.first", "lies outside the model", "move it").what(),
               "case.yaml:4: survey.first: [5000, 20]: lies outside the model\n  remedy: move it");
  EXPECT_TRUE(
      says(config.error("survey.first[0]", "w", "r").what(), {"case.yaml:4: survey.first[0]: 5000: w"}));
  EXPECT_TRUE(says(config.error("survey.depth", "w", "r").what(), {"case.yaml:2: survey.depth: absent: w"}));
  EXPECT_TRUE(says(config.error("threads", "w", "r").what(), {"--set: threads: 9: w"}));
}

}  // namespace
}  // namespace fathom
