// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/difference.hpp"

namespace fathom {

VectorField make_vector_field(const std::string& label, const Grid& grid) {
  return {make_field(label + " x", grid), make_field(label + " y", grid), make_field(label + " z", grid)};
}

VectorField differences_of(const Field& u, const Grid& grid) {
  const VectorField result = make_vector_field("differences", grid);
  const Field values = u;
  const Differences difference(grid);
  for_each_cell(
      "differences", grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        set_vector(result, ix, iy, iz, difference(values, ix, iy, iz));
      });
  return result;
}

Field divergence_of(const VectorField& q, const Grid& grid) {
  const Field result = make_field("divergence", grid);
  const VectorField from = q;
  const Differences difference(grid);
  for_each_cell(
      "divergence", grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        result(ix, iy, iz) = -difference.transpose(from, ix, iy, iz);
      });
  return result;
}

}  // namespace fathom
