// SPDX-License-Identifier: BSD-3-Clause
#include "physics/staggered.hpp"

#include <algorithm>

namespace fathom {
namespace {

/// Cells along the memory of a face: behind and before those that absorb there are zeros for the derivative.
template <int R>
int face_memory(int width) {
  return width > 0 ? width + 3 * R : 0;
}

}  // namespace

template <int R>
StaggeredStrips<R>::StaggeredStrips(const Domain& domain, int axis, const LayerTuning& tuning) {
  const int low = domain.low(axis), high = domain.high(axis), size = domain.padded().size[axis];
  const int low_memory = face_memory<R>(low), memory = low_memory + face_memory<R>(high);
  if (memory == 0) return;
  faces[0] = {{{0, low}, {0, low}, {0, low > 0 ? std::min(low + R, size) : 0}}, R};
  faces[1] = {{{size - high, size}, {size - high, size}, {size, size}}, low_memory - (size - high - 2 * R)};
  if (high > 0) {  // the first point halfway lies before the layer's first cell, the last before its last
    faces[1].spans[halfway] = {size - high - 1, size - 1};
    faces[1].spans[reached] = {std::max(size - high - R, 0), size};
  }
  extents = domain.extents();
  halo = domain.halo();
  extents[axis] = memory;
  halo[axis] = 0;
  const double spacing = domain.padded().spacing[axis];
  const std::ptrdiff_t strides[3] = {std::ptrdiff_t(extents[1]) * extents[2], extents[2], 1};
  derivative = Staggered<R>(strides[axis], spacing);

  for (const Part part : {cells, halfway}) {
    a[part] = Kokkos::View<Real*>("pml_a", memory);
    b[part] = Kokkos::View<Real*>("pml_b", memory);
    const auto host_a = Kokkos::create_mirror_view(a[part]), host_b = Kokkos::create_mirror_view(b[part]);
    const double offset = part == halfway ? 0.5 : 0;
    const auto set = [&](int cell, const Face& face, double depth, int width) {
      const LayerCoefficients here = layer_coefficients(depth / width, width * spacing, tuning);
      host_a(cell + face.shift) = Real(here.a);
      host_b(cell + face.shift) = Real(here.b);
    };
    const Span first = faces[0].spans[part], last = faces[1].spans[part];
    for (int cell = first.begin; cell < first.end; ++cell) set(cell, faces[0], low - (cell + offset), low);
    for (int cell = last.begin; cell < last.end; ++cell)
      set(cell, faces[1], cell + offset - (size - high) + 1, high);
    Kokkos::deep_copy(a[part], host_a);
    Kokkos::deep_copy(b[part], host_b);
  }
}

template <int R>
double StaggeredStrips<R>::memory_values(const Domain& domain, int axis) {
  const double thick = face_memory<R>(domain.low(axis)) + face_memory<R>(domain.high(axis));
  return thick * double(domain.wavefield_values()) / domain.extents()[axis];
}

template <int R>
double StaggeredStrips<R>::profile_values(const Domain& domain, int axis) {
  return 4. * (face_memory<R>(domain.low(axis)) + face_memory<R>(domain.high(axis)));
}

template struct StaggeredStrips<1>;
template struct StaggeredStrips<2>;
template struct StaggeredStrips<4>;

}  // namespace fathom
