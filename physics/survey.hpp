// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "physics/grid.hpp"

namespace fathom {

/// Regular sampling in time, in seconds: start + k * step, k = 0 .. samples - 1.
struct TimeAxis {
  double start = 0;
  double step = 0;
  int samples = 0;

  bool operator==(const TimeAxis&) const = default;
  double duration() const { return (samples - 1) * step; }
};

/// Values of traces at receivers, [receiver][sample], sample fastest. For the acoustic equations: pressure,
/// with the source normalised so that m p_tt - laplace p = wavelet(t) delta(x - source).
struct Gather {
  TimeAxis time;
  int receivers = 0;
  std::vector<double> data;  ///< receivers * time.samples

  Gather() = default;
  Gather(const TimeAxis& axis, int count)
      : time(axis), receivers(count), data(std::size_t(count) * axis.samples, 0.) {}
  double* trace(int receiver) { return data.data() + std::size_t(receiver) * time.samples; }
  const double* trace(int receiver) const { return data.data() + std::size_t(receiver) * time.samples; }
};

/// A source set off together with a shot's own: its wavelet is the survey's times the amplitude.
struct Companion {
  Position source{};
  double amplitude = 1;
};

/// One source and the receivers that record it. The wavelet is sampled on the survey's time axis.
struct Shot {
  int id = 0;  ///< number in the survey, from 0
  Position source{};
  std::vector<Position> receivers;
  std::vector<Companion> companions{};  ///< of an encoded shot
};

/// All shots share one wavelet and one time axis.
struct Survey {
  TimeAxis time;
  std::vector<double> wavelet;  ///< time.samples values
  std::vector<Shot> shots;
};

/// Ricker wavelet of a peak frequency (Hz), of amplitude 1 at `delay` (s).
std::vector<double> ricker(const TimeAxis& time, double frequency, double delay);

}  // namespace fathom
