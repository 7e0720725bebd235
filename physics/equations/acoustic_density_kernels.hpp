// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The sweeps of the acoustic equation at varying density, both directions; the scheme is in
// acoustic_density.cpp.

#include <array>
#include <string>
#include <type_traits>

#include "physics/staggered.hpp"

namespace fathom::acoustic_density {

constexpr double water_density = 1000;  // kg/m^3
/// What imaging sums up for the mean density halfway, by axis.
constexpr const char* flux_image[3] = {"flux x", "flux y", "flux z"};

/// What the kernels of all directions need, by value.
template <int R>
struct Kernel {
  std::array<int, 3> size{}, halo{};
  int pitch = 0;
  std::ptrdiff_t stride_x = 0, stride_y = 0, padded_values = 0;
  Staggered<R> x, y;
  Staggered<R, 1> z;
  StaggeredStrips<R> strips[3];
  bool free_surface = false;

  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t row_start(int ix, int iy) const {
    return (ix + halo[0]) * stride_x + (iy + halo[1]) * stride_y + halo[2];
  }
  /// The same in fields without a halo.
  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t plain_row_start(int ix, int iy) const {
    return (std::ptrdiff_t(ix) * size[1] + iy) * pitch;
  }
  template <int axis>
  KOKKOS_FORCEINLINE_FUNCTION auto along() const {
    if constexpr (axis == 2) {
      return z;
    } else {
      return axis == 0 ? x : y;
    }
  }
  Span xs() const { return {0, size[0]}; }
  Span ys() const { return {0, size[1]}; }
};

/// f(axis) for the active ones, as constants.
template <bool three_d, class F>
KOKKOS_FORCEINLINE_FUNCTION void over_axes(const F& f) {
  f(std::integral_constant<int, 0>{});
  if constexpr (three_d) f(std::integral_constant<int, 1>{});
  f(std::integral_constant<int, 2>{});
}

/// One pointer an axis; null along an axis that is not active.
struct PerAxis {
  Real* of[3] = {};

  PerAxis() = default;
  explicit PerAxis(const std::array<Field, 3>& fields)
      : of{fields[0].data(), fields[1].data(), fields[2].data()} {}
  /// A wavefield's memory holds two variables of the layer for each axis.
  PerAxis(const std::vector<Field>& memory, int variable)
      : of{memory[variable].data(), memory[variable + 2].data(), memory[variable + 4].data()} {}
  KOKKOS_FORCEINLINE_FUNCTION PerAxis at(std::ptrdiff_t place) const {
    PerAxis moved;
    for (int axis = 0; axis < 3; ++axis) moved.of[axis] = of[axis] ? of[axis] + place : nullptr;
    return moved;
  }
};

/// A snapshot's values at a place of the padded grid: the increment, then the flux along each active axis.
struct Kept {
  Real* increment = nullptr;
  PerAxis flux;

  template <int R>
  KOKKOS_FORCEINLINE_FUNCTION Kept(const Kernel<R>& kernel, Snapshot snapshot, std::ptrdiff_t place)
      : increment(snapshot.values + place) {
    Real* next = increment;
    for (int axis = 0; axis < 3; ++axis)
      if (axis != 1 || kernel.size[1] > 1) flux.of[axis] = next += kernel.padded_values;
  }
};

/// p(-k) = -p(k) above a free surface, in this row.
template <int R>
KOKKOS_FORCEINLINE_FUNCTION void mirror_pressure(const Row& row, Real* p) {
  row.lanes(1, R + 1, [=](int k) { p[-k] = -p[k]; });
  row.sync();
}

/// Fluxes halfway are mirrored about the cell at the surface without a change of sign.
template <int R>
KOKKOS_FORCEINLINE_FUNCTION void mirror_flux(const Row& row, Real* f) {
  row.lanes(0, R, [=](int k) { f[-1 - k] = f[k]; });
  row.sync();
}

/// f <- b (D p + psi) along an axis, after psi <- b psi + a D p in the strips.
template <int axis, int R>
KOKKOS_FORCEINLINE_FUNCTION void take_flux(const Row& row, const Kernel<R>& kernel, const Real* p,
                                           const Real* buoyancy, Real* psi_all, Real* flux) {
  const auto d = kernel.template along<axis>();
  row.lanes(0, kernel.size[2], [=](int iz) { flux[iz] = buoyancy[iz] * d.after(p + iz); });
  row.sync();
  over_stretches<axis, StaggeredStrips<R>::halfway>(
      row, kernel.strips[axis], kernel.size[2], [=](const Stretch& part) {
        Real* psi = psi_all + part.memory;
        row.lanes(part.cells.begin, part.cells.end, [=](int iz) {
          const int at = axis == 2 ? iz : 0;
          psi[iz] = part.b[at] * psi[iz] + part.a[at] * d.after(p + iz);
          flux[iz] += buoyancy[iz] * psi[iz];
        });
      });
}

template <int R, bool three_d, bool keeping>
void forward_fluxes(const Kernel<R>& kernel, const Wavefield& u, const PerAxis& buoyancy, const PerAxis& flux,
                    Snapshot snapshot) {
  Real* now_all = u.now.data();
  const PerAxis psi(u.memory, 0);
  for_each_row(
      "density fluxes", kernel.xs(), kernel.ys(), KOKKOS_LAMBDA(const Row& row) {
        const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy);
        Real* p = now_all + start;
        const PerAxis b = buoyancy.at(start), f = flux.at(start);
        if (kernel.free_surface) mirror_pressure<R>(row, p);
        over_axes<three_d>([&](auto axis) {
          take_flux<axis>(row, kernel, p, b.of[axis], psi.of[axis], f.of[axis]);
          if (!keeping) return;
          const Real* from = f.of[axis];
          Real* to = Kept(kernel, snapshot, kernel.plain_row_start(row.ix, row.iy)).flux.of[axis];
          row.lanes(0, kernel.size[2], [=](int iz) { to[iz] = from[iz]; });
        });
        if (kernel.free_surface) mirror_flux<R>(row, f.of[2]);
      });
}

/// zeta <- b zeta + a r, r = -D^T f along an axis, and add(iz, zeta).
template <int axis, int R, class Add>
KOKKOS_FORCEINLINE_FUNCTION void add_layer(const Row& row, const Kernel<R>& kernel, const Real* flux,
                                           Real* zeta_all, const Add& add) {
  const auto d = kernel.template along<axis>();
  over_stretches<axis, StaggeredStrips<R>::cells>(
      row, kernel.strips[axis], kernel.size[2], [=](const Stretch& part) {
        Real* zeta = zeta_all + part.memory;
        row.lanes(part.cells.begin, part.cells.end, [=](int iz) {
          const int at = axis == 2 ? iz : 0;
          zeta[iz] = part.b[at] * zeta[iz] + part.a[at] * d.before(flux + iz);
          add(iz, zeta[iz]);
        });
      });
}

/// -D^T f, the divergence of the fluxes, as a function of iz.
template <bool three_d, int R>
KOKKOS_FORCEINLINE_FUNCTION auto divergence(const Kernel<R>& kernel, const PerAxis& f) {
  return [x = kernel.x, y = kernel.y, z = kernel.z, f](int iz) {
    Real sum = z.before(f.of[2] + iz) + x.before(f.of[0] + iz);
    if (three_d) sum += y.before(f.of[1] + iz);
    return sum;
  };
}

/// before <- 2 now - before + c L now. Forward the layer's second derivative is added here; the adjoint's
/// layer is in its fluxes already.
template <int R, bool three_d, bool forward, bool keeping>
void update(const Kernel<R>& kernel, const Wavefield& u, const Field& scale, const PerAxis& flux,
            Snapshot snapshot) {
  Real *now_all = u.now.data(), *before_all = u.before.data();
  const Real* c_all = scale.data();
  const PerAxis zeta(u.memory, 1);
  for_each_row(
      forward ? "density step" : "density adjoint step", kernel.xs(), kernel.ys(),
      KOKKOS_LAMBDA(const Row& row) {
        const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy);
        const Real *now = now_all + start, *c = c_all + start;
        Real* before = before_all + start;
        Real* kept = keeping ? snapshot.values + kernel.plain_row_start(row.ix, row.iy) : nullptr;
        const PerAxis f = flux.at(start);
        const auto spread = divergence<three_d>(kernel, f);
        row.lanes(0, kernel.size[2], [=](int iz) {
          const Real increment = c[iz] * spread(iz);
          before[iz] = 2 * now[iz] - before[iz] + increment;
          if (keeping) kept[iz] = increment;
        });
        row.sync();
        if (forward)
          over_axes<three_d>([&](auto axis) {
            add_layer<axis>(row, kernel, f.of[axis], zeta.of[axis], [=](int iz, Real more) {
              before[iz] += c[iz] * more;
              if (keeping) kept[iz] += c[iz] * more;
            });
          });
        if (kernel.free_surface) row.lanes(0, 1, [=](int iz) { before[iz] = 0; });
      });
}

/// tau <- b tau + a mu in the strips of the x or y axis, whose rows need their neighbours' tau afterwards.
template <int axis, int R>
void update_tau_across(const Kernel<R>& kernel, const Field& mu_field, const Field& tau_field) {
  const Real* mu = mu_field.data();
  Real* tau = tau_field.data();
  for (const auto& face : kernel.strips[axis].faces) {
    const Span strip = face.spans[StaggeredStrips<R>::cells];
    for_each_row(
        "density pml tau", axis == 0 ? strip : kernel.xs(), axis == 1 ? strip : kernel.ys(),
        KOKKOS_LAMBDA(const Row& row) {
          const Real* here = mu + kernel.row_start(row.ix, row.iy);
          over_stretches<axis, StaggeredStrips<R>::cells>(
              row, kernel.strips[axis], kernel.size[2], [=](const Stretch& part) {
                Real* memory = tau + part.memory;
                const Real a = part.a[0], b = part.b[0];
                row.lanes(part.cells.begin, part.cells.end,
                          [=](int iz) { memory[iz] = b * memory[iz] + a * here[iz]; });
              });
        });
  }
}

/// g <- b D (mu + tau) along an axis; along z, where a row holds the whole strip, tau is updated here too.
template <int axis, int R>
KOKKOS_FORCEINLINE_FUNCTION void take_adjoint_flux(const Row& row, const Kernel<R>& kernel, const Real* mu,
                                                   const Real* buoyancy, Real* tau_all, Real* flux) {
  const auto d = kernel.template along<axis>();
  const int length = kernel.size[2];
  row.lanes(0, length, [=](int iz) { flux[iz] = buoyancy[iz] * d.after(mu + iz); });
  row.sync();
  if (axis == 2)
    over_stretches<axis, StaggeredStrips<R>::cells>(
        row, kernel.strips[axis], length, [=](const Stretch& part) {
          Real* tau = tau_all + part.memory;
          row.lanes(part.cells.begin, part.cells.end,
                    [=](int iz) { tau[iz] = part.b[iz] * tau[iz] + part.a[iz] * mu[iz]; });
        });
  const auto d_tau = kernel.strips[axis].derivative;
  over_stretches<axis, StaggeredStrips<R>::reached>(
      row, kernel.strips[axis], length, [=](const Stretch& part) {
        const Real* tau = tau_all + part.memory;
        row.lanes(part.cells.begin, part.cells.end,
                  [=](int iz) { flux[iz] += buoyancy[iz] * d_tau.after(tau + iz); });
      });
}

/// sigma <- b sigma + a g and g <- g + sigma along an axis.
template <int axis, int R>
KOKKOS_FORCEINLINE_FUNCTION void add_adjoint_layer(const Row& row, const Kernel<R>& kernel, Real* sigma_all,
                                                   Real* flux) {
  over_stretches<axis, StaggeredStrips<R>::halfway>(
      row, kernel.strips[axis], kernel.size[2], [=](const Stretch& part) {
        Real* sigma = sigma_all + part.memory;
        row.lanes(part.cells.begin, part.cells.end, [=](int iz) {
          const int at = axis == 2 ? iz : 0;
          sigma[iz] = part.b[at] * sigma[iz] + part.a[at] * flux[iz];
          flux[iz] += sigma[iz];
        });
      });
}

/// Where imaging adds to: fields like Domain::make_padded()'s.
struct Images {
  Real* increment = nullptr;
  PerAxis flux;
  Real weight = 1;
};

/// The fluxes of the adjoint. The image of increments gets mu q, that of fluxes g f.
template <int R, bool three_d, bool imaging>
void adjoint_fluxes(const Kernel<R>& kernel, const Wavefield& mu_field, const PerAxis& buoyancy,
                    const PerAxis& flux, Snapshot snapshot, const Images& images) {
  if (!kernel.strips[0].empty()) update_tau_across<0>(kernel, mu_field.now, mu_field.memory[1]);
  if (three_d && !kernel.strips[1].empty()) update_tau_across<1>(kernel, mu_field.now, mu_field.memory[3]);
  Real* mu_all = mu_field.now.data();
  const PerAxis sigma(mu_field.memory, 0), tau(mu_field.memory, 1);
  for_each_row(
      "density adjoint fluxes", kernel.xs(), kernel.ys(), KOKKOS_LAMBDA(const Row& row) {
        const std::ptrdiff_t start = kernel.row_start(row.ix, row.iy),
                             plain = kernel.plain_row_start(row.ix, row.iy);
        Real* mu = mu_all + start;
        const PerAxis b = buoyancy.at(start), g_all = flux.at(start);
        const int length = kernel.size[2];
        const Real weight = images.weight;
        if (kernel.free_surface) mirror_pressure<R>(row, mu);
        if (imaging) {
          Real* image = images.increment + plain;
          const Real* increment = snapshot.values + plain;
          row.lanes(0, length, [=](int iz) { image[iz] += weight * mu[iz] * increment[iz]; });
        }
        over_axes<three_d>([&](auto axis) {
          Real* g = g_all.of[axis];
          take_adjoint_flux<axis>(row, kernel, mu, b.of[axis], tau.of[axis], g);
          row.sync();
          if (imaging) {
            Real* image = images.flux.of[axis] + plain;
            const Real* f = Kept(kernel, snapshot, plain).flux.of[axis];
            row.lanes(0, length, [=](int iz) { image[iz] += weight * g[iz] * f[iz]; });
            row.sync();
          }
          add_adjoint_layer<axis>(row, kernel, sigma.of[axis], g);
        });
        if (kernel.free_surface) mirror_flux<R>(row, g_all.of[2]);
      });
}

/// body(ix, iy, iz) for the cells of the padded grid.
template <class Body>
void over_cells(const char* label, const Domain& domain, const Body& body) {
  const auto& size = domain.padded().size;
  Kokkos::parallel_for(label, Kokkos::MDRangePolicy<Kokkos::Rank<3>>({0, 0, 0}, {size[0], size[1], size[2]}),
                       body);
}

}  // namespace fathom::acoustic_density
