// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "regularizers/guide.hpp"

namespace fathom {

/// Weighted total variation and steerable variation as one convex functional,
///
///     R(u) = sum_cells V h(D u),   h(z) = Theta |z| + P . z,   |P| <= 0.95 Theta,
///
/// D forward differences at physical spacing with a zero last row, V the cell volume (of the axes with more
/// than one cell), so that a weight in front of R does not depend on the grid. In its dual form
/// R(u) = sup { V <q, D u> : |q - P| <= Theta }, and the set of these q is all that kernels need to know.
/// With P = -gamma Theta n, jumps along the unit normal n are cheap and those against it dear (Esser et al.,
/// Total variation regularization strategies in full-waveform inversion, SIAM J. Imaging Sci. 11, 2018, for
/// the one-sided case).
class Variation {
 public:
  /// The balls |q - P| <= Theta.
  struct Balls {
    Field theta;
    VectorField p;
    bool weighted = false, steered = false;

    KOKKOS_INLINE_FUNCTION Real radius(int ix, int iy, int iz) const {
      return weighted ? theta(ix, iy, iz) : Real(1);
    }
    KOKKOS_INLINE_FUNCTION CellVector centre(int ix, int iy, int iz) const {
      return steered ? vector_at(p, ix, iy, iz) : CellVector{0, 0, 0};
    }
    /// The q of scale times the ball that is closest to s: what is left, s - q, is the prox of scale * h at
    /// s, shrink(s - scale P, scale Theta).
    KOKKOS_INLINE_FUNCTION CellVector closest(const CellVector& s, Real scale, int ix, int iy, int iz) const {
      const CellVector middle = centre(ix, iy, iz) * scale, beyond = s - middle;
      const Real most = scale * radius(ix, iy, iz), length = beyond.length();
      return length <= most ? s : middle + beyond * (most / length);
    }
  };

  /// Total variation on any grid.
  Variation() = default;
  /// With the Theta and P of a guidance for the parameter that u is; Theta is brought into (0, 1] and P below
  /// 0.95 Theta and into the axes that have more than one cell.
  explicit Variation(const Guidance& guidance);

  const Balls& balls() const { return balls_; }
  /// R(u), in the unit of u times V per metre.
  double value(const Field& u, const Grid& grid) const;

 private:
  Balls balls_;
};

}  // namespace fathom
