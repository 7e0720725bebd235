// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "physics/domain.hpp"
#include "physics/survey.hpp"
#include "physics/wave_equation.hpp"

namespace fathom {

/// Sources or receivers anywhere in the model, on grid points or between them.
///
/// A point is spread over 8 cells along each active axis by a Kaiser-windowed sinc, half-width 4, b = 4.14
/// (Hicks, Geophysics 67, 2002); one that lies on a grid line needs one cell across it. At a free surface the
/// cells above it are odd images of those below. Injection is the exact transpose of sampling.
class Points {
 public:
  /// Throws UserError for a position outside the model.
  Points(const Domain& domain, const std::vector<Position>& positions);
  /// A shot's source, which its companions belong to: one point, though in several places.
  static Points source_of(const Domain& domain, const Shot& shot);

  int count() const { return count_; }
  /// values[point] = u(position).
  void sample(const Field& u, Real* values) const;
  /// u += scale * sum over points of factor * values[point] * delta(cell - position), delta having the sum 1
  /// (not the integral). With a snapshot, the same is added to its first field.
  void inject(const Field& u, const Field& scale, const Real* values, Real factor,
              Snapshot snapshot = {}) const;

 private:
  /// A point is a sum of amplitudes in places.
  Points(const Domain& domain, const std::vector<std::vector<Companion>>& points);

  using Indices = Kokkos::View<int*>;
  using Numbers = Kokkos::View<Real*>;

  int count_;
  Indices point_begin_, point_cell_;  // sampling: the cells of each point
  Numbers point_weight_;
  Indices cell_, cell_plain_, cell_begin_, cell_point_;  // injection: the points of each cell
  Numbers cell_weight_;
};

}  // namespace fathom
