// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfits/adaptive.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "solver/fourier.hpp"
#include "solver/misfits/trace_scale.hpp"

namespace fathom {
namespace {

using Spectrum = std::vector<std::complex<double>>;

constexpr double silence = 1e-12;  // of the energy

class LagOfTrace {
 public:
  LagOfTrace(const TimeAxis& time, const AdaptiveOptions& options)
      : samples_(time.samples),
        water_level_(options.water_level),
        fourier_(2 * std::size_t(time.samples)),
        lags_(fourier_.length()) {
    const std::size_t length = fourier_.length();
    for (std::size_t k = 0; k < length; ++k) {
      const double lag = time.step * (double(k) - (2 * k > length ? double(length) : 0));
      lags_[k] = 2 * k == length   ? 0  // neither early nor late
                 : options.max_lag ? lag / std::hypot(1, lag / *options.max_lag)
                                   : lag;
    }
    for (const double lag : lags_) of_silence_ += 0.5 * lag * lag / double(length);
  }

  /// Half the mean squared lag of one trace; the adjoint source is written where there is one.
  double operator()(const double* predicted, const double* observed, double* source) {
    const Spectrum d = transform(observed), p = transform(predicted);
    const std::size_t count = d.size();
    double strongest = 0;
    for (const auto& value : d) strongest = std::max(strongest, std::norm(value));
    const double water = water_level_ * water_level_ * strongest;
    std::vector<double> gain(count);
    Spectrum v(count), g(count);
    for (std::size_t j = 0; j < count; ++j) {
      g[j] = gain[j] = std::norm(d[j]) / (std::norm(d[j]) + water);
      v[j] = std::conj(d[j]) * p[j] / (std::norm(d[j]) + water);
    }
    Spectrum z = lagged(v);
    const Spectrum slope = lagged(g);
    double lag_energy = 0, energy = 0, full_energy = 0;
    for (std::size_t j = 0; j < count; ++j) {
      z[j] = gain[j] * z[j] - slope[j] * v[j];
      lag_energy += twins(j) * std::norm(z[j]);
      energy += twins(j) * std::norm(gain[j] * v[j]);
      full_energy += twins(j) * std::pow(gain[j], 4);
    }
    if (!(energy > silence * full_energy)) return of_silence_;
    const double value = 0.5 * lag_energy / energy;
    Spectrum back(count);
    for (std::size_t j = 0; j < count; ++j) back[j] = gain[j] * z[j];
    back = lagged(back);  // the lag's multiplication is its own transpose
    for (std::size_t j = 0; j < count; ++j) {
      back[j] += -std::conj(slope[j]) * z[j] - 2 * value * gain[j] * gain[j] * v[j];
      back[j] *= d[j] / (std::norm(d[j]) + water) / energy;
    }
    const double* samples = inverse(back);
    std::copy_n(samples, samples_, source);
    return value;
  }

 private:
  /// How often a frequency occurs among positive and negative ones.
  double twins(std::size_t j) const { return j == 0 || j + 1 == fourier_.frequencies() ? 1 : 2; }

  Spectrum transform(const double* trace) {
    std::copy_n(trace, samples_, fourier_.samples());
    std::fill(fourier_.samples() + samples_, fourier_.samples() + fourier_.length(), 0.);
    return spectrum();
  }

  Spectrum spectrum() {
    fourier_.forward();
    return {fourier_.spectrum(), fourier_.spectrum() + fourier_.frequencies()};
  }

  /// Unnormalised: the transpose of transform(), for the inner product over positive and negative
  /// frequencies.
  const double* inverse(const Spectrum& of) {
    std::copy(of.begin(), of.end(), fourier_.spectrum());
    fourier_.backward();
    return fourier_.samples();
  }

  /// The spectrum of lag times v.
  Spectrum lagged(const Spectrum& of) {
    inverse(of);
    for (std::size_t k = 0; k < lags_.size(); ++k) fourier_.samples()[k] *= lags_[k] / double(lags_.size());
    return spectrum();
  }

  int samples_;
  double water_level_;
  Fourier fourier_;
  std::vector<double> lags_;  // s, those of the second half negative
  double of_silence_ = 0;
};

}  // namespace

void AdaptiveOptions::describe(OptionVisitor& option) {
  option("water_level", water_level,
         {.meaning = "amplitude below which a frequency of an observed trace has no say, relative to the "
                     "largest",
          .min = 1e-6,
          .max = 10});
  option("max_lag", max_lag,
         {.meaning = "lag beyond which the misfit levels off; absent: never",
          .unit = "s",
          .min = 1e-6,
          .max = 1000});
}

double Adaptive::value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                          Gather& adjoint_source) const {
  adjoint_source = Gather(predicted.time, predicted.receivers);
  const TraceScale scale(observed);
  LagOfTrace lag(predicted.time, options_);
  double value = 0;
  for (int receiver = 0; receiver < predicted.receivers; ++receiver)
    if (!scale.quiet[receiver])
      value += lag(predicted.trace(receiver), observed.trace(receiver), adjoint_source.trace(receiver));
  return value;
}

}  // namespace fathom
