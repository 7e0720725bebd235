// SPDX-License-Identifier: BSD-3-Clause
#include "io/gather_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "io/atomic_file.hpp"
#include "io/hdf5.hpp"
#include "physics/error.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {
namespace {

const TimeAxis time_axis{-0.1, 0.002, 50};

/// Three shots with 4, 5 and 6 receivers.
Survey sample_survey() {
  Survey survey;
  survey.time = time_axis;
  survey.wavelet.resize(time_axis.samples);
  for (int k = 0; k < time_axis.samples; ++k) survey.wavelet[k] = std::sin(0.3 * k);
  for (int shot = 0; shot < 3; ++shot) {
    survey.shots.push_back({shot, {100.1 * shot, 0, 10}, {}});
    for (int receiver = 0; receiver < 4 + shot; ++receiver)
      survey.shots.back().receivers.push_back({12.3 * receiver, 1. * shot, 20});
  }
  return survey;
}

std::vector<Gather> sample_gathers(const Survey& survey) {
  std::vector<Gather> gathers;
  for (const Shot& shot : survey.shots) {
    gathers.emplace_back(survey.time, int(shot.receivers.size()));
    for (std::size_t i = 0; i < gathers.back().data.size(); ++i)
      gathers.back().data[i] = float(std::cos(0.1 * double(i)) + shot.id);
  }
  return gathers;
}

void write(const std::string& path, const Survey& survey, const std::vector<Gather>& gathers) {
  Communicator one;
  write_gathers(path, one, survey, {"data"}, [&](int shot, const std::string&) { return &gathers[shot]; });
}

TEST(GatherFile, ComesBackWithItsSurvey) {
  const Scratch scratch;
  const Survey survey = sample_survey();
  const std::vector<Gather> gathers = sample_gathers(survey);
  write(scratch / "gathers.h5", survey, gathers);

  const Survey read = read_survey(scratch / "gathers.h5");
  EXPECT_EQ(read.time, survey.time);
  EXPECT_EQ(read.wavelet, survey.wavelet);
  ASSERT_EQ(read.shots.size(), survey.shots.size());
  for (std::size_t shot = 0; shot < read.shots.size(); ++shot) {
    EXPECT_EQ(read.shots[shot].id, int(shot));
    EXPECT_EQ(read.shots[shot].source, survey.shots[shot].source);
    EXPECT_EQ(read.shots[shot].receivers, survey.shots[shot].receivers);
    const Gather gather = read_gather(scratch / "gathers.h5", int(shot));
    EXPECT_EQ(gather.time, survey.time);
    EXPECT_EQ(gather.receivers, gathers[shot].receivers);
    EXPECT_EQ(gather.data, gathers[shot].data);
  }
}

TEST(GatherFile, KeepsTheNumbersOfShotsAndLeavesOutWhatNobodyHas) {
  const Scratch scratch;
  Survey survey = sample_survey();
  const std::vector<Gather> gathers = sample_gathers(survey);
  survey.shots[0].id = 12345, survey.shots[1].id = 7, survey.shots[2].id = 40;
  Communicator one;
  write_gathers(scratch / "g.h5", one, survey, {"data", "predicted"}, [&](int shot, const std::string& name) {
    return name == "data" || shot == 1 ? &gathers[shot] : nullptr;
  });
  const Survey read = read_survey(scratch / "g.h5");
  ASSERT_EQ(read.shots.size(), 3u);
  EXPECT_EQ(read.shots[0].id, 7);
  EXPECT_EQ(read.shots[1].id, 40);
  EXPECT_EQ(read.shots[2].id, 12345);
  EXPECT_EQ(read_gather(scratch / "g.h5", 12345).data, gathers[0].data);
  EXPECT_EQ(read_gather(scratch / "g.h5", 7, "predicted").data, gathers[1].data);
  EXPECT_THROW(read_gather(scratch / "g.h5", 40, "predicted"), UserError);
  EXPECT_THROW(read_gather(scratch / "g.h5", 8), UserError);
}

TEST(GatherFile, MayLackTheWavelet) {
  const Scratch scratch;
  Survey survey = sample_survey();
  survey.wavelet.clear();
  write(scratch / "g.h5", survey, sample_gathers(survey));
  EXPECT_EQ(read_survey(scratch / "g.h5").time, survey.time);
  EXPECT_TRUE(read_survey(scratch / "g.h5").wavelet.empty());
}

TEST(GatherFile, RefusesAGatherThatDoesNotFitTheSurvey) {
  const Scratch scratch;
  const Survey survey = sample_survey();
  std::vector<Gather> gathers = sample_gathers(survey);
  gathers[1] = Gather(time_axis, 2);
  EXPECT_THROW(write(scratch / "g.h5", survey, gathers), RunError);
  EXPECT_FALSE(std::filesystem::exists(scratch / "g.h5"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "g.h5.partial"));
}

TEST(GatherFile, RejectsSamplesThatAreNotFinite) {
  const Scratch scratch;
  const Survey survey = sample_survey();
  std::vector<Gather> gathers = sample_gathers(survey);
  gathers[1].trace(2)[7] = std::numeric_limits<double>::quiet_NaN();
  write(scratch / "g.h5", survey, gathers);
  EXPECT_NO_THROW(read_gather(scratch / "g.h5", 0));
  try {
    read_gather(scratch / "g.h5", 1);
    FAIL() << "a sample is not finite";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("receiver 2, sample 7"), std::string::npos) << error.what();
  }
}

TEST(GatherFile, RejectsWhatIsOfAnotherFormatOrDamaged) {
  const Scratch scratch;
  EXPECT_THROW(read_survey(scratch / "none.h5"), UserError);
  write_file_atomically(scratch / "text.h5", "not HDF5");
  EXPECT_THROW(read_survey(scratch / "text.h5"), UserError);
  Hdf5File file = Hdf5File::create(scratch / "empty.h5");
  file.close();
  EXPECT_THROW(read_survey(scratch / "empty.h5"), UserError);

  const Survey survey = sample_survey();
  write(scratch / "g.h5", survey, sample_gathers(survey));
  const std::string bytes = read_file(scratch / "g.h5");
  for (std::size_t length = 0; length < bytes.size(); length += 307) {
    write_file_atomically(scratch / "cut.h5", bytes.substr(0, length));
    EXPECT_THROW(read_survey(scratch / "cut.h5"), UserError) << length;
    EXPECT_THROW(read_gather(scratch / "cut.h5", 0), UserError) << length;
  }
}

TEST(GatherFile, ThatStandsSurvivesAFullDisk) {
  const Scratch scratch;
  const Survey survey = sample_survey();
  write(scratch / "g.h5", survey, sample_gathers(survey));
  const std::string before = read_file(scratch / "g.h5");
  for (std::size_t room = 0; room < before.size(); room += 500) {
    const DiskLimit limit(room);
    EXPECT_THROW(write(scratch / "g.h5", survey, sample_gathers(survey)), RunError) << room;
  }
  EXPECT_EQ(read_file(scratch / "g.h5"), before);
}

}  // namespace
}  // namespace fathom
