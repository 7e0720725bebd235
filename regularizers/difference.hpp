// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The discrete gradient D of every functional here: forward differences at physical spacing, zero in the last
// row of an axis and along axes with one cell. The divergence is -D^T exactly: <D u, q> = <u, D^T q>.

#include <cmath>
#include <string>

#include "physics/field.hpp"
#include "physics/grid.hpp"

namespace fathom {

/// A vector a cell; all three components are allocated, those along axes with one cell stay zero.
struct VectorField {
  Field x, y, z;

  Field& operator[](int axis) { return axis == 0 ? x : axis == 1 ? y : z; }
  const Field& operator[](int axis) const { return axis == 0 ? x : axis == 1 ? y : z; }
};

VectorField make_vector_field(const std::string& label, const Grid& grid);

struct CellVector {
  Real x, y, z;

  KOKKOS_INLINE_FUNCTION CellVector operator+(const CellVector& b) const {
    return {x + b.x, y + b.y, z + b.z};
  }
  KOKKOS_INLINE_FUNCTION CellVector operator-(const CellVector& b) const {
    return {x - b.x, y - b.y, z - b.z};
  }
  KOKKOS_INLINE_FUNCTION CellVector operator*(Real factor) const {
    return {factor * x, factor * y, factor * z};
  }
  KOKKOS_INLINE_FUNCTION Real dot(const CellVector& b) const { return x * b.x + y * b.y + z * b.z; }
  KOKKOS_INLINE_FUNCTION Real length() const { return std::sqrt(dot(*this)); }
};

/// D and its transpose, cell by cell, for use inside kernels.
struct Differences {
  int nx, ny, nz;
  Real per_x, per_y, per_z;  // 1/m, zero along axes with one cell

  explicit Differences(const Grid& grid)
      : nx(grid.size[0]),
        ny(grid.size[1]),
        nz(grid.size[2]),
        per_x(grid.active(0) ? Real(1 / grid.spacing[0]) : Real(0)),
        per_y(grid.active(1) ? Real(1 / grid.spacing[1]) : Real(0)),
        per_z(grid.active(2) ? Real(1 / grid.spacing[2]) : Real(0)) {}

  /// (D u) of a cell.
  template <class U>
  KOKKOS_INLINE_FUNCTION CellVector operator()(const U& u, int ix, int iy, int iz) const {
    const Real here = u(ix, iy, iz);
    return {ix + 1 < nx ? per_x * (u(ix + 1, iy, iz) - here) : Real(0),
            iy + 1 < ny ? per_y * (u(ix, iy + 1, iz) - here) : Real(0),
            iz + 1 < nz ? per_z * (u(ix, iy, iz + 1) - here) : Real(0)};
  }

  /// (D^T q) of a cell.
  KOKKOS_INLINE_FUNCTION Real transpose(const VectorField& q, int ix, int iy, int iz) const {
    Real sum = 0;
    if (ix > 0) sum += per_x * q.x(ix - 1, iy, iz);
    if (ix + 1 < nx) sum -= per_x * q.x(ix, iy, iz);
    if (iy > 0) sum += per_y * q.y(ix, iy - 1, iz);
    if (iy + 1 < ny) sum -= per_y * q.y(ix, iy, iz);
    if (iz > 0) sum += per_z * q.z(ix, iy, iz - 1);
    if (iz + 1 < nz) sum -= per_z * q.z(ix, iy, iz);
    return sum;
  }
};

KOKKOS_INLINE_FUNCTION CellVector vector_at(const VectorField& q, int ix, int iy, int iz) {
  return {q.x(ix, iy, iz), q.y(ix, iy, iz), q.z(ix, iy, iz)};
}
KOKKOS_INLINE_FUNCTION void set_vector(const VectorField& q, int ix, int iy, int iz,
                                       const CellVector& value) {
  q.x(ix, iy, iz) = value.x;
  q.y(ix, iy, iz) = value.y;
  q.z(ix, iy, iz) = value.z;
}

/// D u, in the unit of u per metre.
VectorField differences_of(const Field& u, const Grid& grid);
/// -D^T q, in the unit of q per metre.
Field divergence_of(const VectorField& q, const Grid& grid);

/// Sum over all cells of what body(ix, iy, iz, sum) adds, in double. One thread walks a row of cells along z,
/// so that the sum of a row has one order.
template <class Body>
double sum_over_cells(const char* label, const Grid& grid, const Body& body) {
  const int ny = grid.size[1], nz = grid.size[2];
  double sum = 0;
  Kokkos::parallel_reduce(
      label, Kokkos::RangePolicy<>(0, grid.size[0] * ny),
      KOKKOS_LAMBDA(int row, double& total) {
        double along = 0;
        for (int iz = 0; iz < nz; ++iz) body(row / ny, row % ny, iz, along);
        total += along;
      },
      sum);
  return sum;
}

/// body(ix, iy, iz) for all cells.
template <class Body>
void for_each_cell(const char* label, const Grid& grid, const Body& body) {
  const int ny = grid.size[1], nz = grid.size[2];
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<>(0, grid.size[0] * ny), KOKKOS_LAMBDA(int row) {
        for (int iz = 0; iz < nz; ++iz) body(row / ny, row % ny, iz);
      });
}

}  // namespace fathom
