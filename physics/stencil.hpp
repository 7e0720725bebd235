// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "physics/error.hpp"
#include "physics/field.hpp"
#include "physics/pack.hpp"

namespace fathom {

/// Central finite-difference weights of order 2 * R at unit spacing (Fornberg, 1988); index 0 is the centre.
/// The second derivative is even about it, the first odd.
template <int R>
struct Weights;

template <>
struct Weights<1> {
  static constexpr std::array<double, 2> second{-2., 1.};
  static constexpr std::array<double, 2> first{0., 1. / 2};
};
template <>
struct Weights<2> {
  static constexpr std::array<double, 3> second{-5. / 2, 4. / 3, -1. / 12};
  static constexpr std::array<double, 3> first{0., 2. / 3, -1. / 12};
};
template <>
struct Weights<4> {
  static constexpr std::array<double, 5> second{-205. / 72, 8. / 5, -1. / 5, 8. / 315, -1. / 560};
  static constexpr std::array<double, 5> first{0., 4. / 5, -1. / 5, 4. / 105, -1. / 280};
};

/// First and second derivative along one axis of a field in memory, scaled by the spacing. `fixed` is the
/// stride along the axis where it is known when compiling (1 along z, which spares a kernel most of its
/// address registers), or 0.
template <int R, int fixed = 0>
struct Stencil {
  std::ptrdiff_t stride_ = fixed;
  Real second_[R + 1] = {};
  Real first_[R + 1] = {};

  Stencil() = default;
  Stencil(std::ptrdiff_t stride, double spacing) : stride_(stride) {
    for (int k = 0; k <= R; ++k) {
      second_[k] = Real(Weights<R>::second[k] / (spacing * spacing));
      first_[k] = Real(Weights<R>::first[k] / spacing);
    }
  }

  /// The same along z.
  KOKKOS_INLINE_FUNCTION Stencil<R, 1> along_z() const {
    Stencil<R, 1> stencil;
    for (int k = 0; k <= R; ++k) {
      stencil.second_[k] = second_[k];
      stencil.first_[k] = first_[k];
    }
    return stencil;
  }

  KOKKOS_FORCEINLINE_FUNCTION std::ptrdiff_t stride() const { return fixed ? fixed : stride_; }

  /// Derivatives of packs, from anything that gives the pack at an Offset along the axis.
  template <class At>
  KOKKOS_FORCEINLINE_FUNCTION Pack second_at(const At& at) const {
    return add_second(at, Pack::all(second_[0]) * at(Offset<0>()));
  }
  template <class At>
  KOKKOS_FORCEINLINE_FUNCTION Pack first_at(const At& at) const {
    return add_first(at, Pack::all(first_[1]) * (at(Offset<1>()) - at(Offset<-1>())));
  }
  KOKKOS_FORCEINLINE_FUNCTION Neighbours neighbours_of(const Real* u) const { return {u, stride()}; }

 private:
  template <int k = 1, class At>
  KOKKOS_FORCEINLINE_FUNCTION Pack add_second(const At& at, Pack sum) const {
    sum = multiply_add(Pack::all(second_[k]), at(Offset<k>()) + at(Offset<-k>()), sum);
    if constexpr (k < R) sum = add_second<k + 1>(at, sum);
    return sum;
  }
  template <int k = 2, class At>
  KOKKOS_FORCEINLINE_FUNCTION Pack add_first(const At& at, Pack sum) const {
    if constexpr (k <= R) {
      sum = multiply_add(Pack::all(first_[k]), at(Offset<k>()) - at(Offset<-k>()), sum);
      sum = add_first<k + 1>(at, sum);
    }
    return sum;
  }
};

/// The Courant number v dt sqrt(sum 1/h^2) at which leapfrog becomes unstable: 1, 0.866, 0.784 for orders 2,
/// 4, 8.
inline double stability_limit(int order) {
  const auto limit = [](const auto& weights) {
    double sum = std::abs(weights[0]);
    for (std::size_t k = 1; k < weights.size(); ++k) sum += 2 * std::abs(weights[k]);
    return 2 / std::sqrt(sum);
  };
  switch (order) {
    case 2:
      return limit(Weights<1>::second);
    case 4:
      return limit(Weights<2>::second);
    case 8:
      return limit(Weights<4>::second);
  }
  throw UserError("there is no stencil of order " + std::to_string(order), "choose order 2, 4 or 8");
}

}  // namespace fathom
