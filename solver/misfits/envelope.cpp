// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfits/envelope.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "solver/fourier.hpp"
#include "solver/misfits/trace_scale.hpp"

namespace fathom {
namespace {

/// H: a convolution with an odd impulse response, of a trace that is continued by as many zeros and cut off.
class HilbertTransform {
 public:
  explicit HilbertTransform(int samples) : samples_(samples), fourier_(2 * std::size_t(samples)) {}

  std::vector<double> operator()(const double* trace) {
    std::copy_n(trace, samples_, fourier_.samples());
    std::fill(fourier_.samples() + samples_, fourier_.samples() + fourier_.length(), 0.);
    fourier_.forward();
    const std::size_t last = fourier_.frequencies() - 1;
    fourier_.spectrum()[0] = fourier_.spectrum()[last] = 0;
    for (std::size_t j = 1; j < last; ++j)
      fourier_.spectrum()[j] *= std::complex<double>(0, -1 / double(fourier_.length()));
    fourier_.backward();
    return {fourier_.samples(), fourier_.samples() + samples_};
  }

 private:
  int samples_;
  Fourier fourier_;
};

}  // namespace

void EnvelopeOptions::describe(OptionVisitor& option) {
  option("floor", floor,
         {.meaning = "added to envelopes (in quadrature), relative to the typical rms of the shot's observed "
                     "traces: where the prediction is weaker, its phase is not trusted",
          .min = 1e-6,
          .max = 10});
}

double Envelope::value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                          Gather& adjoint_source) const {
  adjoint_source = Gather(predicted.time, predicted.receivers);
  const double floor = options_.floor * TraceScale(observed).typical;
  if (!(floor > 0)) return 0;
  const int samples = predicted.time.samples;
  HilbertTransform hilbert(samples);
  std::vector<double> quadrature_source(samples);
  double sum = 0;
  for (int receiver = 0; receiver < predicted.receivers; ++receiver) {
    const double *p = predicted.trace(receiver), *d = observed.trace(receiver);
    const std::vector<double> p_quadrature = hilbert(p), d_quadrature = hilbert(d);
    double* source = adjoint_source.trace(receiver);
    for (int k = 0; k < samples; ++k) {
      const double envelope = std::hypot(p[k], p_quadrature[k], floor);
      const double residual = envelope - std::hypot(d[k], d_quadrature[k], floor);
      sum += residual * residual;
      source[k] = residual / envelope * p[k];
      quadrature_source[k] = residual / envelope * p_quadrature[k];
    }
    const std::vector<double> back = hilbert(quadrature_source.data());
    for (int k = 0; k < samples; ++k) source[k] = (source[k] - back[k]) * predicted.time.step;
  }
  return 0.5 * predicted.time.step * sum;
}

}  // namespace fathom
