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

#include <array>
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

/// psi <- b psi + a D p in the strips of the x or y axis, whose rows need their neighbours' psi afterwards.
template <int R>
void update_psi_across(const Kernel<R>& kernel, int axis, const Field& p_field, const Field& psi_field) {
  const Real* p = p_field.data();
  Real* psi = psi_field.data();
  const Strips<R>& strips = kernel.strips[axis];
  const int length = kernel.size[2];
  for (const StripFace& face : strips.faces) {
    const Span all_x{0, kernel.size[0]}, all_y{0, kernel.size[1]};
    for_each_row(
        "pml psi", axis == 0 ? face.absorbing : all_x, axis == 1 ? face.absorbing : all_y,
        KOKKOS_LAMBDA(const Row& row) {
          const int place = (axis == 0 ? row.ix : row.iy) + face.shift;
          const Real a = strips.a(place), b = strips.b(place);
          const Real* here = p + kernel.row_start(row.ix, row.iy);
          Real* memory = psi + (axis == 0 ? strips.index(place, row.iy, 0) : strips.index(row.ix, place, 0));
          const Stencil<R> d = strips.field;
          row.lanes(0, length, [=](int iz) { memory[iz] = b * memory[iz] + a * d.first(here + iz); });
        });
  }
}

/// sigma <- b sigma + a D (mu + tau) likewise, after tau <- b tau + a mu.
template <int R>
void update_sigma_across(const Kernel<R>& kernel, int axis, const Field& mu_field, const Field& sigma_field,
                         const Field& tau_field) {
  const Real* mu = mu_field.data();
  Real *sigma = sigma_field.data(), *tau = tau_field.data();
  const Strips<R>& strips = kernel.strips[axis];
  const int length = kernel.size[2];
  const Span all_x{0, kernel.size[0]}, all_y{0, kernel.size[1]};
  for (const bool tau_pass : {true, false}) {
    for (const StripFace& face : strips.faces) {
      for_each_row(
          "pml sigma", axis == 0 ? face.absorbing : all_x, axis == 1 ? face.absorbing : all_y,
          KOKKOS_LAMBDA(const Row& row) {
            const int place = (axis == 0 ? row.ix : row.iy) + face.shift;
            const Real a = strips.a(place), b = strips.b(place);
            const Real* here = mu + kernel.row_start(row.ix, row.iy);
            const std::ptrdiff_t start =
                axis == 0 ? strips.index(place, row.iy, 0) : strips.index(row.ix, place, 0);
            Real *t = tau + start, *s = sigma + start;
            const Stencil<R> d = strips.field, m = strips.memory;
            if (tau_pass) {
              row.lanes(0, length, [=](int iz) { t[iz] = b * t[iz] + a * here[iz]; });
            } else {
              row.lanes(0, length,
                        [=](int iz) { s[iz] = b * s[iz] + a * (d.first(here + iz) + m.first(t + iz)); });
            }
          });
    }
  }
}

/// The layer's part of L p in a row that x or y strips touch: D psi + zeta, with zeta updated first.
template <int R, class Add>
KOKKOS_FORCEINLINE_FUNCTION void add_layer_across(const Row& row, const Strips<R>& strips, int axis,
                                                  int length, const Real* p, const Real* psi_all,
                                                  Real* zeta_all, const Add& add) {
  const int cell = axis == 0 ? row.ix : row.iy;
  const StripFace* face = strips.face_of(cell);
  if (!face) return;
  const int place = cell + face->shift;
  const Real a = strips.a(place), b = strips.b(place);
  const std::ptrdiff_t start = axis == 0 ? strips.index(place, row.iy, 0) : strips.index(row.ix, place, 0);
  const Real* psi = psi_all + start;
  Real* zeta = zeta_all + start;
  const Stencil<R> d = strips.field, m = strips.memory;
  row.lanes(0, length, [=](int iz) {
    const Real slope = m.first(psi + iz);
    zeta[iz] = b * zeta[iz] + a * (d.second(p + iz) + slope);
    add(iz, slope + zeta[iz]);
  });
  row.sync();
}

/// The same along z, where a row holds the whole strip, so that psi is updated here too.
template <int R, class Add>
KOKKOS_FORCEINLINE_FUNCTION void add_layer_along(const Row& row, const Strips<R>& strips, const Real* p,
                                                 Real* psi_all, Real* zeta_all, const Add& add) {
  const Stencil<R, 1> d = strips.field.along_z(), m = strips.memory.along_z();
  for (int end = 0; end < 2; ++end) {
    const StripFace face = strips.faces[end];
    const std::ptrdiff_t start = strips.index(row.ix, row.iy, face.shift);
    Real *psi = psi_all + start, *zeta = zeta_all + start;
    const Real *a = strips.a.data() + face.shift, *b = strips.b.data() + face.shift;
    row.lanes(face.absorbing.begin, face.absorbing.end,
              [=](int iz) { psi[iz] = b[iz] * psi[iz] + a[iz] * d.first(p + iz); });
    row.sync();
    row.lanes(face.touched.begin, face.touched.end, [=](int iz) {
      const Real slope = m.first(psi + iz);
      zeta[iz] = b[iz] * zeta[iz] + a[iz] * (d.second(p + iz) + slope);
      add(iz, slope + zeta[iz]);
    });
    row.sync();
  }
}

/// Transposed: D2 tau + D sigma in a row that x or y strips touch.
template <int R, class Add>
KOKKOS_FORCEINLINE_FUNCTION void add_adjoint_layer_across(const Row& row, const Strips<R>& strips, int axis,
                                                          int length, const Real* sigma_all,
                                                          const Real* tau_all, const Add& add) {
  const int cell = axis == 0 ? row.ix : row.iy;
  const StripFace* face = strips.face_of(cell);
  if (!face) return;
  const int place = cell + face->shift;
  const std::ptrdiff_t start = axis == 0 ? strips.index(place, row.iy, 0) : strips.index(row.ix, place, 0);
  const Real *sigma = sigma_all + start, *tau = tau_all + start;
  const Stencil<R> m = strips.memory;
  row.lanes(0, length, [=](int iz) { add(iz, m.second(tau + iz) + m.first(sigma + iz)); });
  row.sync();
}

/// The same along z, with both recursions.
template <int R, class Add>
KOKKOS_FORCEINLINE_FUNCTION void add_adjoint_layer_along(const Row& row, const Strips<R>& strips,
                                                         const Real* mu, Real* sigma_all, Real* tau_all,
                                                         const Add& add) {
  const Stencil<R, 1> d = strips.field.along_z(), m = strips.memory.along_z();
  for (int end = 0; end < 2; ++end) {
    const StripFace face = strips.faces[end];
    const std::ptrdiff_t start = strips.index(row.ix, row.iy, face.shift);
    Real *sigma = sigma_all + start, *tau = tau_all + start;
    const Real *a = strips.a.data() + face.shift, *b = strips.b.data() + face.shift;
    row.lanes(face.absorbing.begin, face.absorbing.end,
              [=](int iz) { tau[iz] = b[iz] * tau[iz] + a[iz] * mu[iz]; });
    row.sync();
    row.lanes(face.absorbing.begin, face.absorbing.end, [=](int iz) {
      sigma[iz] = b[iz] * sigma[iz] + a[iz] * (d.first(mu + iz) + m.first(tau + iz));
    });
    row.sync();
    row.lanes(face.touched.begin, face.touched.end,
              [=](int iz) { add(iz, m.second(tau + iz) + m.first(sigma + iz)); });
    row.sync();
  }
}

/// before <- 2 now - before + c (D2x + D2y + D2z) now, the interior of every update.
template <int R, bool three_d, class Keep>
KOKKOS_FORCEINLINE_FUNCTION void update_row(const Row& row, const Kernel<R>& kernel, const Real* now,
                                            Real* before, const Real* c, const Keep& keep) {
  const Stencil<R> x = kernel.x, y = kernel.y;
  const Stencil<R, 1> z = kernel.z;
  const Real centre = x.centre() + z.centre() + (three_d ? y.centre() : Real(0));
  row.lanes(0, kernel.size[2], [=](int iz) {
    const Real* u = now + iz;
    Real laplace = centre * u[0] + z.neighbours(u) + x.neighbours(u);
    if constexpr (three_d) laplace += y.neighbours(u);
    const Real increment = c[iz] * laplace;
    before[iz] = 2 * u[0] - before[iz] + increment;
    keep(iz, increment);
  });
  row.sync();
}

template <int R, bool three_d, bool keeping>
void forward_step(const Kernel<R>& kernel, const Wavefield& u, const Field& scale, Snapshot snapshot) {
  for (int axis = 0; axis < (three_d ? 2 : 1); ++axis)
    if (!kernel.strips[axis].empty()) update_psi_across(kernel, axis, u.now, u.memory[2 * axis]);

  Real *now_all = u.now.data(), *before_all = u.before.data();
  const Real* c_all = scale.data();
  Real *psi_x = u.memory[0].data(), *zeta_x = u.memory[1].data();
  Real *psi_y = u.memory[2].data(), *zeta_y = u.memory[3].data();
  Real *psi_z = u.memory[4].data(), *zeta_z = u.memory[5].data();
  for_each_row(
      "acoustic step", Span{0, kernel.size[0]}, Span{0, kernel.size[1]}, KOKKOS_LAMBDA(const Row& row) {
        const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy);
        Real *now = now_all + start, *before = before_all + start;
        const Real* c = c_all + start;
        Real* kept = keeping ? snapshot.values + kernel.plain_row_start(row.ix, row.iy) : nullptr;
        if (kernel.free_surface) mirror<R>(row, now);
        update_row<R, three_d>(row, kernel, now, before, c, [=](int iz, Real increment) {
          if constexpr (keeping) kept[iz] = increment;
        });
        const auto add = [=](int iz, Real laplace) {
          before[iz] += c[iz] * laplace;
          if constexpr (keeping) kept[iz] += c[iz] * laplace;
        };
        const int length = kernel.size[2];
        add_layer_across<R>(row, kernel.strips[0], 0, length, now, psi_x, zeta_x, add);
        if constexpr (three_d) add_layer_across<R>(row, kernel.strips[1], 1, length, now, psi_y, zeta_y, add);
        if (!kernel.strips[2].empty()) add_layer_along<R>(row, kernel.strips[2], now, psi_z, zeta_z, add);
        if (kernel.free_surface) row.lanes(0, 1, [=](int iz) { before[iz] = 0; });
      });
}

template <int R, bool three_d>
void transposed_step(const Kernel<R>& kernel, const Wavefield& mu, const Field& scale) {
  for (int axis = 0; axis < (three_d ? 2 : 1); ++axis)
    if (!kernel.strips[axis].empty())
      update_sigma_across(kernel, axis, mu.now, mu.memory[2 * axis], mu.memory[2 * axis + 1]);

  Real *now_all = mu.now.data(), *before_all = mu.before.data();
  const Real* c_all = scale.data();
  Real *sigma_x = mu.memory[0].data(), *tau_x = mu.memory[1].data();
  Real *sigma_y = mu.memory[2].data(), *tau_y = mu.memory[3].data();
  Real *sigma_z = mu.memory[4].data(), *tau_z = mu.memory[5].data();
  for_each_row(
      "acoustic adjoint step", Span{0, kernel.size[0]}, Span{0, kernel.size[1]},
      KOKKOS_LAMBDA(const Row& row) {
        const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy);
        Real *now = now_all + start, *before = before_all + start;
        const Real* c = c_all + start;
        if (kernel.free_surface) mirror<R>(row, now);
        update_row<R, three_d>(row, kernel, now, before, c, [](int, Real) {});
        const auto add = [=](int iz, Real laplace) { before[iz] += c[iz] * laplace; };
        const int length = kernel.size[2];
        add_adjoint_layer_across<R>(row, kernel.strips[0], 0, length, sigma_x, tau_x, add);
        if constexpr (three_d)
          add_adjoint_layer_across<R>(row, kernel.strips[1], 1, length, sigma_y, tau_y, add);
        if (!kernel.strips[2].empty())
          add_adjoint_layer_along<R>(row, kernel.strips[2], now, sigma_z, tau_z, add);
        if (kernel.free_surface) row.lanes(0, 1, [=](int iz) { before[iz] = 0; });
      });
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
    double strips = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const double thick = domain_.low(axis) + domain_.high(axis) + 6 * R;
      if (domain_.padded().active(axis)) strips += 2 * thick / domain_.extents()[axis];
    }
    return sizeof(Real) *
           (double(domain_.wavefield_values()) * (3 + strips) + 2. * double(domain_.padded().cells()));
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
    image(mu, imaging);
    if (domain_.padded().active(1)) {
      transposed_step<R, true>(kernel_, mu, scale_);
    } else {
      transposed_step<R, false>(kernel_, mu, scale_);
    }
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
