// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/variation.hpp"

namespace fathom {
namespace {

constexpr Real least_theta = Real(1e-3);

/// Theta in (0, 1].
Field bounded_theta(const Guidance& guidance) {
  const Field from = guidance.theta, to = make_field("theta", guidance.grid);
  for_each_cell(
      "bound theta", guidance.grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        const Real theta = from(ix, iy, iz);
        to(ix, iy, iz) = theta > 1 ? Real(1) : theta > least_theta ? theta : least_theta;
      });
  return to;
}

/// |P| <= 0.95 Theta, along the axes that have more than one cell.
VectorField bounded_steering(const Guidance& guidance, const Variation::Balls& balls) {
  const Grid& grid = guidance.grid;
  const VectorField from = guidance.p, to = make_vector_field("steering", grid);
  const Real along_x = grid.active(0), along_y = grid.active(1), along_z = grid.active(2);
  for_each_cell(
      "bound steering", grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        CellVector p = vector_at(from, ix, iy, iz);
        p = {along_x * p.x, along_y * p.y, along_z * p.z};
        const Real length = p.length(), most = Real(largest_steering) * balls.radius(ix, iy, iz);
        set_vector(to, ix, iy, iz, length > most ? p * (most / length) : p);
      });
  return to;
}

}  // namespace

Variation::Variation(const Guidance& guidance) {
  balls_.weighted = guidance.weighted();
  balls_.steered = guidance.steered();
  if (balls_.weighted) balls_.theta = bounded_theta(guidance);
  if (balls_.steered) balls_.p = bounded_steering(guidance, balls_);
}

double Variation::value(const Field& u, const Grid& grid) const {
  const Field values = u;
  const Balls balls = balls_;
  const Differences difference(grid);
  return grid.cell_volume() *
         sum_over_cells(
             "variation", grid, KOKKOS_LAMBDA(int ix, int iy, int iz, double& sum) {
               const CellVector z = difference(values, ix, iy, iz);
               sum += double(balls.radius(ix, iy, iz) * z.length() + balls.centre(ix, iy, iz).dot(z));
             });
}

}  // namespace fathom
