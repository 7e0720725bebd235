// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/tikhonov.hpp"

namespace fathom {

double Tikhonov::value_and_gradient(const Model& u, Model& gradient) const {
  const Grid grid = u.grid;
  double value = 0;
  for (const auto& [name, field] : u.properties) {
    const Field values = field, slope = gradient.at(name);
    for (int axis = 0; axis < 3; ++axis) {
      if (!grid.active(axis)) continue;
      const int ax = axis == 0, ay = axis == 1, az = axis == 2;
      const int last = grid.size[axis] - 1;
      const Real scale = Real(grid.cell_volume() / (grid.spacing[axis] * grid.spacing[axis]));
      double sum = 0;
      // Each cell gathers the pull of both its neighbours, D^T D u, so that no two iterations write to one
      // place.
      Kokkos::parallel_reduce(
          "tikhonov",
          Kokkos::MDRangePolicy<Kokkos::Rank<3>>({0, 0, 0}, {grid.size[0], grid.size[1], grid.size[2]}),
          KOKKOS_LAMBDA(int ix, int iy, int iz, double& partial) {
            const int place = ax ? ix : ay ? iy : iz;
            const Real here = values(ix, iy, iz);
            Real pull = 0;
            if (place < last) {
              const Real rise = values(ix + ax, iy + ay, iz + az) - here;
              partial += 0.5 * double(scale) * double(rise) * double(rise);
              pull -= rise;
            }
            if (place > 0) pull += here - values(ix - ax, iy - ay, iz - az);
            slope(ix, iy, iz) += scale * pull;
          },
          sum);
      value += sum;
    }
  }
  return value;
}

}  // namespace fathom
