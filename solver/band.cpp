// SPDX-License-Identifier: BSD-3-Clause
#include "solver/band.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "physics/error.hpp"
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

/// Every k-th sample.
TimeAxis thinned(const TimeAxis& time, int k) {
  return {time.start, k * time.step, 1 + (time.samples - 1) / k};
}

void thin(const double* trace, int k, int samples, double* kept) {
  for (int sample = 0; sample < samples; ++sample) kept[sample] = trace[std::size_t(sample) * k];
}

/// The k with which a propagation takes the fewest steps.
int best_thinning(PropagatorSetup setup, double highest_frequency) {
  const TimeAxis time = setup.time;
  const int most = int(0.35 / (highest_frequency * time.step));
  int best = 1, fewest = 0;
  try {
    for (int k = 1; k <= std::max(most, 1); ++k) {
      setup.time = thinned(time, k);
      const int steps = Propagator(setup).time_steps();
      if (k == 1 || steps < fewest) best = k, fewest = steps;
    }
  } catch (const UserError&) {  // it will be met again where the propagator is made in earnest
    return 1;
  }
  return best;
}

Band filtered(const Survey& survey, const Gathers& observed, const StageOptions& stage) {
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

void thin(Band& band, int k) {
  if (k == 1) return;
  const TimeAxis time = thinned(band.survey.time, k);
  const auto keep = [&](std::vector<double>& trace) {
    std::vector<double> kept(time.samples);
    thin(trace.data(), k, time.samples, kept.data());
    trace = std::move(kept);
  };
  keep(band.survey.wavelet);
  keep(band.window);
  for (auto& [shot, gather] : band.observed) {
    Gather kept(time, gather.receivers);
    for (int receiver = 0; receiver < gather.receivers; ++receiver)
      thin(gather.trace(receiver), k, time.samples, kept.trace(receiver));
    gather = std::move(kept);
  }
  band.survey.time = time;
}

}  // namespace

Band make_band(const Case& the_case, const StageOptions& stage, double fastest, const Gathers& observed) {
  Band band = filtered(the_case.survey, observed, stage);
  const BandFilter filter(the_case.survey.time, stage.min_frequency, stage.max_frequency);
  const PropagatorSetup setup =
      stage_setup(the_case.options, band, stage_grid(the_case.start.grid, stage), fastest);
  thin(band, best_thinning(setup, filter.frequency_at(-100)));
  return band;
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
