// SPDX-License-Identifier: BSD-3-Clause

// Acoustic waves at varying density:  (1/kappa) p_tt - div(1/rho grad p) = s / rho_0,  kappa = rho vp^2.
//
// rho_0 = 1000 kg/m^3 gives the source the meaning it has in the acoustic equation: with r = rho / rho_0,
//
//     1/(r vp^2) p_tt - div(1/r grad p) = s
//
// which is m p_tt - laplace p = s in water, and records r times its data at any other constant density. Seen
// from a fixed strength of the source it is reciprocal whatever the density.
//
// Leapfrog in time; in space D is the derivative along each axis from cells to the points halfway, of order
// 2R, so that L = -D^T b D is symmetric to the last bit. With c = r vp^2 dt^2 and the flux f = b D p,
//
//     p_(n+1) = 2 p_n - p_(n-1) + c (L p_n + s_n)
//
// Cells outside the padded grid are zero and points halfway outside have no flux. At a free surface images of
// p are odd, of b and f even. The layer of boundary.hpp acts on both derivatives. With lambda the adjoint
// wavefield, mu = c lambda obeys the same update with the layer transposed; g = b D mu is its flux.
//
// Halfway, b is one over the mean of r over the 2R cells of D, weighted with w, the absolute values of D's
// weights, whose sum is 2S. An interface of two densities is then met as if waves travelled through it in
// series (Moczo et al., 2002), and nothing that the density does makes the scheme unstable: by Cauchy and
// Schwarz
//
//     b_h (D p)_h^2  <=  b_h (sum_j w_j r_j) (sum_j w_j p_j^2 / r_j)  =  2S sum_j w_j p_j^2 / r_j
//
// and summed over h, <p, D^T b D p> <= (2S)^2 <p, p / r>: the eigenvalues of -c L are at most
// (2 S vp dt)^2 sum 1/h^2, as at constant density.
//
// A step keeps its increment q = c (L p + s) and its fluxes f. The gradient with respect to c is the sum over
// steps of mu q / c^2, and with respect to the mean of r halfway it is that of g f.

#include "physics/equations/acoustic_density.hpp"

#include <array>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

#include "physics/equations/acoustic_density_kernels.hpp"

namespace fathom {
namespace {

using namespace acoustic_density;

template <int R>
class AcousticDensity final : public WaveEquation {
 public:
  explicit AcousticDensity(const Domain& domain) : domain_(domain) {
    kernel_.size = domain.padded().size;
    kernel_.halo = domain.halo();
    kernel_.pitch = domain.pitch();
    kernel_.stride_x = domain.stride(0);
    kernel_.stride_y = domain.stride(1);
    kernel_.padded_values = std::ptrdiff_t(domain.padded_values());
    kernel_.free_surface = domain.free_surface();
    const auto& spacing = domain.padded().spacing;
    kernel_.x = Staggered<R>(domain.stride(0), spacing[0]);
    kernel_.y = Staggered<R>(domain.stride(1), spacing[1]);
    kernel_.z = Staggered<R, 1>(1, spacing[2]);
    for (int axis = 0; axis < 3; ++axis)
      if (domain.padded().active(axis)) axes_.push_back(axis);
  }

  std::vector<Property> properties() const override {
    return {{"vp", "m/s", 300, 9000}, {"rho", "kg/m^3", 500, 6000}};
  }
  int snapshot_fields() const override { return 1 + int(axes_.size()); }
  std::vector<std::string> images() const override {
    std::vector<std::string> names{"vp"};
    for (const int axis : axes_) names.push_back(flux_image[axis]);
    return names;
  }

  double max_time_step(double fastest) const override {
    double sum = 0;
    for (const int axis : axes_) sum += std::pow(domain_.padded().spacing[axis], -2);
    return 1 / (staggered_strength<R>() * fastest * std::sqrt(sum));
  }

  double memory_bytes() const override {
    double values = wavefield_values() + 2. * double(domain_.padded_values()) +
                    (1 + 2. * double(axes_.size())) * double(domain_.wavefield_values());
    for (const int axis : axes_) values += StaggeredStrips<R>::profile_values(domain_, axis);
    return sizeof(Real) * values;
  }

  double wavefield_values() const override {
    double values = 2. * double(domain_.wavefield_values());
    for (const int axis : axes_) values += 2 * StaggeredStrips<R>::memory_values(domain_, axis);
    return values;
  }

  /// Two derivatives, one after the other.
  int reach_of_reversal() const override { return 2 * R; }

  void prepare(const LayerTuning& tuning) override {
    time_step_ = tuning.time_step;
    scale_ = domain_.make_wavefield("c");
    for (const int axis : axes_) {
      kernel_.strips[axis] = StaggeredStrips<R>(domain_, axis, tuning);
      buoyancy_[axis] = domain_.make_wavefield("buoyancy");
      flux_[axis] = domain_.make_wavefield("flux");
    }
  }

  void set_model(const Model& padded) override;

  Wavefield at_rest() const override {
    Wavefield u{domain_.make_wavefield("now"), domain_.make_wavefield("before"), {}};
    for (const StaggeredStrips<R>& strips : kernel_.strips)
      for (const char* label : {"pml halfway", "pml at cells"}) u.memory.push_back(strips.make_memory(label));
    return u;
  }

  void step(Wavefield& u, Snapshot snapshot) const override {
    if (domain_.padded().active(1)) {
      snapshot ? forward<true, true>(u, snapshot) : forward<true, false>(u, snapshot);
    } else {
      snapshot ? forward<false, true>(u, snapshot) : forward<false, false>(u, snapshot);
    }
    std::swap(u.now, u.before);
  }

  void adjoint_step(Wavefield& mu, const Imaging& imaging) const override {
    take_adjoint_fluxes(mu, imaging);
    const PerAxis flux(flux_);
    if (domain_.padded().active(1)) {
      update<R, true, false, false>(kernel_, mu, scale_, flux, {});
    } else {
      update<R, false, false, false>(kernel_, mu, scale_, flux, {});
    }
    std::swap(mu.now, mu.before);
  }

  /// The adjoint's fluxes need the layer's memory as it will be after the step: that of a copy.
  void image(const Wavefield& lambda, const Imaging& imaging) const override {
    if (!imaging.snapshot) return;
    Wavefield mu = lambda;
    for (Field& memory : mu.memory)
      if (memory.size() > 0) memory = clone(memory);
    take_adjoint_fluxes(mu, imaging);
  }

  void complete_gradient(Model& gradient) const override;
  void scatter(Snapshot snapshot, const Model& perturbation, Wavefield& u) const override {
    if (domain_.padded().active(1)) {
      scatter_in<true>(snapshot, perturbation, u);
    } else {
      scatter_in<false>(snapshot, perturbation, u);
    }
  }
  const Field& injection_scale() const override { return scale_; }

  template <bool three_d>
  void scatter_in(Snapshot snapshot, const Model& perturbation, const Wavefield& u) const;
  void illuminate(const Imaging& imaging) const;

 private:
  template <bool three_d, bool keeping>
  void forward(const Wavefield& u, Snapshot snapshot) const {
    const PerAxis buoyancy(buoyancy_), flux(flux_);
    forward_fluxes<R, three_d, keeping>(kernel_, u, buoyancy, flux, snapshot);
    update<R, three_d, true, keeping>(kernel_, u, scale_, flux, snapshot);
  }

  void take_adjoint_fluxes(const Wavefield& mu, const Imaging& imaging) const {
    if (imaging.snapshot && imaging.illumination) illuminate(imaging);
    Images images;
    if (imaging.snapshot) {
      images.weight = imaging.weight;
      images.increment = imaging.gradient->at("vp").data();
      for (const int axis : axes_) images.flux.of[axis] = imaging.gradient->at(flux_image[axis]).data();
    }
    const auto take = [&](auto fluxes) {
      fluxes(kernel_, mu, PerAxis(buoyancy_), PerAxis(flux_), imaging.snapshot, images);
    };
    if (domain_.padded().active(1)) {
      take(imaging.snapshot ? adjoint_fluxes<R, true, true> : adjoint_fluxes<R, true, false>);
    } else {
      take(imaging.snapshot ? adjoint_fluxes<R, false, true> : adjoint_fluxes<R, false, false>);
    }
  }

  Domain domain_;
  Kernel<R> kernel_;
  std::vector<int> axes_;  // the active ones
  double time_step_ = 0;
  Field vp_, rho_, scale_;
  std::array<Field, 3> buoyancy_;  // 1 / r halfway
  std::array<Field, 3> flux_;      // of the step that is being taken
};

template <int R>
void AcousticDensity<R>::set_model(const Model& padded) {
  vp_ = padded.at("vp");
  rho_ = padded.at("rho");
  const Field vp = vp_, rho = rho_;
  const Real dt = Real(time_step_), water = Real(water_density);
  const Kernel<R> kernel = kernel_;
  Real* c = scale_.data();
  over_cells(
      "density c", domain_, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        const Real courant = vp(ix, iy, iz) * dt;
        c[kernel.row_start(ix, iy) + iz] = rho(ix, iy, iz) / water * courant * courant;
      });
  for (const int axis : axes_) {
    const StaggeredMean<R> mean(domain_, axis);
    Real* b = buoyancy_[axis].data();
    over_cells(
        "density b", domain_, KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const bool flows = mean.exists(mean.place(ix, iy, iz));
          b[kernel.row_start(ix, iy) + iz] = flows ? water / mean(rho, ix, iy, iz) : Real(0);
        });
  }
}

/// c = r vp^2 dt^2 and the means of r: d/dvp = 2 c / vp d/dc, d/dr = c / r d/dc + means^T d/dmean.
template <int R>
void AcousticDensity<R>::complete_gradient(Model& gradient) const {
  const Field by_vp = gradient.at("vp"), by_rho = domain_.make_padded("image"), vp = vp_, rho = rho_;
  const Real* c = scale_.data();
  const Kernel<R> kernel = kernel_;
  over_cells(
      "density gradient", domain_, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        const Real sum = by_vp(ix, iy, iz) / c[kernel.row_start(ix, iy) + iz];
        by_vp(ix, iy, iz) = 2 * sum / vp(ix, iy, iz);
        by_rho(ix, iy, iz) = sum / rho(ix, iy, iz);
      });
  for (const int axis : axes_) {
    const Field products = gradient.at(flux_image[axis]);
    const StaggeredMean<R> mean(domain_, axis);
    over_cells(
        "density gradient of means", domain_, KOKKOS_LAMBDA(int ix, int iy, int iz) {
          by_rho(ix, iy, iz) += Real(1 / water_density) * mean.transposed(products, ix, iy, iz);
        });
    gradient.properties.erase(flux_image[axis]);
  }
  gradient["rho"] = by_rho;
}

/// A change scatters the source dc/c q/c + div(db D p). For a cell's dvp that is 2 q / (vp c); for its drho
/// the strengths of both terms are added, the second as that of a denser cell in a constant flux, taken
/// behind the cell: half a cell off does not matter to a preconditioner.
template <int R>
void AcousticDensity<R>::illuminate(const Imaging& imaging) const {
  const Field for_vp = imaging.illumination->at("vp"), for_rho = imaging.illumination->at("rho");
  const Field vp = vp_, rho = rho_;
  const Real* c = scale_.data();
  const Kernel<R> kernel = kernel_;
  const Snapshot snapshot = imaging.snapshot;
  const Real weight = Real(imaging.weight * time_step_);
  Real half_per_h2[3] = {};
  for (const int axis : axes_) half_per_h2[axis] = Real(0.5 * std::pow(domain_.padded().spacing[axis], -2));
  const Real hx = half_per_h2[0], hy = half_per_h2[1], hz = half_per_h2[2];
  over_cells(
      "density illumination", domain_, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        const Kept kept(kernel, snapshot, kernel.plain_row_start(ix, iy) + iz);
        const Real source = *kept.increment / c[kernel.row_start(ix, iy) + iz];
        const Real by_vp = 2 * source / vp(ix, iy, iz), per_rho = 1 / rho(ix, iy, iz);
        const Real x = *kept.flux.of[0], y = kept.flux.of[1] ? *kept.flux.of[1] : Real(0),
                   z = *kept.flux.of[2];
        for_vp(ix, iy, iz) += weight * by_vp * by_vp;
        for_rho(ix, iy, iz) +=
            weight * per_rho * per_rho * (source * source + hx * x * x + hy * y * y + hz * z * z);
      });
}

/// The increment is proportional to c, the flux to one over the mean of r: both change by their share, and
/// the change of the flux goes on through the layer's second derivative.
template <int R>
template <bool three_d>
void AcousticDensity<R>::scatter_in(Snapshot snapshot, const Model& perturbation, const Wavefield& u) const {
  const Kernel<R> kernel = kernel_;
  const Field change_vp = perturbation.at("vp"), change_rho = perturbation.at("rho"), vp = vp_, rho = rho_;
  const PerAxis flux(flux_), buoyancy(buoyancy_), zeta(u.memory, 1);
  for (const int axis : axes_) {
    const StaggeredMean<R> mean(domain_, axis);
    over_cells(
        "density scattered flux", domain_, KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const std::ptrdiff_t place = kernel.row_start(ix, iy) + iz;
          const Real kept = *Kept(kernel, snapshot, kernel.plain_row_start(ix, iy) + iz).flux.of[axis];
          const Real change = mean(change_rho, ix, iy, iz) / Real(water_density);
          flux.of[axis][place] = -buoyancy.of[axis][place] * change * kept;
        });
  }
  Real* now_all = u.now.data();
  const Real* c_all = scale_.data();
  for_each_row(
      "density scatter", kernel.xs(), kernel.ys(), KOKKOS_LAMBDA(const Row& row) {
        const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy);
        Real* now = now_all + start;
        const Real *c = c_all + start, *kept = snapshot.values + kernel.plain_row_start(row.ix, row.iy);
        const PerAxis f = flux.at(start);
        const int ix = row.ix, iy = row.iy;
        if (kernel.free_surface) mirror_flux<R>(row, f.of[2]);
        const auto spread = divergence<three_d>(kernel, f);
        row.lanes(0, kernel.size[2], [=](int iz) {
          const Real share =
              2 * change_vp(ix, iy, iz) / vp(ix, iy, iz) + change_rho(ix, iy, iz) / rho(ix, iy, iz);
          now[iz] += c[iz] * spread(iz) + share * kept[iz];
        });
        row.sync();
        over_axes<three_d>([&](auto axis) {
          const auto d = kernel.template along<axis>();
          const Real* along = f.of[axis];
          Real* zeta_all = zeta.of[axis];
          over_stretches<axis, StaggeredStrips<R>::cells>(
              row, kernel.strips[axis], kernel.size[2], [=](const Stretch& part) {
                Real* late = zeta_all + part.memory;
                row.lanes(part.cells.begin, part.cells.end, [=](int iz) {
                  const Real more = part.a[axis == 2 ? iz : 0] * d.before(along + iz);
                  late[iz] += more;
                  now[iz] += c[iz] * more;
                });
              });
        });
      });
}

}  // namespace

std::unique_ptr<WaveEquation> make_acoustic_density(const Domain& domain, int order) {
  if (order == 2) return std::make_unique<AcousticDensity<1>>(domain);
  if (order == 4) return std::make_unique<AcousticDensity<2>>(domain);
  if (order == 8) return std::make_unique<AcousticDensity<4>>(domain);
  throw UserError("there is no stencil of order " + std::to_string(order), "choose order 2, 4 or 8");
}

}  // namespace fathom
