// SPDX-License-Identifier: BSD-3-Clause

#include "solver/band.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

constexpr double fastest = 3600;

/// Noise in the middle of a record, silence at its ends.
Gathers burst(const Case& the_case) {
  const TimeAxis& time = the_case.survey.time;
  Gather gather(time, 1);
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (int sample = time.samples / 3; sample < 2 * time.samples / 3; ++sample)
    gather.data[sample] = normal(random);
  return {{0, gather}};
}

StageOptions stage_to(double max_frequency, double spacing) {
  StageOptions stage;
  stage.max_frequency = max_frequency;
  stage.spacing = spacing;
  return stage;
}

int steps_of(const Case& the_case, const StageOptions& stage, const Band& band) {
  return Propagator(stage_setup(the_case.options, band, stage_grid(the_case.start.grid, stage), fastest))
      .time_steps();
}

double energy(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum;
}

struct BandOfACase : testing::Test {
  Case the_case = load_text(Scratch{}, sound_case);
  const Gathers observed = burst(the_case);
};

TEST_F(BandOfACase, KeepsEverySampleWhereTheGridWantsShorterSteps) {
  const StageOptions stage = stage_to(10, 10);
  const Band band = make_band(the_case, stage, fastest, observed);
  EXPECT_EQ(band.survey.time.step, the_case.survey.time.step);
}

TEST_F(BandOfACase, IsSampledAsCoarselyAsTheGridIsSteppedAndLosesNothing) {
  const double sampling = the_case.survey.time.step;
  const Band whole = make_band(the_case, stage_to(4, 10), fastest, observed);
  ASSERT_EQ(whole.survey.time.step, sampling);
  const StageOptions coarse = stage_to(4, 50);
  const Band band = make_band(the_case, coarse, fastest, observed);
  const TimeAxis &time = band.survey.time, &fine = whole.survey.time;
  const int k = int(std::lround(time.step / sampling));
  EXPECT_GE(k, 2);
  EXPECT_LT(time.step, 0.5 / (1.6 * 4)) << "Nyquist, with the filter's end";
  EXPECT_EQ(time.start, fine.start);
  EXPECT_GT(time.duration(), fine.duration() - time.step);
  const std::vector<double>&kept = band.observed.at(0).data, &all = whole.observed.at(0).data;
  ASSERT_EQ(int(kept.size()), time.samples);
  for (int sample = 0; sample < time.samples; ++sample) {
    EXPECT_EQ(kept[sample], all[std::size_t(sample) * k]);
    EXPECT_EQ(band.survey.wavelet[sample], whole.survey.wavelet[std::size_t(sample) * k]);
    EXPECT_EQ(band.window[sample], whole.window[std::size_t(sample) * k]);
  }
  EXPECT_NEAR(k * energy(kept) / energy(all), 1, 1e-3);

  Band unthinned = whole;
  unthinned.observed.clear();
  EXPECT_LT(steps_of(the_case, coarse, band), 0.8 * steps_of(the_case, coarse, unthinned));
}

TEST_F(BandOfACase, LeavesAStepThatIsUnstableToThePropagator) {
  the_case.options.physics.time_step = 0.1;
  const Band band = make_band(the_case, stage_to(4, 50), fastest);
  EXPECT_EQ(band.survey.time.step, the_case.survey.time.step);
}

TEST_F(BandOfACase, IsPropagatedAsTheWholeSurveyIs) {
  const StageOptions coarse = stage_to(4, 50);
  const Band band = make_band(the_case, coarse, fastest);
  Band whole = make_band(the_case, stage_to(4, 10), fastest);
  const Grid grid = stage_grid(the_case.start.grid, coarse);
  const Shot& shot = the_case.survey.shots[2];
  const auto predict = [&](const Band& with) {
    Propagator propagator(stage_setup(the_case.options, with, grid, fastest));
    propagator.set_model(resample(the_case.start, grid));
    return propagator.forward(shot, with.survey.wavelet);
  };
  const Gather thin = predict(band), fine = predict(whole);
  const int k = int(std::lround(band.survey.time.step / whole.survey.time.step));
  double error = 0, power = 0;
  for (int receiver = 0; receiver < thin.receivers; ++receiver)
    for (int sample = 0; sample < thin.time.samples; ++sample) {
      const double expected = fine.trace(receiver)[sample * k];
      error += std::pow(thin.trace(receiver)[sample] - expected, 2);
      power += expected * expected;
    }
  EXPECT_LT(std::sqrt(error / power), 0.01) << "the dispersion of the longer step in time";
}

}  // namespace
}  // namespace fathom
