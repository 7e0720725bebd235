// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfits/student_t.hpp"

#include <cmath>

#include "solver/misfits/trace_scale.hpp"

namespace fathom {

void StudentTOptions::describe(OptionVisitor& option) {
  option("degrees", degrees,
         {.meaning = "degrees of freedom: the fewer, the less an outlier pulls", .min = 0.5, .max = 1e3});
  option("scale", scale,
         {.meaning = "residual that is common, relative to the typical rms of the shot's observed traces",
          .min = 1e-3,
          .max = 1e3});
}

double StudentT::value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                          Gather& adjoint_source) const {
  adjoint_source = Gather(predicted.time, predicted.receivers);
  const double scale = options_.scale * TraceScale(observed).typical;
  const double breadth = options_.degrees * scale * scale;
  if (!(breadth > 0)) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < predicted.data.size(); ++i) {
    const double residual = predicted.data[i] - observed.data[i];
    const double share = residual * residual / breadth;
    sum += std::log1p(share);
    adjoint_source.data[i] = predicted.time.step * residual / (1 + share);
  }
  return 0.5 * predicted.time.step * breadth * sum;
}

}  // namespace fathom
