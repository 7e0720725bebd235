// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The absorbing layer of the acoustic equation in kernels, both directions (the recursions are in
// boundary.hpp).
//
// Across rows, along x and y, a row of the strips needs its neighbours' psi, tau and sigma: these are updated
// in passes of their own that run ahead, and the layer's share is added to the second derivative while the
// row itself is updated. Along z a row holds the whole strip. A wavefield's memory holds, for axis after
// axis, psi (or sigma) and zeta (tau).

#include <array>

#include "physics/boundary.hpp"
#include "physics/stencil.hpp"
#include "physics/sweep.hpp"
#include "physics/wave_equation.hpp"

namespace fathom::acoustic {

/// What the kernels of all directions need, by value.
template <int R>
struct Kernel {
  std::array<int, 3> size{}, halo{};
  int pitch = 0;
  std::ptrdiff_t stride_x = 0, stride_y = 0;
  Stencil<R> x, y;
  Stencil<R, 1> z;
  Strips<R> strips[3];
  bool free_surface = false;

  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t row_start(int ix, int iy) const {
    return (ix + halo[0]) * stride_x + (iy + halo[1]) * stride_y + halo[2];
  }
  /// The same in fields without a halo.
  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t plain_row_start(int ix, int iy) const {
    return (std::ptrdiff_t(ix) * size[1] + iy) * pitch;
  }
};

/// p(-k) = -p(k) above a free surface, in this row.
template <int R>
KOKKOS_FORCEINLINE_FUNCTION void mirror(const Row& row, Real* p) {
  row.lanes(1, R + 1, [=](int k) { p[-k] = -p[k]; });
  row.sync();
}

/// Where a row that the strips of the x or y axis touch lies in their memory, and its place in their
/// profiles.
template <int R>
struct StripRow {
  std::ptrdiff_t start;
  Pack a, b;

  KOKKOS_FORCEINLINE_FUNCTION StripRow(const Strips<R>& strips, int axis, const Row& row, int shift)
      : start(axis == 0 ? strips.index(row.ix + shift, row.iy, 0) : strips.index(row.ix, row.iy + shift, 0)) {
    const int place = (axis == 0 ? row.ix : row.iy) + shift;
    a = Pack::all(strips.a(place));
    b = Pack::all(strips.b(place));
  }
};

/// One of the layer's recursions over the absorbing cells of an axis across rows, psi <- b psi + a (...): the
/// base of the three below.
template <int R>
struct StripUpdate {
  Kernel<R> kernel;
  int axis;
  const Real* field;  ///< p or mu
  Real *first, *second;

  StripUpdate(const Kernel<R>& the_kernel, int the_axis, const Wavefield& u)
      : kernel(the_kernel),
        axis(the_axis),
        field(u.now.data()),
        first(u.memory[2 * axis].data()),
        second(u.memory[2 * axis + 1].data()) {}

  KOKKOS_FORCEINLINE_FUNCTION const Real* here(const Row& row) const {
    return field + kernel.row_start(row.ix, row.iy);
  }
  KOKKOS_FORCEINLINE_FUNCTION StripRow<R> strip(const Row& row) const {
    const Strips<R>& strips = kernel.strips[axis];
    return {strips, axis, row, strips.face_of(axis == 0 ? row.ix : row.iy)->shift};
  }
  /// memory[iz] <- b memory[iz] + a source(iz)
  template <class Source>
  KOKKOS_FORCEINLINE_FUNCTION void recur(const Row& row, const StripRow<R>& strip, Real* memory,
                                         const Source& source) const {
    const std::ptrdiff_t ahead = kernel.strips[axis].ahead(),
                         next = 2 * kernel.stride_y + (axis == 0 ? R * kernel.stride_x : 0);
    const Real* values = here(row);
    row.packs(0, kernel.size[2], [=](int iz) {
      prefetch(memory + iz + ahead);
      prefetch(values + iz + next);
      multiply_add(strip.b, Pack::load(memory + iz), strip.a * source(iz)).store(memory + iz);
    });
  }
};

/// psi <- b psi + a D p in the strips of the x or y axis, whose rows need their neighbours' psi afterwards.
template <int R>
struct PsiUpdate : StripUpdate<R> {
  using StripUpdate<R>::StripUpdate;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row) const {
    const StripRow<R> strip = this->strip(row);
    const Real* here = this->here(row);
    const Stencil<R> d = this->kernel.strips[this->axis].field;
    this->recur(row, strip, this->first + strip.start,
                [=](int iz) { return d.first_at(d.neighbours_of(here + iz)); });
  }
};

/// tau <- b tau + a mu likewise,
template <int R>
struct TauUpdate : StripUpdate<R> {
  using StripUpdate<R>::StripUpdate;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row) const {
    const StripRow<R> strip = this->strip(row);
    const Real* here = this->here(row);
    this->recur(row, strip, this->second + strip.start, [=](int iz) { return Pack::load(here + iz); });
  }
};

/// and then sigma <- b sigma + a D (mu + tau).
template <int R>
struct SigmaUpdate : StripUpdate<R> {
  using StripUpdate<R>::StripUpdate;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row) const {
    const StripRow<R> strip = this->strip(row);
    const Real *here = this->here(row), *tau = this->second + strip.start;
    const Stencil<R> d = this->kernel.strips[this->axis].field, m = this->kernel.strips[this->axis].memory;
    this->recur(row, strip, this->first + strip.start, [=](int iz) {
      return d.first_at(d.neighbours_of(here + iz)) + m.first_at(m.neighbours_of(tau + iz));
    });
  }
};

/// The pass of such an update.
template <int R, class Update>
Pass<Update> strip_pass(const char* label, Lead lead, const Update& update) {
  const auto& kernel = update.kernel;
  const Strips<R>& strips = kernel.strips[update.axis];
  std::array<Span, 2> xs{Span{0, kernel.size[0]}, Span{}}, ys{Span{0, kernel.size[1]}, Span{}};
  (update.axis == 0 ? xs : ys) = {strips.faces[0].absorbing, strips.faces[1].absorbing};
  return {label, lead, xs, ys, update};
}

/// What a layer adds to the second derivative across rows, in rows that it does not touch: nothing.
struct NoLayer {
  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(int, Pack second) const { return second; }
};

/// D2 p + D psi + zeta, with zeta updated first.
template <int R>
struct Layer {
  StripRow<R> strip;
  Stencil<R> memory;
  std::ptrdiff_t ahead;
  const Real* psi;
  Real* zeta;

  KOKKOS_FORCEINLINE_FUNCTION Layer(const Strips<R>& strips, int axis, const Row& row, const StripFace& face,
                                    const Field* memories)
      : strip(strips, axis, row, face.shift),
        memory(strips.memory),
        ahead(strips.ahead()),
        psi(memories[2 * axis].data() + strip.start),
        zeta(memories[2 * axis + 1].data() + strip.start) {}

  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(int iz, Pack second) const {
    prefetch(zeta + iz + ahead);
    const Pack inner = second + memory.first_at(memory.neighbours_of(psi + iz));
    const Pack outer = multiply_add(strip.b, Pack::load(zeta + iz), strip.a * inner);
    outer.store(zeta + iz);
    return inner + outer;
  }
};

/// Transposed: D2 (mu + tau) + D sigma.
template <int R>
struct AdjointLayer {
  Stencil<R> memory;
  const Real *sigma, *tau;

  KOKKOS_FORCEINLINE_FUNCTION AdjointLayer(const Strips<R>& strips, int axis, const Row& row,
                                           const StripFace& face, const Field* memories)
      : memory(strips.memory) {
    const std::ptrdiff_t start = StripRow<R>(strips, axis, row, face.shift).start;
    sigma = memories[2 * axis].data() + start;
    tau = memories[2 * axis + 1].data() + start;
  }

  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(int iz, Pack second) const {
    return second + (memory.second_at(memory.neighbours_of(tau + iz)) +
                     memory.first_at(memory.neighbours_of(sigma + iz)));
  }
};

/// The layer's part along z, where a row holds the whole strip: D2 p + D psi + zeta, psi being up to date.
template <int R>
struct LayerAlong {
  Stencil<R, 1> d;
  const Real *a, *b;
  Real *psi, *zeta;

  KOKKOS_FORCEINLINE_FUNCTION LayerAlong(const Strips<R>& strips, const Row& row, const StripFace& face,
                                         const Field* memories)
      : d(strips.field.along_z()), a(strips.a.data() + face.shift), b(strips.b.data() + face.shift) {
    const std::ptrdiff_t start = strips.index(row.ix, row.iy, face.shift);
    psi = memories[4].data() + start;
    zeta = memories[5].data() + start;
  }

  KOKKOS_FORCEINLINE_FUNCTION static void update_memory(const Row& row, const Strips<R>& strips,
                                                        const StripFace& face, const Real* p,
                                                        const Field* memories) {
    const LayerAlong layer(strips, row, face, memories);
    const Stencil<R, 1> d = layer.d;
    const Real *a = layer.a, *b = layer.b;
    Real *psi = layer.psi, *zeta = layer.zeta;
    const std::ptrdiff_t ahead = strips.ahead();
    row.windows(face.absorbing.begin, face.absorbing.end, p, [=](int iz, const Window& near) {
      prefetch(psi + iz + ahead);
      prefetch(zeta + iz + ahead);
      multiply_add(Pack::load(b + iz), Pack::load(psi + iz), Pack::load(a + iz) * d.first_at(near))
          .store(psi + iz);
    });
    row.sync();
  }

  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(int iz, Pack second) const {
    const Pack inner = second + d.first_at(window_at(psi + iz));
    const Pack outer = multiply_add(Pack::load(b + iz), Pack::load(zeta + iz), Pack::load(a + iz) * inner);
    outer.store(zeta + iz);
    return inner + outer;
  }
};

/// Transposed: D2 (mu + tau) + D sigma, after both recursions.
template <int R>
struct AdjointLayerAlong {
  Stencil<R, 1> d;
  const Real *sigma, *tau;

  KOKKOS_FORCEINLINE_FUNCTION AdjointLayerAlong(const Strips<R>& strips, const Row& row,
                                                const StripFace& face, const Field* memories)
      : d(strips.field.along_z()) {
    const std::ptrdiff_t start = strips.index(row.ix, row.iy, face.shift);
    sigma = memories[4].data() + start;
    tau = memories[5].data() + start;
  }

  KOKKOS_FORCEINLINE_FUNCTION static void update_memory(const Row& row, const Strips<R>& strips,
                                                        const StripFace& face, const Real* mu,
                                                        const Field* memories) {
    const Stencil<R, 1> d = strips.field.along_z();
    const Real *a = strips.a.data() + face.shift, *b = strips.b.data() + face.shift;
    const std::ptrdiff_t start = strips.index(row.ix, row.iy, face.shift);
    Real *sigma = memories[4].data() + start, *tau = memories[5].data() + start;
    const std::ptrdiff_t ahead = strips.ahead();
    row.packs(face.absorbing.begin, face.absorbing.end, [=](int iz) {
      prefetch(sigma + iz + ahead);
      prefetch(tau + iz + ahead);
      multiply_add(Pack::load(b + iz), Pack::load(tau + iz), Pack::load(a + iz) * Pack::load(mu + iz))
          .store(tau + iz);
    });
    row.sync();
    row.windows(face.absorbing.begin, face.absorbing.end, mu, [=](int iz, const Window& near) {
      const Pack slope = d.first_at(near) + d.first_at(window_at(tau + iz));
      multiply_add(Pack::load(b + iz), Pack::load(sigma + iz), Pack::load(a + iz) * slope).store(sigma + iz);
    });
    row.sync();
  }

  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(int iz, Pack second) const {
    return second + (d.second_at(window_at(tau + iz)) + d.first_at(window_at(sigma + iz)));
  }
};

}  // namespace fathom::acoustic
