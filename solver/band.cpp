// SPDX-License-Identifier: BSD-3-Clause
#include "solver/band.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "solver/filter.hpp"

namespace fathom {
namespace {

std::vector<double> with_lead(const double* trace, int samples, int lead) {
  std::vector<double> longer(std::size_t(lead) + samples, 0.);
  std::copy(trace, trace + samples, longer.begin() + lead);
  return longer;
}

/// First sample at which a wavelet matters.
int onset(const std::vector<double>& wavelet) {
  double peak = 0;
  for (const double value : wavelet) peak = std::max(peak, std::abs(value));
  int first = 0;
  while (first + 1 < int(wavelet.size()) && std::abs(wavelet[first]) < 1e-3 * peak) ++first;
  return first;
}

std::vector<double> end_taper(int samples, int length) {
  std::vector<double> window(samples, 1.);
  length = std::min(length, samples / 5);
  for (int k = 0; k < length; ++k)
    window[samples - 1 - k] = 0.5 - 0.5 * std::cos(std::numbers::pi * (k + 0.5) / length);
  return window;
}

}  // namespace

Band make_band(const Survey& survey, const Gathers& observed, const StageOptions& stage) {
  const double step = survey.time.step;
  const BandFilter trial(survey.time, stage.min_frequency, stage.max_frequency);
  const int spread = int(std::ceil(trial.impulse_duration(0.001) / step));
  const TimeAxis longest{survey.time.start - spread * step, step, survey.time.samples + spread};
  const BandFilter filter(longest, stage.min_frequency, stage.max_frequency);
  std::vector<double> wavelet = with_lead(survey.wavelet.data(), survey.time.samples, spread);
  filter.apply(wavelet);
  const int skip = std::min(onset(wavelet), spread);

  Band band;
  band.survey = survey;
  band.survey.time = {longest.start + skip * step, step, longest.samples - skip};
  band.survey.wavelet.assign(wavelet.begin() + skip, wavelet.end());
  for (const auto& [shot, gather] : observed) {
    Gather filtered(band.survey.time, gather.receivers);
    for (int receiver = 0; receiver < gather.receivers; ++receiver) {
      std::vector<double> trace = with_lead(gather.trace(receiver), survey.time.samples, spread);
      filter.apply(trace);
      std::copy(trace.begin() + skip, trace.end(), filtered.trace(receiver));
    }
    band.observed.emplace(shot, std::move(filtered));
  }
  band.window = end_taper(band.survey.time.samples, int(std::ceil(filter.impulse_duration(0.01) / step)));
  band.max_frequency = spectrum_edge(band.survey.wavelet, band.survey.time, -20);
  band.nyquist_frequency = spectrum_edge(band.survey.wavelet, band.survey.time, -40);
  band.dominant_frequency = dominant_frequency(band.survey.wavelet, band.survey.time);
  return band;
}

Band make_band(const Survey& survey, const StageOptions& stage) {
  return make_band(survey, {}, stage);
}

PropagatorSetup stage_setup(const CaseOptions& options, const Band& band, const Grid& grid, double fastest,
                            double memory_share) {
  PropagatorSetup setup;
  setup.options = options.physics;
  setup.grid = grid;
  setup.time = band.survey.time;
  setup.fastest = fastest;
  setup.max_frequency = band.nyquist_frequency;
  setup.dominant_frequency = band.dominant_frequency;
  for (const Shot& shot : band.survey.shots)
    setup.receivers = std::max(setup.receivers, int(shot.receivers.size()));
  setup.memory_share = memory_share;
  return setup;
}

Grid stage_grid(const Grid& grid, const StageOptions& stage) {
  return stage.spacing ? with_spacing(grid, *stage.spacing) : grid;
}

VelocityBounds velocity_bounds(const BoundsOptions& options, const Model& start) {
  const std::vector<double> values = to_host(start.at("vp"));
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {options.min.value_or(0.65 * *low), options.max.value_or(1.25 * *high)};
}

}  // namespace fathom
