// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Convolutional perfectly matched layer for the second-order wave equation, with memory in the absorbing
// strips only.
//
// Along one axis the layer stretches the coordinate by s(w) = 1 + d / (alpha + i w) (Kuzuoglu & Mittra, 1996;
// Roden & Gedney, 2000; for second-order equations Pasalic & McGarry, SEG 2010). With b = exp(-(d + alpha)
// dt) and a = d / (d + alpha) (b - 1), recursive convolution gives at every step
//
//     psi  <- b psi  + a D u                     D: central first derivative, D^T = -D
//     zeta <- b zeta + a (D2 u + D psi)          D2: second derivative, symmetric
//     laplace u  becomes  D2 u + D psi + zeta
//
// Its transpose, used by the adjoint with mu in the place of u, runs in the other order:
//
//     tau   <- b tau   + a mu
//     sigma <- b sigma + a D (mu + tau)
//     laplace mu  becomes  D2 (mu + tau) + D sigma
//
// a is zero outside the absorbing cells, and D psi and D2 tau reach a stencil's half-width beyond them.

#include <array>
#include <vector>

#include "physics/domain.hpp"
#include "physics/stencil.hpp"
#include "physics/sweep.hpp"

namespace fathom {

/// The strip at one end of an axis, in cell numbers of the padded grid.
struct StripFace {
  Span absorbing{};  ///< cells where the layer acts; along z, the packs that hold them
  Span touched{};    ///< cells that its derivatives reach; likewise
  int shift = 0;     ///< cell + shift: place along the axis in the strips' memory and profiles
};

/// The strips of one axis, as a kernel sees them; both ends lie one after the other in memory.
template <int R>
struct Strips {
  StripFace faces[2];
  Kokkos::View<Real*> a, b;      ///< profiles along the strips' memory
  Stencil<R> field;              ///< derivatives of a wavefield along the axis
  Stencil<R> memory;             ///< derivatives of the strips' memory along the axis
  std::array<int, 3> extents{};  ///< of the strips' memory
  std::array<int, 3> halo{};     ///< cell (ix, iy, iz) -> memory, the stripped axis through `shift`

  bool empty() const { return a.size() == 0; }
  /// From a row in memory to the one after next, whose lines a sweep asks for ahead of time.
  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t ahead() const { return 2 * std::ptrdiff_t(extents[2]); }
  std::size_t memory_values() const {
    return empty() ? 0 : std::size_t(extents[0]) * extents[1] * extents[2];
  }
  Field make_memory(const char* label) const { return make_field(label, extents); }
  /// Place in memory; the stripped axis is given as cell + shift.
  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t index(int ix, int iy, int iz) const {
    return (std::ptrdiff_t(ix + halo[0]) * extents[1] + (iy + halo[1])) * extents[2] + (iz + halo[2]);
  }
  /// The face whose touched cells include this one, or null.
  KOKKOS_FORCEINLINE_FUNCTION const StripFace* face_of(int cell) const {
    if (faces[0].touched.contains(cell)) return &faces[0];
    return faces[1].touched.contains(cell) ? &faces[1] : nullptr;
  }
};

/// What the damping profiles depend on besides geometry. All of it is fixed during an inversion stage, so
/// that the propagator stays linear in the source and differentiable in the model.
struct LayerTuning {
  double time_step = 0;   ///< s
  double fastest = 0;     ///< m/s, upper bound of the velocity
  double frequency = 0;   ///< Hz, dominant
  double reflection = 0;  ///< theoretical, at normal incidence
};

/// Coefficients of the recursions at a depth into the layer, as a share of its thickness (m).
struct LayerCoefficients {
  double a, b;
};
LayerCoefficients layer_coefficients(double depth, double thickness, const LayerTuning& tuning);

/// Geometry and profiles of the strips along an axis; empty when the axis has no absorbing cells.
template <int R>
Strips<R> make_strips(const Domain& domain, int axis, const LayerTuning& tuning);

}  // namespace fathom
