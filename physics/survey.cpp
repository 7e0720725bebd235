// SPDX-License-Identifier: BSD-3-Clause
#include "physics/survey.hpp"

#include <cmath>
#include <numbers>

namespace fathom {

std::vector<double> ricker(const TimeAxis& time, double frequency, double delay) {
  std::vector<double> wavelet(time.samples);
  for (int sample = 0; sample < time.samples; ++sample) {
    const double t = time.start + sample * time.step - delay;
    const double square = std::pow(std::numbers::pi * frequency * t, 2);
    wavelet[sample] = (1 - 2 * square) * std::exp(-square);
  }
  return wavelet;
}

}  // namespace fathom
