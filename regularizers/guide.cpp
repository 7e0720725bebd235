// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/guide.hpp"

namespace fathom {

Guidance for_falling_parameter(const Guidance& of_velocity) {
  Guidance flipped = of_velocity;
  if (!of_velocity.steered()) return flipped;
  flipped.p = make_vector_field("steering", of_velocity.grid);
  const VectorField from = of_velocity.p, to = flipped.p;
  for_each_cell(
      "flip steering", of_velocity.grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        set_vector(to, ix, iy, iz, vector_at(from, ix, iy, iz) * Real(-1));
      });
  return flipped;
}

}  // namespace fathom
