// SPDX-License-Identifier: BSD-3-Clause
#include "solver/filter.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr double relative_half_width = 0.6;

/// From 1 to 0 as x goes from -1 to 1, 0.5 in the middle, flat to second order at the ends.
double way_down(double x) {
  const double s = std::clamp((x + 1) / 2, 0., 1.);
  return 1 - s * s * s * (10 + s * (6 * s - 15));
}

/// A transform long enough that neither a trace nor the impulse response of the transitions wraps around.
std::size_t padded(const TimeAxis& time, double narrowest) {
  const double ringing = std::isfinite(narrowest) && narrowest > 0 ? 4 / narrowest : 0;
  return std::size_t(time.samples) + std::max<std::size_t>(time.samples, std::ceil(ringing / time.step));
}

struct AmplitudeSpectrum {
  double spacing = 0;  ///< Hz
  std::vector<double> values;
  std::size_t peak = 0;
};

AmplitudeSpectrum amplitude_spectrum(const std::vector<double>& wavelet, const TimeAxis& time) {
  constexpr std::size_t oversampling = 16;  // the spectrum between the frequencies of the trace's length
  Fourier fourier(oversampling * wavelet.size());
  std::copy(wavelet.begin(), wavelet.end(), fourier.samples());
  fourier.forward();
  AmplitudeSpectrum amplitude{1 / (double(fourier.length()) * time.step), {}, 0};
  amplitude.values.reserve(fourier.frequencies());
  for (std::size_t j = 0; j < fourier.frequencies(); ++j)
    amplitude.values.push_back(std::abs(fourier.spectrum()[j]));
  const auto peak = std::max_element(amplitude.values.begin(), amplitude.values.end());
  amplitude.peak = std::size_t(peak - amplitude.values.begin());
  return amplitude;
}

}  // namespace

BandFilter::BandFilter(const TimeAxis& time, double min_frequency, double max_frequency)
    : time_(time), min_frequency_(min_frequency), max_frequency_(max_frequency) {
  if (!(min_frequency >= 0) || !(max_frequency > min_frequency))
    throw UserError("a band from " + std::to_string(min_frequency) + " to " + std::to_string(max_frequency) +
                        " Hz is empty",
                    "choose 0 <= min_frequency < max_frequency");
  if (time.samples < 1 || !(time.step > 0)) throw RunError("a band filter needs a time axis with samples");
  low_width_ = std::min(relative_half_width * min_frequency, max_frequency - min_frequency);
  high_width_ = std::isfinite(max_frequency)
                    ? std::min(relative_half_width * max_frequency, max_frequency - min_frequency)
                    : 0;
  fourier_ = std::make_unique<Fourier>(padded(time, low_width_ > 0 ? low_width_ : high_width_));
  const double spacing = 1 / (double(fourier_->length()) * time.step);
  gains_.reserve(fourier_->frequencies());
  for (std::size_t j = 0; j < fourier_->frequencies(); ++j)
    gains_.push_back(gain(double(j) * spacing) / double(fourier_->length()));
}

double BandFilter::gain(double frequency) const {
  const double f = std::abs(frequency);
  const double low = low_width_ > 0 ? way_down((min_frequency_ - f) / low_width_) : 1;
  const double high = high_width_ > 0 ? way_down((f - max_frequency_) / high_width_) : 1;
  return low * high;
}

void BandFilter::apply(double* trace) const {
  double* samples = fourier_->samples();
  std::copy_n(trace, time_.samples, samples);
  std::fill(samples + time_.samples, samples + fourier_->length(), 0.);
  fourier_->forward();
  for (std::size_t j = 0; j < gains_.size(); ++j) fourier_->spectrum()[j] *= gains_[j];
  fourier_->backward();
  std::copy_n(samples, time_.samples, trace);
}

void BandFilter::apply(std::vector<double>& wavelet) const {
  if (wavelet.size() != std::size_t(time_.samples))
    throw RunError("a wavelet to filter is not on the filter's time axis");
  apply(wavelet.data());
}

void BandFilter::apply(Gather& gather) const {
  if (gather.time != time_) throw RunError("a gather to filter is not on the filter's time axis");
  for (int receiver = 0; receiver < gather.receivers; ++receiver) apply(gather.trace(receiver));
}

double BandFilter::frequency_at(double decibel) const {
  if (!(high_width_ > 0)) return std::numeric_limits<double>::infinity();
  const double level = std::pow(10., decibel / 20);
  double above = -1, below = 1;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (above + below) / 2;
    (way_down(middle) > level ? above : below) = middle;
  }
  return max_frequency_ + below * high_width_;
}

double BandFilter::impulse_duration(double level) const {
  const double narrowest = low_width_ > 0 && high_width_ > 0 ? std::min(low_width_, high_width_)
                                                             : std::max(low_width_, high_width_);
  if (!(narrowest > 0)) return 0;
  Fourier response(std::size_t(std::ceil(40 / (narrowest * time_.step))));
  const double spacing = 1 / (double(response.length()) * time_.step);
  for (std::size_t j = 0; j < response.frequencies(); ++j) response.spectrum()[j] = gain(double(j) * spacing);
  response.backward();
  std::size_t last = response.length() / 2;
  while (last > 0 && std::abs(response.samples()[last]) <= level * response.samples()[0]) --last;
  return double(last + 1) * time_.step;
}

double BandFilter::noise_gain() const {
  const double length = double(fourier_->length());
  double sum = 0;
  for (std::size_t j = 0; j < gains_.size(); ++j) {
    const bool alone = j == 0 || j + 1 == gains_.size();  // without a twin at the negative frequency
    sum += (alone ? 1 : 2) * gains_[j] * gains_[j];
  }
  return std::sqrt(sum * length);
}

double spectrum_edge(const std::vector<double>& wavelet, const TimeAxis& time, double decibel) {
  const AmplitudeSpectrum amplitude = amplitude_spectrum(wavelet, time);
  const double level = amplitude.values[amplitude.peak] * std::pow(10., decibel / 20);
  std::size_t last = amplitude.values.size() - 1;
  while (last > amplitude.peak && amplitude.values[last] < level) --last;
  return double(last) * amplitude.spacing;
}

double dominant_frequency(const std::vector<double>& wavelet, const TimeAxis& time) {
  const AmplitudeSpectrum amplitude = amplitude_spectrum(wavelet, time);
  return double(amplitude.peak) * amplitude.spacing;
}

}  // namespace fathom
