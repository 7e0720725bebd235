// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time_correction.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "physics/error.hpp"

namespace fathom {
namespace {

using std::numbers::pi;

constexpr double largest_sine = 0.8;  // of w dt / 2, at the limit of the band
constexpr double full_band = 0.8;     // share of the band below the limit that is not tapered

double leapfrog(double w, double step) {
  return 2 / step * std::sin(w * step / 2);
}
double inverse_leapfrog(double w, double step) {
  return 2 / step * std::asin(w * step / 2);
}

/// Modified Bessel function of the first kind of order 0, by its power series (of positive terms).
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= x * x / (4. * k * k);
    sum += term;
  }
  return sum;
}

/// The Kaiser-Bessel window over `taps` bins and its Fourier transform. The shape suits a transform that is
/// oversampled twice: the transform of the window falls off just before the first alias, at 3/4.
struct KaiserWindow {
  double taps;
  double shape = 0.75 * pi * taps;

  double operator()(double bins) const {
    const double x = 2 * bins / taps;
    return std::abs(x) < 1 ? bessel_i0(shape * std::sqrt(1 - x * x)) : 0;
  }
  double transform(double x) const {
    const double root = std::sqrt(shape * shape - pi * taps * x * pi * taps * x);
    return taps * std::sinh(root) / root;
  }
};

/// A trace stretches in time by up to 1 / cos(w dt / 2) of the band's limit; that has to fit into the
/// padding.
std::size_t padded(const TimeAxis& time) {
  const double farthest = std::max(std::abs(time.start), std::abs(time.start + time.duration()));
  const double stretch = 1 / std::sqrt(1 - largest_sine * largest_sine) - 1;
  constexpr int margin = 64;
  return std::size_t(time.samples) +
         std::max<std::size_t>(time.samples, margin + std::ceil(stretch * farthest / time.step));
}

}  // namespace

TimeCorrection::TimeCorrection(const TimeAxis& time, double propagator_step, Dispersion dispersion)
    : time_(time), propagator_step_(propagator_step), dispersion_(dispersion) {
  if (time.samples < 1 || !(time.step > 0) || !(propagator_step > 0))
    throw RunError("a correction of time dispersion needs a time axis with samples and positive steps");
  fourier_ = std::make_unique<Fourier>(padded(time));
  // The limit in the leapfrog's spectrum, and what it is in the exact one.
  const double simulated =
      std::min(pi / time.step, inverse_leapfrog(2 * largest_sine / propagator_step, propagator_step));
  const double exact = leapfrog(simulated, propagator_step);
  const bool impose = dispersion == Dispersion::impose;
  const double limit = impose ? simulated : exact;
  const double full = full_band * limit;
  max_frequency_ =
      (impose ? leapfrog(full, propagator_step) : inverse_leapfrog(full, propagator_step)) / (2 * pi);
  place_window();
  place_nodes(limit);
}

void TimeCorrection::place_window() {
  const KaiserWindow window{taps};
  const double centre = time_.samples / 2;
  for (int k = 0; k < time_.samples; ++k)
    compensation_.push_back(1 / window.transform((k - centre) / double(fourier_->length())));
}

/// For each frequency w of the transform that leads back: where to read the spectrum of what went in, and the
/// factor that carries the phases of the axis' start and of the centre that the window's transform is about.
void TimeCorrection::place_nodes(double limit) {
  const KaiserWindow window{taps};
  const double length = double(fourier_->length());
  const double spacing = 2 * pi / (length * time_.step);
  const double centre = time_.start + (time_.samples / 2) * time_.step;
  for (int j = 0; j * spacing < limit; ++j) {
    const double w = j * spacing;
    const double warped = dispersion_ == Dispersion::impose ? leapfrog(w, propagator_step_)
                                                            : inverse_leapfrog(w, propagator_step_);
    const double bin = warped / spacing;
    Node node;
    node.first = int(std::floor(bin)) - taps / 2 + 1;
    for (int tap = 0; tap < taps; ++tap) node.weights[tap] = window(bin - (node.first + tap));
    const double beyond = std::max(0., (w / limit - full_band) / (1 - full_band));
    const double taper = (1 + std::cos(pi * beyond)) / 2;
    node.factor = std::polar(taper / length, w * time_.start - warped * centre);
    nodes_.push_back(node);
  }
}

void TimeCorrection::apply(double* trace) const {
  const int length = int(fourier_->length());
  const int centre = time_.samples / 2;
  double* samples = fourier_->samples();
  std::complex<double>* spectrum = fourier_->spectrum();
  std::fill_n(samples, length, 0.);
  for (int k = 0; k < time_.samples; ++k)
    samples[k < centre ? k - centre + length : k - centre] = trace[k] * compensation_[k];
  fourier_->forward();

  std::vector<std::complex<double>> warped(fourier_->frequencies());
  for (std::size_t j = 0; j < nodes_.size(); ++j) {
    const Node& node = nodes_[j];
    std::complex<double> sum = 0;
    for (int tap = 0; tap < taps; ++tap) {
      const int bin = node.first + tap;  // the spectrum of a real signal is mirrored about 0 and Nyquist
      if (bin < 0)
        sum += node.weights[tap] * std::conj(spectrum[-bin]);
      else if (2 * bin > length)
        sum += node.weights[tap] * std::conj(spectrum[length - bin]);
      else
        sum += node.weights[tap] * spectrum[bin];
    }
    warped[j] = node.factor * sum;
  }
  std::copy(warped.begin(), warped.end(), spectrum);
  fourier_->backward();
  std::copy_n(samples, time_.samples, trace);
}

void TimeCorrection::apply_transpose(double* trace) const {
  const int length = int(fourier_->length());
  const int centre = time_.samples / 2;
  double* samples = fourier_->samples();
  std::complex<double>* spectrum = fourier_->spectrum();
  std::copy_n(trace, time_.samples, samples);
  std::fill(samples + time_.samples, samples + length, 0.);
  fourier_->forward();

  std::vector<std::complex<double>> spread(fourier_->frequencies());
  for (std::size_t j = 0; j < nodes_.size(); ++j) {
    const Node& node = nodes_[j];
    // `backward` counts each frequency twice, but for 0, where its transpose drops the imaginary part.
    const std::complex<double> value =
        std::conj(node.factor) * (j == 0 ? spectrum[0].real() : 2. * spectrum[j]);
    for (int tap = 0; tap < taps; ++tap) {
      const int bin = node.first + tap;
      if (bin < 0)
        spread[-bin] += node.weights[tap] * std::conj(value);
      else if (2 * bin > length)
        spread[length - bin] += node.weights[tap] * std::conj(value);
      else
        spread[bin] += node.weights[tap] * value;
    }
  }
  for (std::size_t j = 0; j < spread.size(); ++j)
    spectrum[j] = (j == 0 || j + 1 == spread.size()) ? spread[j].real() : spread[j] / 2.;
  fourier_->backward();
  for (int k = 0; k < time_.samples; ++k)
    trace[k] = samples[k < centre ? k - centre + length : k - centre] * compensation_[k];
}

void TimeCorrection::apply(std::vector<double>& wavelet) const {
  if (wavelet.size() != std::size_t(time_.samples))
    throw RunError("a wavelet to correct is not on the correction's time axis");
  apply(wavelet.data());
}

void TimeCorrection::apply(Gather& gather) const {
  if (gather.time != time_) throw RunError("a gather to correct is not on the correction's time axis");
  for (int receiver = 0; receiver < gather.receivers; ++receiver) apply(gather.trace(receiver));
}

void TimeCorrection::apply_transpose(std::vector<double>& wavelet) const {
  if (wavelet.size() != std::size_t(time_.samples))
    throw RunError("a wavelet to correct is not on the correction's time axis");
  apply_transpose(wavelet.data());
}

void TimeCorrection::apply_transpose(Gather& gather) const {
  if (gather.time != time_) throw RunError("a gather to correct is not on the correction's time axis");
  for (int receiver = 0; receiver < gather.receivers; ++receiver) apply_transpose(gather.trace(receiver));
}

}  // namespace fathom
