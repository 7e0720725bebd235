// SPDX-License-Identifier: BSD-3-Clause
#include "solver/noise.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "solver/filter.hpp"

namespace fathom {
namespace {

/// Standard normal numbers that are the same with every compiler (std::normal_distribution is not):
/// SplitMix64 (Steele, Lea and Flood 2014) and the transform of Box and Muller (1958).
class NormalNumbers {
 public:
  NormalNumbers(std::uint64_t seed, int shot_id, int receiver)
      : state_(mix(mix(mix(seed) + std::uint64_t(shot_id)) + std::uint64_t(receiver))) {}

  double operator()() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2 * std::log(uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

 private:
  static constexpr std::uint64_t increment = 0x9e3779b97f4a7c15;

  static std::uint64_t mix(std::uint64_t value) {
    value += increment;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }

  /// Between 0 and 1, neither of them included.
  double uniform() {
    const std::uint64_t bits = mix(state_);
    state_ += increment;
    return (double(bits >> 12) + 0.5) * 0x1p-52;
  }

  std::uint64_t state_;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace

double sum_of_squares(const Gather& gather) {
  double sum = 0;
  for (const double value : gather.data) sum += value * value;
  return sum;
}

double noise_rms(double signal_rms, double snr_db) {
  return signal_rms * std::pow(10., -snr_db / 20);
}

void add_noise(Gather& gather, int shot_id, const Noise& noise) {
  if (gather.data.empty()) return;
  // The filter takes what is outside a trace for zeros, so it gets a longer trace, or noise would fade at
  // both ends.
  const double ringing =
      BandFilter(gather.time, noise.min_frequency, noise.max_frequency).impulse_duration(1e-3);
  const int lead = int(std::ceil(ringing / gather.time.step));
  TimeAxis longer = gather.time;
  longer.samples += 2 * lead;
  const BandFilter filter(longer, noise.min_frequency, noise.max_frequency);
  const double scale = noise.rms / filter.noise_gain();
  std::vector<double> trace(longer.samples);
  for (int receiver = 0; receiver < gather.receivers; ++receiver) {
    NormalNumbers normal(noise.seed, shot_id, receiver);
    for (double& value : trace) value = normal();
    if (ringing > 0) filter.apply(trace);
    for (int k = 0; k < gather.time.samples; ++k) gather.trace(receiver)[k] += scale * trace[lead + k];
  }
}

}  // namespace fathom
