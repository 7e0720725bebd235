// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfits/normalised_correlation.hpp"

#include <cmath>

#include "solver/misfits/trace_scale.hpp"

namespace fathom {
namespace {

double norm(const double* trace, int samples) {
  double sum = 0;
  for (int k = 0; k < samples; ++k) sum += trace[k] * trace[k];
  return std::sqrt(sum);
}

}  // namespace

double NormalisedCorrelation::value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                                       Gather& adjoint_source) const {
  constexpr double silence = 1e-6;
  adjoint_source = Gather(predicted.time, predicted.receivers);
  const TraceScale scale(observed);
  const int samples = predicted.time.samples;
  double value = 0;
  for (int receiver = 0; receiver < predicted.receivers; ++receiver) {
    if (scale.quiet[receiver]) continue;
    const double *p = predicted.trace(receiver), *d = observed.trace(receiver);
    const double p_norm = norm(p, samples), d_norm = norm(d, samples);
    if (!(p_norm > silence * d_norm)) {
      value += 1;
      continue;
    }
    double* source = adjoint_source.trace(receiver);
    double squared = 0, along = 0;
    for (int k = 0; k < samples; ++k) {
      source[k] = p[k] / p_norm - d[k] / d_norm;
      squared += source[k] * source[k];
      along += source[k] * p[k] / p_norm;
    }
    for (int k = 0; k < samples; ++k) source[k] = (source[k] - along * p[k] / p_norm) / p_norm;
    value += 0.5 * squared;
  }
  return value;
}

}  // namespace fathom
