// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/guides/guides.hpp"

namespace fathom {

Guidance NoGuide::advise(const Situation& situation) const {
  return {situation.velocity.grid, {}, {}, {}, {}};
}

Guidance Hinge::advise(const Situation& situation) const {
  const Grid& grid = situation.velocity.grid;
  Guidance guidance{grid, {}, make_vector_field("hinge", grid), {}, {}};
  Kokkos::deep_copy(guidance.p.z, Real(-gamma_));
  return guidance;
}

}  // namespace fathom
