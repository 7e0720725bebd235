// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfit.hpp"
#include "solver/misfits/least_squares.hpp"

namespace fathom {

const Registry<Misfit>& misfits() {
  static const Registry<Misfit> table("misfit", {{"least_squares", "half the squared residual",
                                                  [] { return std::make_unique<LeastSquares>(); }}});
  return table;
}

}  // namespace fathom
