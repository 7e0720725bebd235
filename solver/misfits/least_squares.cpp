// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfits/least_squares.hpp"

namespace fathom {

double LeastSquares::value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                              Gather& adjoint_source) const {
  adjoint_source = Gather(predicted.time, predicted.receivers);
  double sum = 0;
  for (std::size_t i = 0; i < predicted.data.size(); ++i) {
    const double residual = predicted.data[i] - observed.data[i];
    sum += residual * residual;
    adjoint_source.data[i] = residual * predicted.time.step;
  }
  return 0.5 * predicted.time.step * sum;
}

}  // namespace fathom
