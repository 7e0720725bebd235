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
                                                          if constexpr (keeping) increment.stream(kept + iz);
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
