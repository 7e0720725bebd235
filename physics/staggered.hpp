// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Staggered grids: first derivatives between cells and the points halfway to the next cell (which have the
// number of the cell before them), means of a property halfway, and the absorbing layer of boundary.hpp.
//
// With L = -D^T beta D in the place of the Laplacian, the layer stretches each of the two derivatives where
// it lives, so that its memory reaches no further than its cells:
//
//     psi  <- b psi  + a D u                             halfway
//     zeta <- b zeta + a r,   r = -D^T beta (D u + psi)  at the cells
//     L u  becomes  r + zeta
//
// and transposed
//
//     tau   <- b tau   + a mu                            at the cells
//     sigma <- b sigma + a g,   g = beta D (mu + tau)    halfway
//     L mu  becomes  -D^T (g + sigma)

#include <array>
#include <cmath>
#include <cstddef>

#include "physics/boundary.hpp"
#include "physics/domain.hpp"
#include "physics/sweep.hpp"

namespace fathom {

/// Weights of the first derivative halfway between two points, of order 2 * R at unit spacing (Fornberg,
/// 1988): of the points 1/2, 3/2, ... ahead; those behind have the opposite sign.
template <int R>
struct StaggeredWeights;

template <>
struct StaggeredWeights<1> {
  static constexpr std::array<double, 1> first{1.};
};
template <>
struct StaggeredWeights<2> {
  static constexpr std::array<double, 2> first{9. / 8, -1. / 24};
};
template <>
struct StaggeredWeights<4> {
  static constexpr std::array<double, 4> first{1225. / 1024, -245. / 3072, 49. / 5120, -5. / 7168};
};

/// The sum of the absolute weights on one side. Leapfrog with D^T D in the place of -laplace is stable up to
/// the Courant number v dt sqrt(sum 1/h^2) of one over it: 1, 0.857, 0.777 for orders 2, 4, 8.
template <int R>
double staggered_strength() {
  double sum = 0;
  for (const double weight : StaggeredWeights<R>::first) sum += std::abs(weight);
  return sum;
}

/// First derivatives along one axis. `fixed` is the stride where it is known when compiling, or 0.
template <int R, int fixed = 0>
struct Staggered {
  std::ptrdiff_t stride_ = fixed;
  Real weight_[R] = {};

  Staggered() = default;
  Staggered(std::ptrdiff_t stride, double spacing) : stride_(stride) {
    for (int k = 0; k < R; ++k) weight_[k] = Real(StaggeredWeights<R>::first[k] / spacing);
  }

  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t stride() const { return fixed ? fixed : stride_; }
  /// D: from values at cells to the point halfway to the next cell.
  KOKKOS_FORCEINLINE_FUNCTION Real after(const Real* u) const {
    Real sum = 0;
#pragma GCC unroll 4
    for (int k = 0; k < R; ++k) sum += weight_[k] * (u[(k + 1) * stride()] - u[-k * stride()]);
    return sum;
  }
  /// -D^T: from values halfway to the cell between them.
  KOKKOS_FORCEINLINE_FUNCTION Real before(const Real* f) const {
    Real sum = 0;
#pragma GCC unroll 4
    for (int k = 0; k < R; ++k) sum += weight_[k] * (f[k * stride()] - f[-(k + 1) * stride()]);
    return sum;
  }
};

/// The mean of a field on the padded grid over the 2R cells around a point halfway along an axis, weighted
/// with the absolute weights of the derivative there; and its transpose. Cells outside have the value of the
/// edge or, above a free surface, of their image.
template <int R>
struct StaggeredMean {
  int axis = 0, cells = 1;
  bool mirrored = false;
  Real share[R] = {};

  StaggeredMean(const Domain& domain, int along)
      : axis(along), cells(domain.padded().size[along]), mirrored(domain.free_surface() && along == 2) {
    for (int k = 0; k < R; ++k)
      share[k] = Real(std::abs(StaggeredWeights<R>::first[k]) / (2 * staggered_strength<R>()));
  }

  KOKKOS_FORCEINLINE_FUNCTION int place(int ix, int iy, int iz) const {
    return axis == 0 ? ix : axis == 1 ? iy : iz;
  }
  /// There is no point halfway behind the last cell.
  KOKKOS_FORCEINLINE_FUNCTION bool exists(int place) const { return place >= 0 && place < cells - 1; }
  KOKKOS_FORCEINLINE_FUNCTION int inside(int cell) const {
    if (cell < 0) return mirrored ? -cell : 0;
    return cell < cells ? cell : cells - 1;
  }
  /// The field in the row of cells along the axis.
  KOKKOS_FORCEINLINE_FUNCTION Real value(const Field& field, int ix, int iy, int iz, int cell) const {
    return field(axis == 0 ? cell : ix, axis == 1 ? cell : iy, axis == 2 ? cell : iz);
  }

  KOKKOS_INLINE_FUNCTION Real operator()(const Field& field, int ix, int iy, int iz) const {
    const int cell = place(ix, iy, iz);
    Real sum = 0;
    for (int k = 0; k < R; ++k)
      sum += share[k] *
             (value(field, ix, iy, iz, inside(cell - k)) + value(field, ix, iy, iz, inside(cell + 1 + k)));
    return sum;
  }
  KOKKOS_INLINE_FUNCTION Real transposed(const Field& halfway, int ix, int iy, int iz) const {
    const int cell = place(ix, iy, iz);
    const int first = cell > R ? cell : -R, last = cell < cells - 1 ? cell : cells - 1 + R;
    Real sum = 0;
    for (int other = first; other <= last; ++other) {  // this cell, and those outside that it stands for
      if (inside(other) != cell) continue;
      for (int k = 0; k < R; ++k) {
        if (exists(other - k - 1)) sum += share[k] * value(halfway, ix, iy, iz, other - k - 1);
        if (exists(other + k)) sum += share[k] * value(halfway, ix, iy, iz, other + k);
      }
    }
    return sum;
  }
};

/// The absorbing strips of one axis, both ends one after the other in memory: variables at the cells and
/// variables halfway each have memory of this shape.
template <int R>
struct StaggeredStrips {
  enum Part { cells, halfway, reached };  ///< reached: points halfway that derivatives of the memory touch
  struct Face {
    Span spans[3];  ///< by part
    int shift = 0;  ///< cell + shift: place along the axis in memory and profiles
  };
  Face faces[2];
  Kokkos::View<Real*> a[2], b[2];  ///< profiles at the cells and halfway
  std::array<int, 3> extents{};    ///< of the memory
  std::array<int, 3> halo{};       ///< cell (ix, iy, iz) -> memory, the stripped axis through `shift`
  Staggered<R> derivative;         ///< of the memory, along the axis

  StaggeredStrips() = default;
  /// Empty when the axis has no absorbing cells.
  StaggeredStrips(const Domain& domain, int axis, const LayerTuning& tuning);
  /// Values that one variable's memory takes, and those of the profiles.
  static double memory_values(const Domain& domain, int axis);
  static double profile_values(const Domain& domain, int axis);

  bool empty() const { return a[0].size() == 0; }
  Field make_memory(const char* label) const { return empty() ? Field() : make_field(label, extents); }
  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t index(int ix, int iy, int iz) const {
    return (std::ptrdiff_t(ix + halo[0]) * extents[1] + (iy + halo[1])) * extents[2] + (iz + halo[2]);
  }
};

/// The part of a row on which strips act: cell iz has its memory at memory + iz and its coefficients at a[iz]
/// and b[iz] where the row runs along the stripped axis, at a[0] and b[0] where it runs across.
struct Stretch {
  Span cells;
  std::ptrdiff_t memory;
  const Real *a, *b;
};

/// f(stretch) for each stretch of a row of `length` cells that is part of the strips of an axis.
template <int axis, int part, int R, class F>
KOKKOS_FORCEINLINE_FUNCTION void over_stretches(const Row& row, const StaggeredStrips<R>& strips, int length,
                                                const F& f) {
  constexpr int at = part == StaggeredStrips<R>::cells ? 0 : 1;
  for (int end = 0; end < 2; ++end) {
    const Span span = strips.faces[end].spans[part];
    const int shift = strips.faces[end].shift;
    const int ix = axis == 0 ? row.ix + shift : row.ix, iy = axis == 1 ? row.iy + shift : row.iy;
    if (axis == 2) {
      if (span.size() <= 0) continue;
      f(Stretch{span, strips.index(ix, iy, shift), strips.a[at].data() + shift, strips.b[at].data() + shift});
    } else {
      const int cell = axis == 0 ? row.ix : row.iy;
      if (cell < span.begin || cell >= span.end) continue;
      f(Stretch{Span{0, length}, strips.index(ix, iy, 0), strips.a[at].data() + cell + shift,
                strips.b[at].data() + cell + shift});
    }
    row.sync();
  }
}

}  // namespace fathom
