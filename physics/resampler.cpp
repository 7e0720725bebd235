// SPDX-License-Identifier: BSD-3-Clause
#include "physics/resampler.hpp"

#include <algorithm>

#include "physics/windowed_sinc.hpp"

namespace fathom {

namespace {
constexpr int side_samples = 8;     // survey samples
constexpr double window_b = 8.0;  // a pass band flat to 1e-4 up to 0.7 of the survey's Nyquist frequency
}  // namespace

Resampler::Resampler(int samples, int ratio) : samples_(samples), ratio_(ratio) {
  for (int distance = 0; distance < side_samples * ratio; ++distance)
    taps_.push_back(windowed_sinc(double(distance) / ratio, side_samples, window_b));
}

std::vector<double> Resampler::refine(const double* coarse) const {
  if (ratio_ == 1) return {coarse, coarse + samples_};
  std::vector<double> fine(fine_samples(), 0.);
  const int reach = int(taps_.size()) - 1;
  for (int sample = 0; sample < samples_; ++sample) {
    const int centre = sample * ratio_;
    const int begin = std::max(centre - reach, 0), end = std::min(centre + reach, fine_samples() - 1);
    for (int k = begin; k <= end; ++k) fine[k] += taps_[std::abs(k - centre)] * coarse[sample];
  }
  return fine;
}

std::vector<double> Resampler::refine_transposed(const double* fine) const {
  if (ratio_ == 1) return {fine, fine + samples_};
  std::vector<double> coarse(samples_);
  const int reach = int(taps_.size()) - 1;
  for (int sample = 0; sample < samples_; ++sample) {
    const int centre = sample * ratio_;
    const int begin = std::max(centre - reach, 0), end = std::min(centre + reach, fine_samples() - 1);
    double sum = 0;
    for (int k = begin; k <= end; ++k) sum += taps_[std::abs(k - centre)] * fine[k];
    coarse[sample] = sum;
  }
  return coarse;
}

}  // namespace fathom
