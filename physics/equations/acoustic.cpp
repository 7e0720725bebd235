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

#include "physics/equations/acoustic_layer.hpp"

namespace fathom {
namespace {

using namespace acoustic;

/// A row as every update sees it.
struct RowData {
  const Real* now;
  Real* before;
  const Real* c;
  const Real* share;  ///< what the layers add to the Laplacian
};

/// before <- 2 now - before + c (laplace now) in whole rows, with what the layers add to the Laplacian: the
/// interior of every update. keep(plane, iz, now, increment) sees every pack.
template <int R, bool three_d, int planes, class Keep>
FATHOM_OWN_REGISTERS void update_cells(const Row& row, const Kernel<R>& kernel,
                                       const InPlanes<RowData, planes>& data, Span interior,
                                       const Keep& keep) {
  const Stencil<R> x = kernel.x, y = kernel.y;
  const Stencil<R, 1> z = kernel.z;
  const std::ptrdiff_t next_plane = R * x.stride(), next_row = 2 * y.stride();
  const auto rows = for_planes<planes>([&](int plane) { return data[plane].now; });
  const auto update = [=](auto shared, int iz, const InPlanes<Window, planes>& near) {
    const auto here = for_planes<planes>([&](int plane) { return near[plane](Offset<0>()); });
    const Column<R, planes> column(rows[0] + iz, x.stride(), here);
#pragma GCC unroll 2
    for (int plane = 0; plane < planes; ++plane) {
      const Real *now = data[plane].now + iz, *c = data[plane].c + iz;
      Real* before = data[plane].before + iz;
      Pack laplace = z.second_at(near[plane]) + x.second_at(column.around(plane));
      if constexpr (three_d) {
        // The caches' own prefetchers lose the thread at every row: what the row after next brings is asked
        // for here.
        prefetch(now + next_plane + next_row);
        prefetch(before + next_row);
        prefetch(c + next_row);
        laplace = laplace + y.second_at(y.neighbours_of(now));
      }
      if constexpr (shared()) laplace = laplace + Pack::load(data[plane].share + iz);
      const Pack increment = Pack::load(c) * laplace;
      ((here[plane] + here[plane]) - Pack::load(before) + increment).store(before);
      keep(plane, iz, here[plane], increment);
    }
  };
  // The cells between the strips come first: they leave the strips' memory the time to get through the
  // pipeline.
  row.windows(interior.begin, interior.end, rows,
              [=](int iz, const auto& near) { update(std::false_type(), iz, near); });
  for (const Span part : {Span{0, interior.begin}, Span{interior.end, kernel.size[2]}})
    row.windows(part.begin, part.end, rows,
                [=](int iz, const auto& near) { update(std::true_type(), iz, near); });
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

  /// The rows of so many planes. keep_in(plain row start) makes what sees the packs of a row: keep(iz, now,
  /// increment).
  template <bool three_d, int planes, template <int, int, int> class Across, template <int> class Along,
            class KeepIn>
  KOKKOS_FORCEINLINE_FUNCTION void update_rows(const Row& row, const KeepIn& keep_in) const {
    const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy);
    const auto data = for_planes<planes>([&](int plane) {
      const std::ptrdiff_t place = start + plane * kernel.stride_x;
      return RowData{now + place, before + place, c + place, row.scratch + plane * kernel.pitch};
    });
    if (kernel.free_surface)
      for (int plane = 0; plane < planes; ++plane) mirror<R>(row, now + start + plane * kernel.stride_x);
    const Span interior =
        Shares<R, Across, Along, planes>(kernel, row, now + start, memories).work_out(row.scratch);
    const auto keep = for_planes<planes>(
        [&](int plane) { return keep_in(kernel.plain_row_start(row.ix + plane, row.iy)); });
    update_cells<R, three_d, planes>(
        row, kernel, data, interior,
        [=](int plane, int iz, Pack here, Pack increment) { keep[plane](iz, here, increment); });
    row.sync();
    if (kernel.free_surface)
      for (int plane = 0; plane < planes; ++plane)
        row.lanes(0, 1, [=](int iz) { data[plane].before[iz] = 0; });
  }
};

template <class Update>
auto last_pass(const char* label, const Update& update) {
  const auto& kernel = update.kernel;
  return together(label, {}, {Span{0, kernel.size[0]}, Span{}}, {Span{0, kernel.size[1]}, Span{}}, update,
                  planes_together * kernel.pitch);
}

template <int R, bool three_d, bool keeping>
struct ForwardUpdate : RowUpdate<R> {
  Real* snapshot;

  ForwardUpdate(const Kernel<R>& kernel, const Wavefield& u, const Field& scale, Snapshot kept)
      : RowUpdate<R>(kernel, u, scale), snapshot(kept.values) {}

  template <int planes>
  KOKKOS_FORCEINLINE_FUNCTION void update(const Row& row) const {
    this->template update_rows<three_d, planes, Layer, LayerAlong>(row, [&](std::ptrdiff_t plain) {
      Real* kept = keeping ? snapshot + plain : nullptr;
      return [=](int iz, Pack, Pack increment) {
        if constexpr (keeping) increment.stream(kept + iz);
      };
    });
  }
};

template <int R, bool three_d, bool keeping>
void forward_step(const Kernel<R>& kernel, const Wavefield& u, const Field& scale, Snapshot snapshot) {
  constexpr int more = planes_together - 1;
  const auto psi_x = strip_pass<PsiUpdate, R, 0>("pml psi", {R + more, 0}, kernel, u);
  const auto update =
      last_pass("acoustic step", ForwardUpdate<R, three_d, keeping>(kernel, u, scale, snapshot));
  if constexpr (three_d)
    run_passes(kernel.size[0], kernel.size[1], kernel.pitch, psi_x,
               strip_pass<PsiUpdate, R, 1>("pml psi", {0, R}, kernel, u), update);
  else
    run_passes(kernel.size[0], kernel.size[1], kernel.pitch, psi_x, update);
}

/// Snapshots come from DRAM, rows one after the other: so many values ahead they are asked for.
constexpr int snapshot_ahead = 144 * Pack::width;

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

  template <int planes>
  KOKKOS_FORCEINLINE_FUNCTION void update(const Row& row) const {
    this->template update_rows<three_d, planes, AdjointLayer, AdjointLayerAlong>(
        row, [&](std::ptrdiff_t plain) {
          const Real* kept = snapshot + plain;
          Real* sum = image + plain;
          const Pack weights = Pack::all(weight);
          return [=](int iz, Pack here, Pack) {
            if constexpr (imaging) {
              prefetch(kept + iz + snapshot_ahead);
              multiply_add(weights * here, Pack::load(kept + iz), Pack::load(sum + iz)).store(sum + iz);
            }
          };
        });
  }
};

template <int R, bool three_d, bool imaging>
void transposed_step(const Kernel<R>& kernel, const Wavefield& mu, const Field& scale, const Imaging& what) {
  constexpr int more = planes_together - 1;
  const auto tau_x = strip_pass<TauUpdate, R, 0>("pml tau", {2 * (R + more), 0}, kernel, mu);
  const auto sigma_x = strip_pass<SigmaUpdate, R, 0>("pml sigma", {R + more, 0}, kernel, mu);
  const auto update =
      last_pass("acoustic adjoint step", AdjointUpdate<R, three_d, imaging>(kernel, mu, scale, what));
  if constexpr (three_d)
    run_passes(kernel.size[0], kernel.size[1], kernel.pitch, tau_x, sigma_x,
               strip_pass<TauUpdate, R, 1>("pml tau", {0, 2 * R}, kernel, mu),
               strip_pass<SigmaUpdate, R, 1>("pml sigma", {0, R}, kernel, mu), update);
  else
    run_passes(kernel.size[0], kernel.size[1], kernel.pitch, tau_x, sigma_x, update);
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
    const double scale = double(domain_.wavefield_values()), vp = double(domain_.padded_values());
    return sizeof(Real) * (wavefield_values() + scale + vp);
  }

  double wavefield_values() const override {
    double values = 2. * double(domain_.wavefield_values());
    for (int axis = 0; axis < 3; ++axis)
      values += 2. * double(make_strips<R>(domain_, axis, {}).memory_values());
    return values;
  }

  int reach_of_reversal() const override { return R; }

  void prepare(const LayerTuning& tuning) override {
    time_step_ = tuning.time_step;
    scale_ = domain_.make_wavefield("c");
    for (int axis = 0; axis < 3; ++axis) kernel_.strips[axis] = make_strips<R>(domain_, axis, tuning);
  }

  void set_model(const Model& padded) override {
    vp_ = padded.at("vp");
    const Real *vp = vp_.data(), dt = Real(time_step_);
    Real* c = scale_.data();
    const int length = kernel_.size[2];
    over_rows(
        "c", kernel_, KOKKOS_LAMBDA(const Row& row, std::ptrdiff_t start, std::ptrdiff_t plain) {
          row.lanes(0, length, [=](int iz) {
            const Real courant = vp[plain + iz] * dt;
            c[start + iz] = courant * courant;
          });
        });
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
    over_rows(
        "image", kernel_, KOKKOS_LAMBDA(const Row& row, std::ptrdiff_t start, std::ptrdiff_t plain) {
          row.lanes(0, length, [=](int iz) {
            image[plain + iz] += weight * mu[start + iz] * snapshot.values[plain + iz];
          });
        });
  }

  /// d/dvp = d/dc 2 c / vp, and d/dc = sum mu increment / c^2.
  void complete_gradient(Model& gradient) const override {
    Real* image = gradient.at("vp").data();
    const Real *vp = vp_.data(), *c = scale_.data();
    const int length = kernel_.size[2];
    over_rows(
        "complete gradient", kernel_,
        KOKKOS_LAMBDA(const Row& row, std::ptrdiff_t start, std::ptrdiff_t plain) {
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
    over_rows(
        "illuminate", kernel_, KOKKOS_LAMBDA(const Row& row, std::ptrdiff_t, std::ptrdiff_t plain) {
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
    over_rows(
        "scatter", kernel_, KOKKOS_LAMBDA(const Row& row, std::ptrdiff_t start, std::ptrdiff_t plain) {
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
