// SPDX-License-Identifier: BSD-3-Clause

// Every error and warning of check() about the survey, and about data in a file.

#include <algorithm>
#include <map>

#include "io/gather_file.hpp"
#include "tests/solver/checked_case.hpp"

namespace fathom {
namespace {

TEST(Check, RejectsSourcesOutsideTheModel) {
  expect({{"first: [50, 20]", "first: [-50, 20]"}},
         {Level::error,
          "sources",
          "survey.sources.first",
          {"1 of 5 sources", "(-50, 20) m", "in the absorbing layer", "x = 0 to 1000 m"}},
         "first: [-50");
  expect({{"last: [950, 20]", "last: [9500, 20]"}},
         {Level::error,
          "sources",
          "survey.sources.last",
          {"4 of 5 sources", "(9500, 20) m", "8500 m beyond the edge"}},
         "last: [9500");
}

TEST(Check, RejectsReceiversOutsideTheModel) {
  expect({{"last: [1000, 10]", "last: [1000, 510]"}},
         {Level::error,
          "receivers",
          "survey.receivers.last",
          {"1 of 41 receivers", "(1000, 510) m", "in the absorbing layer"}},
         "last: [1000, 510]");
}

TEST(Check, RejectsPositionsThatACoarserGridLeavesOut) {
  expect(
      {{"    - max_frequency: 6", "    - spacing: 30\n      max_frequency: 6"}, {"width: 34", "width: 40"}},
      {Level::error, "stage 1", "inversion.stages[0].spacing", {"1 of 41 receivers", "x = 0 to 990 m"}},
      "    - spacing: 30");
  expect({{"    order: 4", "    spacing: 7\n    order: 4"}},
         {Level::error, "synthetic data", "data.simulate.spacing", {"x = 0 to 994 m"}}, "    spacing: 7");
}

TEST(Check, RejectsPointsOnAFreeSurface) {
  const std::pair<std::string, std::string> surface{"  boundary:", "  boundary:\n    free_surface: true"};
  expect({surface, {"first: [50, 20]", "first: [50, 0]"}},
         {Level::error, "sources", "survey.sources.first", {"1 of 5 sources on the free surface", "5 m"}},
         "first: [50, 0]");
  expect({surface, {"first: [0, 10]", "first: [0, 0]"}, {"last: [1000, 10]", "last: [1000, 0]"}},
         {Level::error, "receivers", "survey.receivers.first", {"41 of 41 receivers"}}, "first: [0, 0]");
}

TEST(Check, RejectsSignsForShotsThatCannotBeSetOffTogether) {
  const Changes encoded{
      {"inversion:\n", "inversion:\n  optimizer:\n    method: adam\n    adam:\n      encoding: signs\n"}};
  const std::string key = "inversion.optimizer.adam.encoding";
  const Scratch scratch;
  const auto check_changed = [&](const Changes& changes) {
    return check_case(load_text(scratch, changed(changed(sound_case, encoded), changes)));
  };
  EXPECT_EQ(check_changed({}).complaint(), "");
  EXPECT_EQ(check_changed({{"method: adam", "method: bqnls"}, {"  wavelet", "  min_offset: 60\n  wavelet"}})
                .complaint(),
            "")
      << "no stage is stochastic";
  EXPECT_TRUE(finds(check_changed({{"  wavelet", "  min_offset: 60\n  wavelet"}}),
                    {Level::error, "encoding", key, {"shot 1", "shot 0", "no min_offset"}}));
  EXPECT_TRUE(finds(check_changed({{"  bounds", "  misfit: {kind: huber}\n  bounds"}}),
                    {Level::error, "encoding", key, {"huber", "least_squares"}}));
}

TEST(Check, WarnsOfMoreRanksThanShots) {
  const Scratch scratch;
  const Checked checked = check_case(load_text(scratch, sound_case), 7);
  EXPECT_TRUE(finds(checked, {Level::warning, "ranks", "survey.sources.count", {"7 ranks share 5 shots"}}));
}

TEST(Check, WarnsOfSourcesTooFarApart) {
  expect({{"    count: 5", "    count: 2"},
          {"last: [950, 20]", "last: [1000, 20]"},
          {"max_frequency: 6", "max_frequency: 8"}},
         {Level::warning, "sources", "survey.sources.count", {"950 m apart", "3 sources"}});
}

TEST(Check, RejectsASilentWavelet) {
  expect({{"    frequency: 8", "    frequency: 8\n    delay: 60"}},
         {Level::error, "wavelet", "survey.wavelet", {"zero throughout"}}, "  wavelet:");
}

TEST(Check, WarnsOfAWaveletThatIsCutOff) {
  expect({{"    frequency: 8", "    frequency: 8\n    delay: 0.05"}},
         {Level::warning, "wavelet", "survey.wavelet.delay", {"begins with", "0.188 s"}, false});
  expect({{"    frequency: 8", "    frequency: 8\n    delay: 1.18"}},
         {Level::warning, "wavelet", "survey.wavelet.delay", {"when the record ends"}, false});
}

TEST(Check, RejectsASamplingThatAliasesTheWavelet) {
  expect({{"sampling: 0.004", "sampling: 0.03"}},
         {Level::error, "time sampling", "survey.sampling", {"30 ms", "17.7 Hz", "0.0226 s"}}, "  sampling");
}

TEST(Check, WarnsOfRecordsTooShortForTheLongestOffset) {
  expect({{"duration: 1.2", "duration: 0.5"}},
         {Level::warning, "duration", "survey.duration", {"0.5 s recorded", "950 m"}});
}

struct FileCase {
  Scratch scratch;
  Survey survey;
  std::map<int, Gather> gathers;

  FileCase() {
    survey = load_text(scratch, sound_case).survey;
    for (int shot = 0; shot < int(survey.shots.size()); ++shot) {
      Gather gather(survey.time, int(survey.shots[shot].receivers.size()));
      for (std::size_t i = 0; i < gather.data.size(); ++i) gather.data[i] = double(i % 7) - 3;
      gathers.emplace(shot, std::move(gather));
    }
  }
  Checked checked(const std::string& text = {}) {
    Communicator alone;
    write_gathers(scratch / "observed.h5", alone, survey, {"data"}, [&](int shot, const std::string&) {
      return gathers.contains(shot) ? &gathers.at(shot) : nullptr;
    });
    const std::string from_file = changed(sound_case, {{"data:\n", "data:\n  file: observed.h5\n"}});
    return check_case(load_text(scratch, text.empty() ? without_survey(from_file) : from_file));
  }
  static std::string without_survey(std::string text) {
    const std::size_t begin = text.find("survey:"), end = text.find("data:\n");
    return text.erase(begin, end - begin);
  }
};

TEST(Check, AcceptsDataFromAFile) {
  const Checked checked = FileCase().checked();
  EXPECT_EQ(checked.count(Level::error) + checked.count(Level::warning), 0)
      << to_table(checked.findings, checked.forecast);
  EXPECT_GT(checked.forecast.seconds, 0);
}

TEST(Check, WarnsOfASurveyThatTheDataFileReplaces) {
  EXPECT_TRUE(finds(FileCase().checked("with survey"), {Level::warning, "data", "survey", {"not used"}}));
}

TEST(Check, RejectsADataFileWithoutWavelet) {
  FileCase of;
  of.survey.wavelet.clear();
  const Checked checked = of.checked();
  EXPECT_TRUE(finds(checked, {Level::error, "wavelet", "data.file", {"no wavelet"}}));
  EXPECT_NE(checked.complaint().find("observed.h5"), std::string::npos) << checked.complaint();
}

TEST(Check, RejectsGathersOnAnotherTimeAxis) {
  FileCase of;
  Case the_case = of.checked().the_case;
  the_case.survey.time.start = 0.1;
  EXPECT_TRUE(
      finds(check_case(the_case), {Level::error, "data", "data.file", {"shot 0", "from 0 s", "from 0.1 s"}}));
}

TEST(Check, RejectsGathersOfOtherReceivers) {
  FileCase of;
  Case the_case = of.checked().the_case;
  the_case.survey.shots[3].receivers.pop_back();
  EXPECT_TRUE(finds(check_case(the_case),
                    {Level::error, "data", "data.file", {"shot 3 has 41 traces for 40 receivers"}}));
}

TEST(Check, RejectsSilentDataAndWarnsOfSilentGathers) {
  FileCase of;
  const auto silence = [&](int shot) {
    std::fill(of.gathers.at(shot).data.begin(), of.gathers.at(shot).data.end(), 0.);
  };
  silence(1);
  EXPECT_TRUE(finds(of.checked(), {Level::warning, "data", "data.file", {"1 of 5 gathers"}}));
  for (int shot = 0; shot < 5; ++shot) silence(shot);
  EXPECT_TRUE(finds(of.checked(), {Level::error, "data", "data.file", {"every trace is zero"}}));
}

TEST(Check, RejectsADataFileThatLacksAGather) {
  FileCase of;
  of.gathers.erase(3);
  EXPECT_TRUE(finds(of.checked(), {Level::error, "data", "data.file", {}}));
}

}  // namespace
}  // namespace fathom
