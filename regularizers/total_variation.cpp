// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/total_variation.hpp"

#include <utility>

#include "physics/error.hpp"

namespace fathom {

TotalVariation::TotalVariation(Variation variation, double eps)
    : variation_(std::move(variation)), eps_(Real(eps)) {
  if (!(eps > 0)) throw UserError("the smoothing eps of total variation must be positive", "raise eps");
}

double TotalVariation::value_and_gradient(const Model& u, Model& gradient) const {
  const Grid& grid = u.grid;
  const Variation::Balls balls = variation_.balls();
  const Differences difference(grid);
  const Real eps = eps_, volume = Real(grid.cell_volume());
  const VectorField pull = make_vector_field("envelope's gradient", grid);
  double value = 0;
  for (const auto& [name, field] : u.properties) {
    const Field values = field, slope = gradient.at(name);
    value += grid.cell_volume() * sum_over_cells(
                                      "envelope", grid, KOKKOS_LAMBDA(int ix, int iy, int iz, double& sum) {
                                        const CellVector z = difference(values, ix, iy, iz);
                                        const CellVector q = balls.closest(z * (1 / eps), 1, ix, iy, iz);
                                        set_vector(pull, ix, iy, iz, q);
                                        sum += double(q.dot(z) - eps / 2 * q.dot(q));
                                      });
    for_each_cell(
        "envelope's pull", grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
          slope(ix, iy, iz) += volume * difference.transpose(pull, ix, iy, iz);
        });
  }
  return value;
}

}  // namespace fathom
