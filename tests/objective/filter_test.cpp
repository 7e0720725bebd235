// SPDX-License-Identifier: BSD-3-Clause
#include "solver/filter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr double pi = std::numbers::pi;

std::vector<double> random_trace(int samples, unsigned seed) {
  std::mt19937 bits(seed);
  std::vector<double> trace(samples);
  for (double& value : trace) value = double(bits()) / double(bits.max()) - 0.5;
  return trace;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.);
}

TEST(Fourier, OfACosineIsOneLineAndComesBack) {
  Fourier fourier(97);
  EXPECT_EQ(fourier.length(), 100u);
  for (std::size_t k = 0; k < fourier.length(); ++k)
    fourier.samples()[k] = std::cos(2 * pi * 7 * k / 100. + 0.3);
  fourier.forward();
  for (std::size_t j = 0; j < fourier.frequencies(); ++j)
    EXPECT_NEAR(std::abs(fourier.spectrum()[j] - (j == 7 ? std::polar(50., 0.3) : 0.)), 0, 1e-12);
  fourier.backward();
  for (std::size_t k = 0; k < fourier.length(); ++k)
    EXPECT_NEAR(fourier.samples()[k] / 100, std::cos(2 * pi * 7 * k / 100. + 0.3), 1e-13);
}

TEST(BandFilter, IsOneInTheBandAndSixDecibelDownAtItsCorners) {
  const BandFilter filter({0, 0.002, 1000}, 4, 20);
  EXPECT_DOUBLE_EQ(filter.gain(7), 1);
  EXPECT_DOUBLE_EQ(filter.gain(4), 0.5);
  EXPECT_DOUBLE_EQ(filter.gain(20), 0.5);
  EXPECT_DOUBLE_EQ(filter.gain(0), 0);
  EXPECT_DOUBLE_EQ(filter.gain(33), 0);
  const BandFilter narrow({0, 0.002, 1000}, 15, 20);
  EXPECT_DOUBLE_EQ(narrow.gain(15), 0.5);
  EXPECT_DOUBLE_EQ(narrow.gain(20), 0.5);
}

TEST(BandFilter, KnowsWhereItIsTwentyDecibelDown) {
  const BandFilter filter({0, 0.002, 1000}, 0, 10);
  EXPECT_NEAR(filter.gain(filter.frequency_at(-20)), 0.1, 1e-9);
  EXPECT_NEAR(filter.frequency_at(-20), 13.04, 0.001);
  EXPECT_TRUE(std::isinf(BandFilter({0, 0.002, 1000}, 3).frequency_at(-20)));
}

TEST(BandFilter, ScalesASinusoidByItsGainAndKeepsItsPhase) {
  const TimeAxis time{-1, 0.002, 4000};
  const BandFilter filter(time, 2, 12);
  for (const double frequency : {1.5, 5., 13.}) {
    std::vector<double> trace(time.samples);
    for (int k = 0; k < time.samples; ++k) trace[k] = std::sin(2 * pi * frequency * k * time.step);
    const std::vector<double> original = trace;
    filter.apply(trace);
    for (int k = 1500; k < 2500; ++k)
      EXPECT_NEAR(trace[k], filter.gain(frequency) * original[k], 2e-3) << frequency;
  }
}

TEST(BandFilter, IsLinearAndItsOwnTranspose) {
  const TimeAxis time{0, 0.004, 501};
  const BandFilter filter(time, 3, 25);
  const std::vector<double> a = random_trace(time.samples, 1), b = random_trace(time.samples, 2);
  std::vector<double> fa = a, fb = b, sum(a.size());
  for (std::size_t k = 0; k < a.size(); ++k) sum[k] = 2 * a[k] - 3 * b[k];
  filter.apply(fa);
  filter.apply(fb);
  filter.apply(sum);
  EXPECT_NEAR(dot(fa, b), dot(a, fb), 1e-13 * std::sqrt(dot(a, a) * dot(b, b)));
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(sum[k], 2 * fa[k] - 3 * fb[k], 1e-13);
}

TEST(BandFilter, IsSymmetricInTimeAndDoesNotWrapAround) {
  const TimeAxis time{-0.5, 0.002, 1001};
  const BandFilter filter(time, 0, 10);
  std::vector<double> first(time.samples), middle(time.samples), last(time.samples);
  first.front() = middle[500] = last.back() = 1;
  filter.apply(first);
  filter.apply(middle);
  filter.apply(last);
  for (int k = 0; k < time.samples; ++k) {
    EXPECT_NEAR(first[k], last[1000 - k], 1e-14);
    EXPECT_NEAR(middle[k], middle[1000 - k], 1e-14);
  }
  for (int k = 0; k <= 500; ++k) EXPECT_NEAR(first[k], middle[500 + k], 1e-14);
  for (int k = 501; k < time.samples; ++k) EXPECT_LT(std::abs(first[k]), 1e-4 * first[0]);
}

TEST(BandFilter, StopsRingingAfterItsImpulseDuration) {
  const TimeAxis time{0, 0.002, 4001};
  for (const double min_frequency : {0., 3.})
    for (const double level : {0.01, 0.001}) {
      const BandFilter filter(time, min_frequency, 10);
      std::vector<double> response(time.samples);
      response[2000] = 1;
      filter.apply(response);
      const int duration = int(std::lround(filter.impulse_duration(level) / time.step));
      for (int k = duration; k <= 2000; ++k) EXPECT_LT(std::abs(response[2000 + k]), level * response[2000]);
      EXPECT_GE(std::abs(response[2000 + duration - 1]), 0.99 * level * response[2000]);
    }
  EXPECT_LT(BandFilter(time, 0, 10).impulse_duration(), 0.135);
  EXPECT_LT(BandFilter(time, 0, 10).impulse_duration(0.001), 0.23);
  EXPECT_EQ(BandFilter(time, 0).impulse_duration(), 0);
}

TEST(BandFilter, TreatsAGatherAsItsTraces) {
  const TimeAxis time{-0.2, 0.004, 300};
  const BandFilter filter(time, 2, 20);
  Gather gather(time, 3);
  gather.data = random_trace(3 * time.samples, 3);
  std::vector<double> second(gather.trace(1), gather.trace(2));
  filter.apply(gather);
  filter.apply(second);
  EXPECT_TRUE(std::equal(second.begin(), second.end(), gather.trace(1)));
}

TEST(BandFilter, RejectsEmptyBandsAndForeignAxes) {
  const TimeAxis time{0, 0.004, 300};
  EXPECT_THROW(BandFilter(time, 5, 5), UserError);
  EXPECT_THROW(BandFilter(time, -1, 5), UserError);
  Gather gather({0, 0.002, 300}, 1);
  EXPECT_THROW(BandFilter(time, 0, 5).apply(gather), RunError);
}

TEST(Spectrum, OfARickerWaveletHasItsKnownPeakAndEdge) {
  const TimeAxis time{0, 0.002, 1000};
  const std::vector<double> wavelet = ricker(time, 8, 0.5);
  EXPECT_NEAR(dominant_frequency(wavelet, time), 8, 0.05);
  // x^2 exp(1 - x^2) = 1/10 and 1/1000, with x = f / 8 Hz
  EXPECT_NEAR(spectrum_edge(wavelet, time), 8 * 2.21127, 0.05);
  EXPECT_NEAR(spectrum_edge(wavelet, time, -60), 8 * 3.19897, 0.05);
}

TEST(Spectrum, OfAFilteredImpulseEndsWhereTheFilterSays) {
  const TimeAxis time{0, 0.002, 2001};
  const BandFilter filter(time, 0, 10);
  std::vector<double> impulse(time.samples);
  impulse[1000] = 1;
  filter.apply(impulse);
  EXPECT_NEAR(spectrum_edge(impulse, time), filter.frequency_at(-20), 0.05);
}

}  // namespace
}  // namespace fathom
