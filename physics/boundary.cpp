// SPDX-License-Identifier: BSD-3-Clause
#include "physics/boundary.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fathom {
/// Damping d grows with the square of depth: the cube reflects more in thin layers. The frequency shift alpha
/// falls linearly; half the customary pi f lets waves of a third of the dominant frequency be absorbed as
/// well.
LayerCoefficients layer_coefficients(double depth, double thickness, const LayerTuning& tuning) {
  const double strongest = 1.5 * tuning.fastest / thickness * std::log(1 / tuning.reflection);
  const double d = strongest * depth * depth;
  const double alpha = 0.5 * std::numbers::pi * tuning.frequency * (1 - depth);
  const double b = std::exp(-(d + alpha) * tuning.time_step);
  return {d > 0 ? d / (d + alpha) * (b - 1) : 0., b};
}

template <int R>
Strips<R> make_strips(const Domain& domain, int axis, const LayerTuning& tuning) {
  Strips<R> strips;
  const int low = domain.low(axis), high = domain.high(axis), cells = domain.padded().size[axis];
  if (low + high == 0) return strips;

  // Along z, faces begin and end with whole packs. Beyond the absorbing cells a and b are zero, and so is all
  // that a kernel computes there.
  const int unit = axis == 2 ? Pack::width : 1, margin = std::max(unit, R);
  const auto down = [&](int cell) { return std::max(cell, 0) / unit * unit; };
  const auto up = [&](int cell) { return (std::min(cell, cells) + unit - 1) / unit * unit; };
  int memory = 0;
  if (low > 0 && high > 0 &&
      up(low + R) > down(cells - high - R)) {  // a small model: one face is the whole row
    strips.faces[0] = {{0, up(cells)}, {0, up(cells)}, margin};
    strips.faces[1].shift = margin;
    memory = margin + up(cells);
  } else if (low > 0) {
    strips.faces[0] = {{0, up(low)}, {0, up(low + R)}, margin};
    memory = margin + up(low + R);
  }
  if (high > 0 && strips.faces[0].touched.end <= down(cells - high - R)) {
    const Span touched{down(cells - high - R), up(cells)};
    strips.faces[1] = {{down(cells - high), up(cells)}, touched, memory + margin - touched.begin};
    memory += margin + touched.size();
  }
  // Behind a row along z comes the margin of the next, or a halo.
  if (axis != 2) memory += margin;
  strips.extents = domain.extents();
  strips.halo = domain.halo();
  strips.extents[axis] = memory;
  strips.halo[axis] = 0;
  const double spacing = domain.padded().spacing[axis];
  const std::ptrdiff_t strides[3] = {std::ptrdiff_t(strips.extents[1]) * strips.extents[2], strips.extents[2],
                                     1};
  strips.field = Stencil<R>(domain.stride(axis), spacing);
  strips.memory = Stencil<R>(strides[axis], spacing);

  strips.a = Kokkos::View<Real*>("pml_a", strips.extents[axis]);
  strips.b = Kokkos::View<Real*>("pml_b", strips.extents[axis]);
  const auto a = Kokkos::create_mirror_view(strips.a), b = Kokkos::create_mirror_view(strips.b);
  const auto set = [&](int cell, const StripFace& face, int depth, int width) {
    const LayerCoefficients here = layer_coefficients(double(depth) / width, width * spacing, tuning);
    a(cell + face.shift) = Real(here.a);
    b(cell + face.shift) = Real(here.b);
  };
  for (int cell = 0; cell < low; ++cell) set(cell, strips.faces[0], low - cell, low);
  for (int cell = cells - high; cell < cells; ++cell)
    set(cell, strips.faces[1], cell - (cells - high) + 1, high);
  Kokkos::deep_copy(strips.a, a);
  Kokkos::deep_copy(strips.b, b);
  return strips;
}

template Strips<1> make_strips<1>(const Domain&, int, const LayerTuning&);
template Strips<2> make_strips<2>(const Domain&, int, const LayerTuning&);
template Strips<4> make_strips<4>(const Domain&, int, const LayerTuning&);

}  // namespace fathom
