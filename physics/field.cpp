// SPDX-License-Identifier: BSD-3-Clause
#include "physics/field.hpp"

#include <cassert>

#include "physics/memory.hpp"

namespace fathom {

Field make_field(const std::string& label, const std::array<int, 3>& extents) {
  const auto [nx, ny, nz] = extents;
  const auto untouched = Kokkos::view_alloc(Kokkos::WithoutInitializing, label);
  const Field field(untouched, std::size_t(nx), std::size_t(ny), std::size_t(nz));
  if (runs_on_host) prefer_huge_pages(field.data(), field.size() * sizeof(Real));
  Kokkos::deep_copy(field, Real(0));
  return field;
}

std::vector<double> to_host(const Field& field) {
  const HostField host = Kokkos::create_mirror_view(field);
  Kokkos::deep_copy(host, field);
  return {host.data(), host.data() + host.size()};
}

void from_host(const std::vector<double>& values, const Field& field) {
  assert(values.size() == field.size());
  const HostField host = Kokkos::create_mirror_view(field);
  for (std::size_t cell = 0; cell < values.size(); ++cell) host.data()[cell] = Real(values[cell]);
  Kokkos::deep_copy(field, host);
}

Field clone(const Field& field) {
  Field copy(field.label(), field.extent(0), field.extent(1), field.extent(2));
  Kokkos::deep_copy(copy, field);
  return copy;
}

}  // namespace fathom
