// SPDX-License-Identifier: BSD-3-Clause

// Acoustic waves at constant density:  m p_tt - laplace p = s,  m = 1 / vp^2.
//
// Leapfrog in time, central differences of order 2R in space, c = vp^2 dt^2:
//
//     p_(n+1) = 2 p_n - p_(n-1) + c (L p_n + s_n)
//
// L is the Laplacian with the absorbing layer of boundary.hpp in it; cells outside the padded grid are zero,
// and at a free surface odd images, which leaves L of the interior symmetric. With lambda the adjoint
// wavefield, mu = c lambda obeys
//
//     mu_n = 2 mu_(n+1) - mu_(n+2) + c (L^T mu_(n+1) + r_n)
//
// which is the forward update with the layer's recursion transposed. The increment c (L p_n + s_n) is all
// that imaging needs of a step: the gradient with respect to c is the sum over steps of mu * increment / c^2.

#include "physics/equations/acoustic.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "physics/stencil.hpp"
#include "physics/sweep.hpp"

namespace fathom {
namespace {

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

/// The row as every update sees it.
struct RowData {
  const Real* now;
  Real* before;
  const Real* c;
};

/// before <- 2 now - before + c (D2x + D2y + D2z) now from `begin` to `end`, with what the layers add to
/// each: the interior of every update. keep(iz, now, increment) sees every pack.
template <int R, bool three_d, class LayerX, class LayerY, class LayerZ, class Keep>
FATHOM_OWN_REGISTERS void update_cells(const Row& row, int begin, int end, const Kernel<R>& kernel,
                                       const RowData& data, const LayerX& layer_x, const LayerY& layer_y,
                                       const LayerZ& layer_z, const Keep& keep) {
  const Stencil<R> x = kernel.x, y = kernel.y;
  const Stencil<R, 1> z = kernel.z;
  const Real *now = data.now, *c = data.c;
  Real* before = data.before;
  const std::ptrdiff_t next_plane = R * x.stride(), next_row = 2 * y.stride();
  row.windows(begin, end, now, [=](int iz, const Window& near) {
    Pack laplace = layer_z(iz, z.second_at(near)) + layer_x(iz, x.second_at(x.neighbours_of(now + iz)));
    if constexpr (three_d) {
      // The caches' own prefetchers lose the thread at every row: what the row after next brings is asked for
      // here.
      prefetch(now + iz + next_plane + next_row);
      prefetch(before + iz + next_row);
      prefetch(c + iz + next_row);
      laplace = laplace + layer_y(iz, y.second_at(y.neighbours_of(now + iz)));
    }
    const Pack here = near(Offset<0>()), increment = Pack::load(c + iz) * laplace;
    ((here + here) - Pack::load(before + iz) + increment).store(before + iz);
    keep(iz, here, increment);
  });
}

/// A whole row, with what the layers across it add.
template <int R, bool three_d, template <int> class Along, class LayerX, class LayerY, class Keep>
KOKKOS_FORCEINLINE_FUNCTION void update_row(const Row& row, const Kernel<R>& kernel, const RowData& data,
                                            const Field* memories, const LayerX& layer_x,
                                            const LayerY& layer_y, const Keep& keep) {
  const Strips<R>& strips = kernel.strips[2];
  const Span low = strips.faces[0].touched, high = strips.faces[1].touched;
  for (const StripFace& face : strips.faces) Along<R>::update_memory(row, strips, face, data.now, memories);
  // The cells between the strips come first: they leave the strips' memory the time to get through the
  // pipeline.
  update_cells<R, three_d>(row, low.end, high.size() > 0 ? high.begin : kernel.size[2], kernel, data, layer_x,
                           layer_y, NoLayer(), keep);
  for (const StripFace& face : strips.faces)
    update_cells<R, three_d>(row, face.touched.begin, face.touched.end, kernel, data, layer_x, layer_y,
                             Along<R>(strips, row, face, memories), keep);
  row.sync();
}

/// update_row() with the layers across that touch this row.
template <int R, bool three_d, template <int> class Across, template <int> class Along, class Keep>
KOKKOS_FORCEINLINE_FUNCTION void update_row_in_layers(const Row& row, const Kernel<R>& kernel,
                                                      const RowData& data, const Field* memories,
                                                      const Keep& keep) {
  const Strips<R>&x = kernel.strips[0], &y = kernel.strips[1];
  const StripFace* face_x = x.face_of(row.ix);
  const StripFace* face_y = three_d ? y.face_of(row.iy) : nullptr;
  const auto update = [&](const auto& layer_x, const auto& layer_y) {
    update_row<R, three_d, Along>(row, kernel, data, memories, layer_x, layer_y, keep);
  };
  if (!face_x && !face_y) {
    update(NoLayer(), NoLayer());
  } else if (!face_y) {
    update(Across<R>(x, 0, row, *face_x, memories), NoLayer());
  } else if constexpr (three_d) {
    const Across<R> layer_y(y, 1, row, *face_y, memories);
    face_x ? update(Across<R>(x, 0, row, *face_x, memories), layer_y) : update(NoLayer(), layer_y);
  }
}

/// The last pass of a step, over all rows: what its two directions share.
template <int R>
struct RowUpdate {
  Kernel<R> kernel;
  Real *now, *before;
  const Real* c;
  Field memories[6];

  RowUpdate(const Kernel<R>& the_kernel, const Wavefield& u, const Field& scale)
      : kernel(the_kernel), now(u.now.data()), before(u.before.data()), c(scale.data()) {
    std::copy(u.memory.begin(), u.memory.end(), memories);
  }

  KOKKOS_FORCEINLINE_FUNCTION RowData enter(const Row& row) const {
    const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy);
    if (kernel.free_surface) mirror<R>(row, now + start);
    return {now + start, before + start, c + start};
  }
  KOKKOS_FORCEINLINE_FUNCTION void leave(const Row& row, const RowData& data) const {
    if (kernel.free_surface) row.lanes(0, 1, [=](int iz) { data.before[iz] = 0; });
  }
};

template <class Update>
Pass<Update> last_pass(const char* label, const Update& update) {
  return {
      label, {}, {Span{0, update.kernel.size[0]}, Span{}}, {Span{0, update.kernel.size[1]}, Span{}}, update};
}

template <int R, bool three_d, bool keeping>
struct ForwardUpdate : RowUpdate<R> {
  Real* snapshot;

  ForwardUpdate(const Kernel<R>& kernel, const Wavefield& u, const Field& scale, Snapshot kept)
      : RowUpdate<R>(kernel, u, scale), snapshot(kept.values) {}

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row) const {
    const Kernel<R>& kernel = this->kernel;
    const RowData data = this->enter(row);
    Real* kept = keeping ? snapshot + kernel.plain_row_start(row.ix, row.iy) : nullptr;
    update_row_in_layers<R, three_d, Layer, LayerAlong>(row, kernel, data, this->memories,
                                                        [=](int iz, Pack, Pack increment) {
                                                          if constexpr (keeping) increment.store(kept + iz);
                                                        });
    this->leave(row, data);
  }
};

template <int R, bool three_d, bool keeping>
void forward_step(const Kernel<R>& kernel, const Wavefield& u, const Field& scale, Snapshot snapshot) {
  const auto psi_x = strip_pass<R>("pml psi", {R, 0}, PsiUpdate<R>(kernel, 0, u));
  const auto update =
      last_pass("acoustic step", ForwardUpdate<R, three_d, keeping>(kernel, u, scale, snapshot));
  if constexpr (three_d)
    run_passes(kernel.size[0], kernel.size[1], psi_x,
               strip_pass<R>("pml psi", {0, R}, PsiUpdate<R>(kernel, 1, u)), update);
  else
    run_passes(kernel.size[0], kernel.size[1], psi_x, update);
}

template <int R, bool three_d, bool imaging>
struct AdjointUpdate : RowUpdate<R> {
  const Real* snapshot;
  Real weight;
  Real* image;

  AdjointUpdate(const Kernel<R>& kernel, const Wavefield& mu, const Field& scale, const Imaging& what)
      : RowUpdate<R>(kernel, mu, scale),
        snapshot(what.snapshot.values),
        weight(what.weight),
        image(imaging ? what.gradient->at("vp").data() : nullptr) {}

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row) const {
    const Kernel<R>& kernel = this->kernel;
    const RowData data = this->enter(row);
    const std::ptrdiff_t plain = kernel.plain_row_start(row.ix, row.iy);
    const Real* kept = snapshot + plain;
    Real* sum = image + plain;
    const Pack weights = Pack::all(weight);
    update_row_in_layers<R, three_d, AdjointLayer, AdjointLayerAlong>(
        row, kernel, data, this->memories, [=](int iz, Pack here, Pack) {
          if constexpr (imaging)
            multiply_add(weights * here, Pack::load(kept + iz), Pack::load(sum + iz)).store(sum + iz);
        });
    this->leave(row, data);
  }
};

template <int R, bool three_d, bool imaging>
void transposed_step(const Kernel<R>& kernel, const Wavefield& mu, const Field& scale, const Imaging& what) {
  const auto tau_x = strip_pass<R>("pml tau", {2 * R, 0}, TauUpdate<R>(kernel, 0, mu));
  const auto sigma_x = strip_pass<R>("pml sigma", {R, 0}, SigmaUpdate<R>(kernel, 0, mu));
  const auto update =
      last_pass("acoustic adjoint step", AdjointUpdate<R, three_d, imaging>(kernel, mu, scale, what));
  if constexpr (three_d)
    run_passes(kernel.size[0], kernel.size[1], tau_x, sigma_x,
               strip_pass<R>("pml tau", {0, 2 * R}, TauUpdate<R>(kernel, 1, mu)),
               strip_pass<R>("pml sigma", {0, R}, SigmaUpdate<R>(kernel, 1, mu)), update);
  else
    run_passes(kernel.size[0], kernel.size[1], tau_x, sigma_x, update);
}

/// f(ix, iy, place in a wavefield's row, place in the padded grid's row) over all rows of the padded grid.
template <int R, class F>
void over_rows(const char* label, const Kernel<R>& kernel, const F& f) {
  for_each_row(
      label, Span{0, kernel.size[0]}, Span{0, kernel.size[1]}, KOKKOS_LAMBDA(const Row& row) {
        f(row, kernel.row_start(row.ix, row.iy), kernel.plain_row_start(row.ix, row.iy));
      });
}

template <int R>
class Acoustic final : public WaveEquation {
 public:
  explicit Acoustic(const Domain& domain) : domain_(domain) {
    kernel_.size = domain.padded().size;
    kernel_.halo = domain.halo();
    kernel_.pitch = domain.pitch();
    kernel_.stride_x = domain.stride(0);
    kernel_.stride_y = domain.stride(1);
    kernel_.free_surface = domain.free_surface();
    const auto& spacing = domain.padded().spacing;
    kernel_.x = Stencil<R>(domain.stride(0), spacing[0]);
    kernel_.y = Stencil<R>(domain.stride(1), spacing[1]);
    kernel_.z = Stencil<R, 1>(1, spacing[2]);
  }

  std::vector<Property> properties() const override { return {{"vp", "m/s", 300, 9000}}; }
  int snapshot_fields() const override { return 1; }

  double max_time_step(double fastest) const override {
    double sum = 0;
    for (int axis = 0; axis < 3; ++axis)
      if (domain_.padded().active(axis))
        sum += 1 / (domain_.padded().spacing[axis] * domain_.padded().spacing[axis]);
    return stability_limit(2 * R) / (fastest * std::sqrt(sum));
  }

  double memory_bytes() const override {
    double values = 3. * double(domain_.wavefield_values()) + 2. * double(domain_.padded_values());
    for (int axis = 0; axis < 3; ++axis)
      values += 2. * double(make_strips<R>(domain_, axis, {}).memory_values());
    return sizeof(Real) * values;
  }

  void prepare(const LayerTuning& tuning) override {
    time_step_ = tuning.time_step;
    for (int axis = 0; axis < 3; ++axis) kernel_.strips[axis] = make_strips<R>(domain_, axis, tuning);
  }

  void set_model(const Model& padded) override {
    vp_ = padded.at("vp");
    const Field squared = domain_.make_padded("c"), vp = vp_;
    const Real dt = Real(time_step_);
    const Grid& grid = domain_.padded();
    Kokkos::parallel_for(
        "c", Kokkos::MDRangePolicy<Kokkos::Rank<3>>({0, 0, 0}, {grid.size[0], grid.size[1], grid.size[2]}),
        KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const Real courant = vp(ix, iy, iz) * dt;
          squared(ix, iy, iz) = courant * courant;
        });
    scale_ = domain_.with_halo(squared);
  }

  Wavefield at_rest() const override {
    Wavefield u{domain_.make_wavefield("now"), domain_.make_wavefield("before"), {}};
    for (const Strips<R>& strips : kernel_.strips)
      for (const char* label : {"pml first", "pml second"})
        u.memory.push_back(strips.empty() ? Field() : strips.make_memory(label));
    return u;
  }

  void step(Wavefield& u, Snapshot snapshot) const override {
    const bool three_d = domain_.padded().active(1);
    if (three_d && snapshot) forward_step<R, true, true>(kernel_, u, scale_, snapshot);
    if (three_d && !snapshot) forward_step<R, true, false>(kernel_, u, scale_, snapshot);
    if (!three_d && snapshot) forward_step<R, false, true>(kernel_, u, scale_, snapshot);
    if (!three_d && !snapshot) forward_step<R, false, false>(kernel_, u, scale_, snapshot);
    std::swap(u.now, u.before);
  }

  void adjoint_step(Wavefield& mu, const Imaging& imaging) const override {
    if (imaging.snapshot && imaging.illumination) illuminate(imaging);
    const auto run = [&](auto three_d, auto with_image) {
      transposed_step<R, three_d(), with_image()>(kernel_, mu, scale_, imaging);
    };
    const auto in_dimension = [&](auto three_d) {
      imaging.snapshot ? run(three_d, std::true_type()) : run(three_d, std::false_type());
    };
    domain_.padded().active(1) ? in_dimension(std::true_type()) : in_dimension(std::false_type());
    std::swap(mu.now, mu.before);
  }

  void image(const Wavefield& lambda, const Imaging& imaging) const override {
    if (!imaging.snapshot) return;
    if (imaging.illumination) illuminate(imaging);
    Real* image = imaging.gradient->at("vp").data();
    const Real* mu = lambda.now.data();
    const Snapshot snapshot = imaging.snapshot;
    const Real weight = imaging.weight;
    const int length = kernel_.size[2];
    over_rows("image", kernel_, [=](const Row& row, std::ptrdiff_t start, std::ptrdiff_t plain) {
      row.lanes(0, length,
                [=](int iz) { image[plain + iz] += weight * mu[start + iz] * snapshot.values[plain + iz]; });
    });
  }

  /// d/dvp = d/dc 2 c / vp, and d/dc = sum mu increment / c^2.
  void complete_gradient(Model& gradient) const override {
    Real* image = gradient.at("vp").data();
    const Real *vp = vp_.data(), *c = scale_.data();
    const int length = kernel_.size[2];
    over_rows("complete gradient", kernel_, [=](const Row& row, std::ptrdiff_t start, std::ptrdiff_t plain) {
      row.lanes(0, length, [=](int iz) { image[plain + iz] *= 2 / (vp[plain + iz] * c[start + iz]); });
    });
  }

  /// A change dvp scatters 2 vp^-3 p_tt, p_tt being increment / dt^2.
  void illuminate(const Imaging& imaging) const {
    Real* sum = imaging.illumination->at("vp").data();
    const Real* vp = vp_.data();
    const Snapshot snapshot = imaging.snapshot;
    const double dt = time_step_;
    const Real weight = Real(imaging.weight * dt);
    const int length = kernel_.size[2];
    over_rows("illuminate", kernel_, [=](const Row& row, std::ptrdiff_t, std::ptrdiff_t plain) {
      row.lanes(0, length, [=](int iz) {
        const Real v = vp[plain + iz],
                   strength = 2 * snapshot.values[plain + iz] / (v * v * v * Real(dt * dt));
        sum[plain + iz] += weight * strength * strength;
      });
    });
  }

  /// The increment is proportional to c: its change is 2 dvp / vp times it.
  void scatter(Snapshot snapshot, const Model& perturbation, Wavefield& u) const override {
    const Real *change = perturbation.at("vp").data(), *vp = vp_.data();
    Real* now = u.now.data();
    const int length = kernel_.size[2];
    over_rows("scatter", kernel_, [=](const Row& row, std::ptrdiff_t start, std::ptrdiff_t plain) {
      row.lanes(0, length, [=](int iz) {
        now[start + iz] += 2 * change[plain + iz] / vp[plain + iz] * snapshot.values[plain + iz];
      });
    });
  }

  const Field& injection_scale() const override { return scale_; }

 private:
  Domain domain_;
  Kernel<R> kernel_;
  double time_step_ = 0;
  Field vp_, scale_;
};

}  // namespace

std::unique_ptr<WaveEquation> make_acoustic(const Domain& domain, int order) {
  if (order == 2) return std::make_unique<Acoustic<1>>(domain);
  if (order == 4) return std::make_unique<Acoustic<2>>(domain);
  if (order == 8) return std::make_unique<Acoustic<4>>(domain);
  throw UserError("there is no stencil of order " + std::to_string(order), "choose order 2, 4 or 8");
}

}  // namespace fathom
