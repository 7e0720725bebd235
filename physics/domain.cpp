// SPDX-License-Identifier: BSD-3-Clause
#include "physics/domain.hpp"

#include <algorithm>

#include "physics/pack.hpp"

namespace fathom {

void BoundaryOptions::describe(OptionVisitor& option) {
  option("width", width,
         {.meaning = "thickness of the absorbing layer; at least 20 cells and half a dominant wavelength",
          .unit = "cells",
          .min = 0,
          .max = 500});
  option("free_surface", free_surface,
         {.meaning = "zero pressure at the top of the model instead of an absorbing layer"});
  option("reflection", reflection,
         {.meaning = "theoretical reflection of the layer at normal incidence", .min = 1e-12, .max = 0.1});
}

Domain::Domain(const Grid& model, const BoundaryOptions& boundary, int stencil_radius)
    : model_(model), padded_(model), radius_(stencil_radius), free_surface_(boundary.free_surface) {
  constexpr int alignment = 16;
  static_assert(alignment % Pack::width == 0);
  for (int axis = 0; axis < 3; ++axis) {
    if (model.active(axis)) {
      low_[axis] = axis == 2 && free_surface_ ? 0 : boundary.width;
      high_[axis] = boundary.width;
      halo_[axis] = axis == 2 ? std::max(alignment, Pack::width) : radius_;
    }
    padded_.size[axis] += low_[axis] + high_[axis];
    padded_.origin[axis] -= low_[axis] * model.spacing[axis];
    extents_[axis] = padded_.size[axis] + halo_[axis] + (model.active(axis) && axis != 2 ? radius_ : 0);
  }
  const auto aligned = [](int values) { return (values + alignment - 1) / alignment * alignment; };
  extents_[2] = aligned(extents_[2]);
  // Neighbours across z must not all fall into the same few lines of the cache: rows and planes are odd
  // multiples of one line.
  if (extents_[2] / alignment % 2 == 0) extents_[2] += alignment;
  if (model.active(1) && extents_[1] % 2 == 0) ++extents_[1];
  pitch_ = aligned(padded_.size[2]);
}

std::ptrdiff_t Domain::stride(int axis) const {
  if (axis == 2) return 1;
  return axis == 1 ? extents_[2] : std::ptrdiff_t(extents_[1]) * extents_[2];
}

Model Domain::pad(const Model& model) const {
  Model padded{padded_, {}};
  pad(model, padded);
  return padded;
}

void Domain::pad(const Model& model, Model& padded) const {
  const std::array<int, 3> low = low_, size = model_.size;
  for (const auto& [name, field] : model.properties) {
    if (!padded.properties.contains(name)) padded[name] = make_padded(name);
    const Field inner = field, outer = padded.at(name);
    Kokkos::parallel_for(
        "pad", Kokkos::MDRangePolicy<Kokkos::Rank<3>>({0, 0, 0}, {padded_.size[0], padded_.size[1], pitch_}),
        KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const auto inside = [](int index, int last) { return index < 0 ? 0 : index > last ? last : index; };
          outer(ix, iy, iz) = inner(inside(ix - low[0], size[0] - 1), inside(iy - low[1], size[1] - 1),
                                    inside(iz - low[2], size[2] - 1));
        });
  }
}

void Domain::fold(const Model& padded, Model& folded) const {
  const std::array<int, 3> low = low_, size = model_.size, outer_size = padded_.size;
  for (const auto& [name, field] : padded.properties) {
    const Field outer = field, inner = folded.at(name);
    // A cell gathers what the padding copied from it: itself, or a whole run of cells at an edge.
    Kokkos::parallel_for(
        "fold", Kokkos::MDRangePolicy<Kokkos::Rank<3>>({0, 0, 0}, {size[0], size[1], size[2]}),
        KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const int place[3] = {ix, iy, iz};
          int begin[3], end[3];
          for (int axis = 0; axis < 3; ++axis) {
            begin[axis] = place[axis] == 0 ? 0 : place[axis] + low[axis];
            end[axis] = place[axis] == size[axis] - 1 ? outer_size[axis] : place[axis] + low[axis] + 1;
          }
          double sum = 0;
          for (int jx = begin[0]; jx < end[0]; ++jx)
            for (int jy = begin[1]; jy < end[1]; ++jy)
              for (int jz = begin[2]; jz < end[2]; ++jz) sum += double(outer(jx, jy, jz));
          inner(ix, iy, iz) += Real(sum);
        });
  }
}

}  // namespace fathom
