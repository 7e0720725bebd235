// SPDX-License-Identifier: BSD-3-Clause

#include "physics/resampler.hpp"

#include <gtest/gtest.h>

#include <numbers>

#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

class EveryRatio : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Ratios, EveryRatio, ::testing::Values(1, 2, 3, 7));

constexpr int samples = 101;

/// A smooth pulse modulated at a share of the survey's Nyquist frequency, in survey samples.
double pulse(double sample, double share) {
  const double t = sample - 0.5 * (samples - 1);
  return std::exp(-t * t / 100) * std::cos(share * std::numbers::pi * t + 0.3);
}

std::vector<double> coarse_pulse(double share) {
  std::vector<double> values(samples);
  for (int sample = 0; sample < samples; ++sample) values[sample] = pulse(sample, share);
  return values;
}

std::vector<double> fine_pulse(const Resampler& resampler, int ratio, double share) {
  std::vector<double> values(resampler.fine_samples());
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = pulse(double(k) / ratio, share);
  return values;
}

TEST_P(EveryRatio, HasRefiningAndThinningAsTransposes) {
  const Resampler resampler(samples, GetParam());
  Noise noise(1);
  const std::vector<double> coarse = noise.many(samples), fine = noise.many(resampler.fine_samples());
  const double error =
      dot(resampler.refine(coarse.data()), fine) - dot(coarse, resampler.refine_transposed(fine.data()));
  EXPECT_LT(std::abs(error), 1e-13 * norm(coarse) * norm(fine));
}

TEST_P(EveryRatio, KeepsTheSamplesThatWereThere) {
  const Resampler resampler(samples, GetParam());
  const std::vector<double> coarse = Noise(2).many(samples), fine = resampler.refine(coarse.data());
  for (int sample = 0; sample < samples; ++sample)
    EXPECT_NEAR(fine[std::size_t(sample * GetParam())], coarse[sample], 1e-14);
}

TEST_P(EveryRatio, InterpolatesAndThinsWithin1e4UpTo70PercentOfNyquist) {
  const Resampler resampler(samples, GetParam());
  for (const double share : {0., 0.3, 0.55}) {  // the pulse's spectrum is 0.15 wide to either side
    const std::vector<double> coarse = coarse_pulse(share), fine = fine_pulse(resampler, GetParam(), share);
    std::vector<double> thinned = resampler.refine_transposed(fine.data());
    for (double& value : thinned) value /= GetParam();
    EXPECT_LT(report("refined", relative_l2(resampler.refine(coarse.data()), fine)), 1e-4) << share;
    EXPECT_LT(report("thinned", relative_l2(thinned, coarse)), 1e-4) << share;
  }
}

TEST_P(EveryRatio, ThinsASignalThatGoesOnAtTheEndOfTheSurvey) {
  const Resampler resampler(samples, GetParam());
  const std::vector<double> constant(resampler.fine_samples(), 1.);
  const std::vector<double> thinned = resampler.refine_transposed(constant.data());
  for (int sample = samples / 2; sample < samples; ++sample)
    EXPECT_NEAR(thinned[sample] / GetParam(), 1, 1e-4) << "sample " << sample;
}

TEST(Resampler, RemovesWhatTheSurveyCannotHold) {
  constexpr int ratio = 4;
  const Resampler resampler(samples, ratio);
  const std::vector<double> fine = fine_pulse(resampler, ratio, 1.5);
  std::vector<double> thinned = resampler.refine_transposed(fine.data());
  for (double& value : thinned) value /= ratio;
  EXPECT_LT(report("alias", peak_of(thinned)), 1e-3);
}

/// Steps and survey samples are apart: the same waves come out of any sampling that holds the wavelet.
TEST(Resampler, LetsAnySurveySamplingRecordTheSameWaves) {
  const Medium medium;
  const double h = medium.spacing();
  const Shot shot{0, {15 * h, 0, 20 * h}, {{70 * h, 0, 20 * h}, {40.3 * h, 0, 35.2 * h}}};
  const auto sampled_at = [&](double step) {
    PropagatorSetup setup = setup_in(medium, grid_2d(86, 51, h), 6, 0.9);
    setup.options.time_step = 0.0005;
    setup.time = {0, step, 1 + int(std::lround(0.6 / step))};
    return record(medium, setup, shot);
  };
  const Gather fine = sampled_at(0.001), coarse = sampled_at(0.008);
  for (int receiver = 0; receiver < coarse.receivers; ++receiver) {
    std::vector<double> every_eighth;
    for (int k = 0; k < fine.time.samples; k += 8) every_eighth.push_back(fine.trace(receiver)[k]);
    EXPECT_LT(report("relative_l2", relative_l2(trace_of(coarse, receiver), every_eighth)), 1e-3);
  }
}

}  // namespace
}  // namespace fathom::testing
