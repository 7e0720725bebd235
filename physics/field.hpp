// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one door to Kokkos: precision, memory, and how a sweep over cells is run on a CPU and on a GPU.

#include <Kokkos_Core.hpp>
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "physics/grid.hpp"

#ifndef FATHOM_REAL
#define FATHOM_REAL float
#endif

namespace fathom {

/// Precision of wavefields and models. Everything above physics reduces in double.
using Real = FATHOM_REAL;

/// Whether kernels run on a CPU.
inline constexpr bool runs_on_host =
    std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::DefaultHostExecutionSpace>;

/// Values on a grid, indexed (ix, iy, iz), z contiguous; on the device when there is one.
using Field = Kokkos::View<Real***, Kokkos::LayoutRight>;
using HostField = Field::HostMirror;

/// A field of zeros.
Field make_field(const std::string& label, const std::array<int, 3>& extents);
inline Field make_field(const std::string& label, const Grid& grid) {
  return make_field(label, grid.size);
}

/// A copy of the field in z-fastest order, in double, on the host.
std::vector<double> to_host(const Field& field);
/// The inverse; the field must have as many cells as there are values.
void from_host(const std::vector<double>& values, const Field& field);
Field clone(const Field& field);

}  // namespace fathom
