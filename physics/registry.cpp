// SPDX-License-Identifier: BSD-3-Clause
#include "physics/registry.hpp"

#include "physics/equations/acoustic.hpp"
#include "physics/equations/acoustic_density.hpp"
#include "physics/wave_equation.hpp"

namespace fathom {

const Registry<WaveEquation, const Domain&, int>& wave_equations() {
  static const Registry<WaveEquation, const Domain&, int> table(
      "wave equation", {{"acoustic", "constant density: vp", make_acoustic},
                        {"acoustic_density", "varying density: vp, rho", make_acoustic_density}});
  return table;
}

}  // namespace fathom
