// SPDX-License-Identifier: BSD-3-Clause
#include "io/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

namespace fathom {
namespace {

struct Display {
  double now = 1000;
  std::ostringstream stream;
  ProgressOutput output(bool bar) {
    return {.stream = &stream, .bar = bar, .width = 70, .clock = [this] { return now; }};
  }
  long lines() const {
    const std::string text = stream.str();
    return std::count(text.begin(), text.end(), '\n');
  }
};

TEST(Duration, ReadsAsPeopleSayIt) {
  EXPECT_EQ(format_duration(0.2), "0 s");
  EXPECT_EQ(format_duration(12.4), "12 s");
  EXPECT_EQ(format_duration(59.7), "1 min 00 s");
  EXPECT_EQ(format_duration(200), "3 min 20 s");
  EXPECT_EQ(format_duration(3720), "1 h 02 min");
  EXPECT_EQ(format_duration(2 * 86400 + 3 * 3600), "2 d 03 h");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "unknown");
  EXPECT_EQ(format_duration(std::nan("")), "unknown");
}

TEST(Progress, PrintsALineAtEveryTenthOfAShortTask) {
  Display display;
  Progress progress("modelling", 1000, display.output(false));
  for (int done = 1; done <= 1000; ++done) {
    display.now += 0.001;
    progress.update(done);
  }
  EXPECT_EQ(display.lines(), 10);
  EXPECT_NE(display.stream.str().find("modelling: 30 %, 1 s left\n"), std::string::npos)
      << display.stream.str();
  EXPECT_NE(display.stream.str().find("modelling: 100 % after 1 s\n"), std::string::npos)
      << display.stream.str();
}

TEST(Progress, PrintsALineEveryTenSecondsOfALongTask) {
  Display display;
  Progress progress("inversion", 10000, display.output(false));
  for (int done = 1; done <= 100; ++done) {
    display.now += 1;
    progress.update(done, "misfit 0.31");
  }
  EXPECT_EQ(display.lines(), 10);
  EXPECT_NE(display.stream.str().find("inversion: 1 %, 2 h 45 min left, misfit 0.31\n"), std::string::npos)
      << display.stream.str();
}

TEST(Progress, RewritesOneLineOnATerminal) {
  Display display;
  {
    Progress progress("inversion", 10, display.output(true));
    for (int done = 1; done <= 5; ++done) {
      display.now += 2;
      progress.update(done);
      display.now += 0.01;
      progress.update(done + 0.5);  // too soon to be drawn
    }
    const std::string shown = display.stream.str();
    EXPECT_EQ(std::count(shown.begin(), shown.end(), '\r'), 5);
    EXPECT_EQ(shown.size(), 5u * 71);
    EXPECT_NE(shown.find("inversion [============>           ]  50 %, 10 s left"), std::string::npos)
        << shown;
  }
  EXPECT_EQ(display.lines(), 0);
  const std::string shown = display.stream.str();
  EXPECT_EQ(shown.substr(shown.size() - 72), "\r" + std::string(70, ' ') + "\r") << "the line is left empty";
}

TEST(Progress, GivesWayToAnotherLineAndComesBack) {
  Display display;
  Progress progress("inversion", 10, display.output(true));
  progress.clear();
  EXPECT_EQ(display.stream.str(), "") << "nothing to clear";
  progress.update(1);
  progress.clear();
  const std::size_t before = display.stream.str().size();
  progress.update(1);
  EXPECT_GT(display.stream.str().size(), before);
}

TEST(Progress, DoesNotCountWhatAnEarlierRunDid) {
  Display display;
  Progress progress("inversion", 100, display.output(false), 50);
  EXPECT_TRUE(std::isnan(progress.remaining()));
  EXPECT_EQ(progress.share(), 0.5);
  display.now += 10;
  progress.update(60);
  EXPECT_DOUBLE_EQ(progress.elapsed(), 10);
  EXPECT_DOUBLE_EQ(progress.remaining(), 40);
}

TEST(Progress, ShowsNothingOnOtherRanksButStillEstimates) {
  EXPECT_EQ(ProgressOutput::standard(false).stream, nullptr);
  double now = 0;
  Progress progress("inversion", 10,
                    {.stream = nullptr, .bar = true, .width = 70, .clock = [&] { return now; }});
  now = 5;
  progress.update(5);
  EXPECT_DOUBLE_EQ(progress.remaining(), 5);
}

}  // namespace
}  // namespace fathom
