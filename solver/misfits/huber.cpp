// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfits/huber.hpp"

#include <algorithm>
#include <cmath>

#include "solver/misfits/trace_scale.hpp"

namespace fathom {

void HuberOptions::describe(OptionVisitor& option) {
  option("threshold", threshold,
         {.meaning = "residual from which on the misfit grows linearly, relative to the typical rms of the "
                     "shot's observed traces",
          .min = 1e-3,
          .max = 1e3});
}

double Huber::value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                       Gather& adjoint_source) const {
  adjoint_source = Gather(predicted.time, predicted.receivers);
  const double threshold = options_.threshold * TraceScale(observed).typical;
  double sum = 0;
  for (std::size_t i = 0; i < predicted.data.size(); ++i) {
    const double residual = predicted.data[i] - observed.data[i],
                 clipped = std::clamp(residual, -threshold, threshold);
    sum += clipped * (residual - 0.5 * clipped);
    adjoint_source.data[i] = clipped * predicted.time.step;
  }
  return predicted.time.step * sum;
}

}  // namespace fathom
