// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The absorbing layer of the acoustic equation in kernels, both directions (the recursions are in
// boundary.hpp).
//
// Across rows, along x and y, a row of the strips needs its neighbours' psi, tau and sigma: these are updated
// in passes of their own that run ahead. Along z a row holds the whole strip. What the layers add to the
// Laplacian of a row is worked out just before the row itself is updated. A wavefield's memory holds, for
// axis after axis, psi (or sigma) and zeta (tau).

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

/// Where rows that the strips of the x or y axis touch lie in their memory, those of so many planes, and
/// their places in the profiles.
template <int R, int axis, int planes>
struct StripRows {
  std::ptrdiff_t start, plane;  ///< of the first row, and from there to the next
  InPlanes<Pack, planes> a, b;

  KOKKOS_FORCEINLINE_FUNCTION StripRows(const Strips<R>& strips, const Row& row, int shift)
      : start(axis == 0 ? strips.index(row.ix + shift, row.iy, 0) : strips.index(row.ix, row.iy + shift, 0)),
        plane(std::ptrdiff_t(strips.extents[1]) * strips.extents[2]) {
    for (int k = 0; k < planes; ++k) {
      const int place = (axis == 0 ? row.ix + k : row.iy) + shift;
      a[k] = Pack::all(strips.a(place));
      b[k] = Pack::all(strips.b(place));
    }
  }
};

/// The neighbours along x or y of the packs at u in so many planes.
template <int axis, int planes, int R>
KOKKOS_FORCEINLINE_FUNCTION auto neighbours(const Stencil<R>& d, const Real* u, std::ptrdiff_t plane) {
  if constexpr (axis == 0 && planes > 1)
    return Column<R, planes>(u, d.stride());
  else
    return NeighboursInPlanes{u, d.stride(), plane};
}

/// One of the layer's recursions over the absorbing cells of an axis across rows, psi <- b psi + a (...): the
/// base of the three below.
template <int R, int axis>
struct StripUpdate {
  Kernel<R> kernel;
  const Real* field;  ///< p or mu
  Real *first, *second;

  StripUpdate(const Kernel<R>& the_kernel, const Wavefield& u)
      : kernel(the_kernel),
        field(u.now.data()),
        first(u.memory[2 * axis].data()),
        second(u.memory[2 * axis + 1].data()) {}

  KOKKOS_FORCEINLINE_FUNCTION const Strips<R>& strips() const { return kernel.strips[axis]; }
  KOKKOS_FORCEINLINE_FUNCTION const Real* here(const Row& row) const {
    return field + kernel.row_start(row.ix, row.iy);
  }
  template <int planes>
  KOKKOS_FORCEINLINE_FUNCTION StripRows<R, axis, planes> rows(const Row& row) const {
    return {strips(), row, strips().face_of(axis == 0 ? row.ix : row.iy)->shift};
  }
  /// memory[iz] <- b memory[iz] + a source(iz)[plane]
  template <int planes, class Source>
  KOKKOS_FORCEINLINE_FUNCTION void recur(const Row& row, const StripRows<R, axis, planes>& rows, Real* memory,
                                         const Source& source) const {
    const std::ptrdiff_t ahead = strips().ahead(),
                         next = 2 * kernel.stride_y + (axis == 0 ? R * kernel.stride_x : 0);
    const Real* values = here(row);
    row.packs(0, kernel.size[2], [=, this](int iz) {
      const InPlanes<Pack, planes> sources = source(iz);
      for (int plane = 0; plane < planes; ++plane) {
        Real* place = memory + iz + plane * rows.plane;
        prefetch(place + ahead);
        prefetch(values + iz + plane * kernel.stride_x + next);
        multiply_add(rows.b[plane], Pack::load(place), rows.a[plane] * sources[plane]).store(place);
      }
    });
  }
};

/// psi <- b psi + a D p in the strips of the x or y axis, whose rows need their neighbours' psi afterwards.
template <int R, int axis>
struct PsiUpdate : StripUpdate<R, axis> {
  using StripUpdate<R, axis>::StripUpdate;

  template <int planes>
  KOKKOS_FORCEINLINE_FUNCTION void update(const Row& row) const {
    const auto rows = this->template rows<planes>(row);
    const Real* here = this->here(row);
    const std::ptrdiff_t plane = this->kernel.stride_x;
    const Stencil<R> d = this->strips().field;
    this->template recur<planes>(row, rows, this->first + rows.start, [=](int iz) {
      const auto near = neighbours<axis, planes>(d, here + iz, plane);
      return for_planes<planes>([&](int k) { return d.first_at(near.around(k)); });
    });
  }
};

/// tau <- b tau + a mu likewise,
template <int R, int axis>
struct TauUpdate : StripUpdate<R, axis> {
  using StripUpdate<R, axis>::StripUpdate;

  template <int planes>
  KOKKOS_FORCEINLINE_FUNCTION void update(const Row& row) const {
    const auto rows = this->template rows<planes>(row);
    const Real* here = this->here(row);
    const std::ptrdiff_t plane = this->kernel.stride_x;
    this->template recur<planes>(row, rows, this->second + rows.start, [=](int iz) {
      return for_planes<planes>([&](int k) { return Pack::load(here + iz + k * plane); });
    });
  }
};

/// and then sigma <- b sigma + a D (mu + tau).
template <int R, int axis>
struct SigmaUpdate : StripUpdate<R, axis> {
  using StripUpdate<R, axis>::StripUpdate;

  template <int planes>
  KOKKOS_FORCEINLINE_FUNCTION void update(const Row& row) const {
    const auto rows = this->template rows<planes>(row);
    const Real *here = this->here(row), *tau = this->second + rows.start;
    const std::ptrdiff_t plane = this->kernel.stride_x;
    const Stencil<R> d = this->strips().field, m = this->strips().memory;
    this->template recur<planes>(row, rows, this->first + rows.start, [=](int iz) {
      const auto near_mu = neighbours<axis, planes>(d, here + iz, plane);
      const auto near_tau = neighbours<axis, planes>(m, tau + iz, rows.plane);
      return for_planes<planes>(
          [&](int k) { return d.first_at(near_mu.around(k)) + m.first_at(near_tau.around(k)); });
    });
  }
};

/// The pass of such an update.
template <template <int, int> class Update, int R, int axis>
auto strip_pass(const char* label, Lead lead, const Kernel<R>& kernel, const Wavefield& u) {
  const Strips<R>& strips = kernel.strips[axis];
  std::array<Span, 2> xs{Span{0, kernel.size[0]}, Span{}}, ys{Span{0, kernel.size[1]}, Span{}};
  (axis == 0 ? xs : ys) = {strips.faces[0].absorbing, strips.faces[1].absorbing};
  return together(label, lead, xs, ys, Update<R, axis>(kernel, u));
}

/// What the layer adds to the second derivative across rows: D psi + zeta, with zeta updated first.
template <int R, int axis, int planes>
struct Layer {
  StripRows<R, axis, planes> rows;
  Stencil<R> field, memory;
  std::ptrdiff_t ahead, plane;
  const Real *p, *psi;
  Real* zeta;

  KOKKOS_FORCEINLINE_FUNCTION Layer(const Kernel<R>& kernel, const Row& row, const StripFace& face,
                                    const Real* p_in_row, const Field* memories)
      : rows(kernel.strips[axis], row, face.shift),
        field(kernel.strips[axis].field),
        memory(kernel.strips[axis].memory),
        ahead(kernel.strips[axis].ahead()),
        plane(kernel.stride_x),
        p(p_in_row),
        psi(memories[2 * axis].data() + rows.start),
        zeta(memories[2 * axis + 1].data() + rows.start) {}

  KOKKOS_FORCEINLINE_FUNCTION InPlanes<Pack, planes> operator()(int iz) const {
    const auto near_psi = neighbours<axis, planes>(memory, psi + iz, rows.plane);
    const auto near_p = neighbours<axis, planes>(field, p + iz, plane);
    return for_planes<planes>([&](int k) {
      Real* place = zeta + iz + k * rows.plane;
      prefetch(place + ahead);
      const Pack slope = memory.first_at(near_psi.around(k)),
                 inner = field.second_at(near_p.around(k)) + slope,
                 outer = multiply_add(rows.b[k], Pack::load(place), rows.a[k] * inner);
      outer.store(place);
      return slope + outer;
    });
  }
};

/// Transposed: D2 tau + D sigma.
template <int R, int axis, int planes>
struct AdjointLayer {
  Stencil<R> memory;
  std::ptrdiff_t plane;
  const Real *sigma, *tau;

  KOKKOS_FORCEINLINE_FUNCTION AdjointLayer(const Kernel<R>& kernel, const Row& row, const StripFace& face,
                                           const Real*, const Field* memories)
      : memory(kernel.strips[axis].memory) {
    const StripRows<R, axis, planes> rows(kernel.strips[axis], row, face.shift);
    plane = rows.plane;
    sigma = memories[2 * axis].data() + rows.start;
    tau = memories[2 * axis + 1].data() + rows.start;
  }

  KOKKOS_FORCEINLINE_FUNCTION InPlanes<Pack, planes> operator()(int iz) const {
    const auto near_tau = neighbours<axis, planes>(memory, tau + iz, plane);
    const auto near_sigma = neighbours<axis, planes>(memory, sigma + iz, plane);
    return for_planes<planes>(
        [&](int k) { return memory.second_at(near_tau.around(k)) + memory.first_at(near_sigma.around(k)); });
  }
};

/// The strip along z at one end of a row, which holds all of it: the base of the two below.
template <int R>
struct StripAlong {
  Stencil<R, 1> d;
  Span touched;
  std::ptrdiff_t ahead;
  const Real *a, *b, *field;  ///< p or mu
  Real *first, *second;

  KOKKOS_FORCEINLINE_FUNCTION StripAlong(const Strips<R>& strips, const Row& row, const StripFace& face,
                                         const Real* field_in_row, const Field* memories)
      : d(strips.field.along_z()),
        touched(face.touched),
        ahead(strips.ahead()),
        a(strips.a.data() + face.shift),
        b(strips.b.data() + face.shift),
        field(field_in_row) {
    const std::ptrdiff_t start = strips.index(row.ix, row.iy, face.shift);
    first = memories[4].data() + start;
    second = memories[5].data() + start;
  }

 protected:
  /// memory <- b memory + a source
  KOKKOS_FORCEINLINE_FUNCTION Pack recur(int iz, Real* memory, Pack source) const {
    prefetch(memory + iz + ahead);
    const Pack next = multiply_add(Pack::load(b + iz), Pack::load(memory + iz), Pack::load(a + iz) * source);
    next.store(memory + iz);
    return next;
  }
};

/// D psi + zeta along z, both updated first.
template <int R>
struct LayerAlong : StripAlong<R> {
  using StripAlong<R>::StripAlong;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row, Real* share) const {
    row.derived(
        this->touched.begin, this->touched.end, this->field, this->first,
        [&](int iz, const Window& p) { return this->recur(iz, this->first, this->d.first_at(p)); },
        [&](int iz, const Window& p, const Window& psi) {
          const Pack slope = this->d.first_at(psi);
          (slope + this->recur(iz, this->second, this->d.second_at(p) + slope)).store(share + iz);
        });
  }
};

/// Transposed: D2 tau + D sigma along z, after both recursions.
template <int R>
struct AdjointLayerAlong : StripAlong<R> {
  using StripAlong<R>::StripAlong;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row, Real* share) const {
    row.derived(
        this->touched.begin, this->touched.end, this->field, this->second,
        [&](int iz, const Window& mu) { return this->recur(iz, this->second, mu(Offset<0>())); },
        [&](int iz, const Window& mu, const Window& tau) {
          this->recur(iz, this->first, this->d.first_at(mu) + this->d.first_at(tau));
        });
    row.sync();
    row.template windows<Beyond::zeros>(
        this->touched.begin, this->touched.end, std::array<const Real*, 2>{this->second, this->first},
        [&](int iz, const auto& of) {
          (this->d.second_at(of[0]) + this->d.first_at(of[1])).store(share + iz);
        });
  }
};

/// What the layers of all axes add to the Laplacian in rows of so many planes. It is worked out before the
/// rows are updated, layer after layer: each alone fits into the registers, and the update is one loop over
/// the row.
template <int R, template <int, int, int> class Across, template <int> class Along, int planes>
class Shares {
 public:
  KOKKOS_FORCEINLINE_FUNCTION Shares(const Kernel<R>& kernel, const Row& row, const Real* field,
                                     const Field* memories)
      : kernel_(kernel), row_(row), field_(field), memories_(memories) {}

  /// Into rows of kernel.pitch values each, the planes one after the other. Returns the cells where nothing
  /// is added, for which there is nothing to read either.
  KOKKOS_FORCEINLINE_FUNCTION Span work_out(Real* shares) const {
    const Strips<R>&x = kernel_.strips[0], &y = kernel_.strips[1], &z = kernel_.strips[2];
    const StripFace *face_x = x.face_of(row_.ix), *last_x = x.face_of(row_.ix + planes - 1),
                    *face_y = y.face_of(row_.iy);
    Span interior{z.faces[0].touched.end,
                  z.faces[1].touched.size() > 0 ? z.faces[1].touched.begin : kernel_.size[2]};
    if (face_x || last_x || face_y) {
      clear(interior, shares);
      interior = {kernel_.size[2], kernel_.size[2]};
    }
    if (!z.empty()) add_along(shares);
    if (face_y) add_across<1, planes>(row_, *face_y, field_, shares);
    if (planes == 1 || face_x == last_x) {
      if (face_x) add_across<0, planes>(row_, *face_x, field_, shares);
    } else {  // a strip begins or ends between the planes
      constexpr int last = planes - 1;
      if (face_x) add_across<0, 1>(row_.in_plane(0), *face_x, field_, shares);
      if (last_x)
        add_across<0, 1>(row_.in_plane(last), *last_x, field_ + last * kernel_.stride_x,
                         shares + last * kernel_.pitch);
    }
    return interior;
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION void clear(Span cells, Real* shares) const {
    for (int plane = 0; plane < planes; ++plane)
      row_.packs(cells.begin, cells.end,
                 [=, this](int iz) { Pack::all(0).store(shares + plane * kernel_.pitch + iz); });
    row_.sync();
  }
  FATHOM_OWN_REGISTERS void add_along(Real* shares) const {
    for (int plane = 0; plane < planes; ++plane)
      for (const StripFace& face : kernel_.strips[2].faces)
        if (face.touched.size() > 0)
          Along<R>(kernel_.strips[2], row_.in_plane(plane), face, field_ + plane * kernel_.stride_x,
                   memories_)(row_, shares + plane * kernel_.pitch);
    row_.sync();
  }
  template <int axis, int together>
  FATHOM_OWN_REGISTERS void add_across(const Row& row, const StripFace& face, const Real* field,
                                       Real* shares) const {
    const Across<R, axis, together> layer(kernel_, row, face, field, memories_);
    const int pitch = kernel_.pitch;
    row.packs(0, kernel_.size[2], [=](int iz) {
      const InPlanes<Pack, together> share = layer(iz);
      for (int k = 0; k < together; ++k) {
        Real* place = shares + k * pitch + iz;
        (Pack::load(place) + share[k]).store(place);
      }
    });
    row.sync();
  }

  const Kernel<R>& kernel_;
  const Row& row_;
  const Real* field_;
  const Field* memories_;
};

}  // namespace fathom::acoustic
