// SPDX-License-Identifier: BSD-3-Clause
#include "solver/noise.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "solver/filter.hpp"

namespace fathom {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

double rms(const Gather& gather) {
  return std::sqrt(sum_of_squares(gather) / double(gather.data.size()));
}

Gather noise_alone(const TimeAxis& time, int receivers, int shot_id, const Noise& noise) {
  Gather gather(time, receivers);
  add_noise(gather, shot_id, noise);
  return gather;
}

TEST(Noise, HasTheSignalToNoiseRatioThatIsAskedFor) {
  EXPECT_NEAR(noise_rms(3, 20), 0.3, 1e-15);
  EXPECT_NEAR(noise_rms(3, 0), 3, 1e-15);
  const TimeAxis time{0, 0.004, 2000};
  EXPECT_NEAR(rms(noise_alone(time, 100, 0, {.rms = 0.3})), 0.3, 0.3 * 0.01);
  EXPECT_NEAR(rms(noise_alone(time, 100, 0, {.rms = 0.3, .min_frequency = 3, .max_frequency = 20})), 0.3,
              0.3 * 0.02);
}

TEST(Noise, IsGaussianAndWhite) {
  const Gather gather = noise_alone({0, 0.004, 2000}, 100, 7, {.rms = 1, .seed = 5});
  const double count = double(gather.data.size());
  double mean = 0, fourth = 0, beyond = 0, neighbours = 0;
  for (std::size_t i = 0; i < gather.data.size(); ++i) {
    mean += gather.data[i] / count;
    fourth += std::pow(gather.data[i], 4) / count;
    beyond += (std::abs(gather.data[i]) > 2 ? 1 : 0) / count;
    if (i > 0) neighbours += gather.data[i] * gather.data[i - 1] / count;
  }
  EXPECT_NEAR(mean, 0, 0.01);  // 4.5 standard deviations
  EXPECT_NEAR(fourth, 3, 0.1);
  EXPECT_NEAR(beyond, 0.0455, 0.002);
  EXPECT_NEAR(neighbours, 0, 0.01);
}

TEST(Noise, DependsOnSeedShotAndReceiverAlone) {
  const TimeAxis time{-0.1, 0.004, 500};
  const Noise noise{.rms = 1, .seed = 11, .min_frequency = 2, .max_frequency = 30};
  const Gather once = noise_alone(time, 4, 3, noise), again = noise_alone(time, 4, 3, noise);
  const Gather fewer = noise_alone(time, 2, 3, noise), other_shot = noise_alone(time, 4, 4, noise);
  Noise reseeded = noise;
  reseeded.seed = 12;
  const Gather other_seed = noise_alone(time, 4, 3, reseeded);
  EXPECT_EQ(once.data, again.data);
  EXPECT_TRUE(std::equal(fewer.data.begin(), fewer.data.end(), once.data.begin()));
  const auto correlation = [](const double* a, const double* b, std::size_t count) {
    return std::inner_product(a, a + count, b, 0.) / double(count);
  };
  EXPECT_LT(std::abs(correlation(once.data.data(), other_shot.data.data(), once.data.size())), 0.2);
  EXPECT_LT(std::abs(correlation(once.data.data(), other_seed.data.data(), once.data.size())), 0.2);
  EXPECT_LT(std::abs(correlation(once.trace(0), once.trace(1), 500)), 0.4);
}

TEST(Noise, IsAddedToWhatIsThere) {
  const TimeAxis time{0, 0.004, 50};
  Gather gather(time, 2);
  std::iota(gather.data.begin(), gather.data.end(), 0.);
  add_noise(gather, 1, {.rms = 2});
  const Gather noise = noise_alone(time, 2, 1, {.rms = 2});
  for (std::size_t i = 0; i < gather.data.size(); ++i)
    EXPECT_DOUBLE_EQ(gather.data[i], double(i) + noise.data[i]);
}

TEST(Noise, StaysWithinItsBandAndIsAsLoudAtTheEndsAsElsewhere) {
  const TimeAxis time{0, 0.004, 400};
  const Gather gather = noise_alone(time, 2000, 0, {.rms = 1, .min_frequency = 5, .max_frequency = 20});
  double first = 0, last = 0;
  for (int receiver = 0; receiver < gather.receivers; ++receiver) {
    first += std::pow(gather.trace(receiver)[0], 2) / gather.receivers;
    last += std::pow(gather.trace(receiver)[time.samples - 1], 2) / gather.receivers;
  }
  EXPECT_NEAR(first, 1, 0.15);
  EXPECT_NEAR(last, 1, 0.15);
  // Above 32 Hz there is none, but for what cutting the traces spreads.
  Gather above = gather;
  BandFilter(time, 60, unlimited).apply(above);
  EXPECT_LT(rms(above), 0.1);
}

}  // namespace
}  // namespace fathom
