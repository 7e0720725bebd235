// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time_correction.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

#include "physics/error.hpp"

namespace fathom {
namespace {

using Dispersion = TimeCorrection::Dispersion;

constexpr double step = 0.004;    // of the leapfrog, s
constexpr double frequency = 12;  // of the source's peak, Hz
constexpr double delay = 0.2;     // s

/// u_tt + k^2 u = s, at rest before the axis starts, by leapfrog.
std::vector<double> leapfrog(double k, const std::vector<double>& source) {
  std::vector<double> u(source.size());
  double previous = 0, now = 0;
  for (std::size_t n = 0; n < source.size(); ++n) {
    u[n] = now;
    const double next = 2 * now - previous + step * step * (source[n] - k * k * now);
    previous = now;
    now = next;
  }
  return u;
}

/// The exact solution, the integral of sin(k (t - tau)) / k s(tau), by the trapezoidal rule at a 200th of the
/// step.
std::vector<double> exact(double k, const TimeAxis& time) {
  constexpr int parts = 200;
  const TimeAxis fine{time.start, time.step / parts, parts * (time.samples - 1) + 1};
  const std::vector<double> source = ricker(fine, frequency, delay);
  double cosines = 0, sines = 0;
  std::vector<double> u;
  for (int n = 0; n < fine.samples; ++n) {
    const double t = n * fine.step;
    const double c = std::cos(k * t) * source[n] * fine.step, s = std::sin(k * t) * source[n] * fine.step;
    if (n % parts == 0)
      u.push_back((std::sin(k * t) * (cosines + c / 2) - std::cos(k * t) * (sines + s / 2)) / k);
    cosines += c;
    sines += s;
  }
  return u;
}

double relative_error(const std::vector<double>& found, const std::vector<double>& wanted) {
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
    norm += wanted[i] * wanted[i];
  }
  return std::sqrt(error / norm);
}

std::vector<double> every(int stride, const std::vector<double>& values) {
  std::vector<double> kept;
  for (std::size_t i = 0; i < values.size(); i += stride) kept.push_back(values[i]);
  return kept;
}

class Oscillator : public testing::TestWithParam<double> {};

/// Without the last 40 steps: the waves do not stop where the record is cut.
double relative_error_inside(std::vector<double> found, std::vector<double> wanted, int stride = 1) {
  found.resize(found.size() - 40 / stride);
  wanted.resize(wanted.size() - 40 / stride);
  return relative_error(found, wanted);
}

TEST_P(Oscillator, IsExactByLeapfrogBetweenTheTwoCorrections) {
  const double k = GetParam() / step;
  for (const double start : {0., -0.2}) {
    const TimeAxis time{start, step, 1501};
    const std::vector<double> wanted = exact(k, time);
    std::vector<double> source = ricker(time, frequency, delay);
    // The leapfrog is early by k^3 dt^2 t / 24 radians.
    const double lag = std::pow(GetParam(), 3) / 24 * time.samples;
    EXPECT_GT(relative_error_inside(leapfrog(k, source), wanted), std::min(1., 0.5 * lag));
    TimeCorrection(time, step, Dispersion::impose).apply(source);
    std::vector<double> u = leapfrog(k, source);
    TimeCorrection(time, step, Dispersion::remove).apply(u);
    EXPECT_LT(relative_error_inside(u, wanted), 1e-6);
    EXPECT_LT(relative_error(u, wanted), 0.02);
  }
}

TEST_P(Oscillator, IsExactOnATraceThatIsCoarserThanTheSteps) {
  const double k = GetParam() / step;
  constexpr int stride = 3;
  const TimeAxis time{-0.2, step, 1501}, coarse{-0.2, stride * step, 501};
  const std::vector<double> wanted = every(stride, exact(k, time));
  std::vector<double> source = ricker(time, frequency, delay);
  TimeCorrection(time, step, Dispersion::impose).apply(source);
  std::vector<double> u = every(stride, leapfrog(k, source));
  TimeCorrection(coarse, step, Dispersion::remove).apply(u);
  EXPECT_LT(relative_error_inside(u, wanted, stride), 2e-3);
  EXPECT_LT(relative_error(u, wanted), 0.03);
}

INSTANTIATE_TEST_SUITE_P(AtManyFrequencies, Oscillator, testing::Values(0.1, 0.2, 0.3, 0.4, 0.5, 0.6));

TEST(TimeCorrection, OfAWaveletOnACoarseAxisIsThatOnTheSteps) {
  const TimeAxis time{-0.1, step, 1201}, coarse{-0.1, 2 * step, 601};
  std::vector<double> on_steps = ricker(time, frequency, 2.5), on_coarse = ricker(coarse, frequency, 2.5);
  TimeCorrection(time, step, Dispersion::impose).apply(on_steps);
  TimeCorrection(coarse, step, Dispersion::impose).apply(on_coarse);
  EXPECT_LT(relative_error(on_coarse, every(2, on_steps)), 1e-6);
}

TEST(TimeCorrection, UndoesWhatItImposes) {
  for (const int stride : {1, 2, 5}) {
    const TimeAxis time{-0.3, 0.004, 1000};
    const std::vector<double> wavelet = ricker(time, 12, 2);
    std::vector<double> there_and_back = wavelet;
    TimeCorrection(time, time.step / stride, Dispersion::impose).apply(there_and_back);
    EXPECT_GT(relative_error(there_and_back, wavelet), 0.1 / (stride * stride));
    TimeCorrection(time, time.step / stride, Dispersion::remove).apply(there_and_back);
    EXPECT_LT(relative_error(there_and_back, wavelet), 1e-8);
  }
}

TEST(TimeCorrection, HasAnExactTranspose) {
  for (const int samples : {300, 301, 1999})
    for (const double ratio : {1., 3.})
      for (const Dispersion dispersion : {Dispersion::impose, Dispersion::remove}) {
        const TimeAxis time{-0.4, 0.004, samples};
        const TimeCorrection correction(time, time.step / ratio, dispersion);
        std::mt19937 bits(samples);
        Gather a(time, 2), b(time, 2);
        for (double& value : a.data) value = double(bits()) / double(bits.max()) - 0.5;
        for (double& value : b.data) value = double(bits()) / double(bits.max()) - 0.5;
        Gather ta = a, tb = b;
        correction.apply(ta);
        correction.apply_transpose(tb);
        const auto dot = [](const Gather& x, const Gather& y) {
          return std::inner_product(x.data.begin(), x.data.end(), y.data.begin(), 0.);
        };
        EXPECT_NEAR(dot(ta, b), dot(a, tb), 1e-13 * std::sqrt(dot(a, a) * dot(b, b)));
      }
}

TEST(TimeCorrection, ChangesNothingInItsBandWhenTheStepIsTiny) {
  const TimeAxis time{0, 0.004, 700};
  const TimeCorrection correction(time, 1e-7, Dispersion::remove);
  EXPECT_NEAR(correction.max_frequency(), 0.8 * 125, 1e-6);
  std::vector<double> wavelet = ricker(time, 20, 1.5);
  correction.apply(wavelet);
  EXPECT_LT(relative_error(wavelet, ricker(time, 20, 1.5)), 1e-8);
}

TEST(TimeCorrection, RejectsForeignAxes) {
  const TimeCorrection correction({0, 0.004, 100}, 0.004, Dispersion::remove);
  Gather gather({0, 0.002, 100}, 1);
  EXPECT_THROW(correction.apply(gather), RunError);
  EXPECT_THROW(TimeCorrection({0, 0.004, 100}, 0, Dispersion::remove), RunError);
}

}  // namespace
}  // namespace fathom
