// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How a sweep over cells runs: the one place where CPU and GPU differ. A kernel is written as the work on one
// row of cells along z; on a CPU a core walks the row with vector instructions, on a GPU a team of threads
// shares it.

#include <algorithm>
#include <string>
#include <type_traits>

#include "physics/field.hpp"

namespace fathom {

/// A row on a CPU.
struct HostRow {
  int ix, iy;

  /// f(iz) for begin <= iz < end; the iterations must not depend on each other.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void lanes(int begin, int end, const F& f) const {
#pragma omp simd
    for (int iz = begin; iz < end; ++iz) f(iz);
  }
  /// What was written to the row before is seen by all lanes after.
  KOKKOS_FORCEINLINE_FUNCTION void sync() const {}
};

using RowTeam = Kokkos::TeamPolicy<>::member_type;

/// A row on a GPU.
struct TeamRow {
  int ix, iy;
  const RowTeam& team;

  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void lanes(int begin, int end, const F& f) const {
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, begin, end), f);
  }
  KOKKOS_FORCEINLINE_FUNCTION void sync() const { team.team_barrier(); }
};

inline constexpr bool runs_on_host =
    std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::DefaultHostExecutionSpace>;

using Row = std::conditional_t<runs_on_host, HostRow, TeamRow>;

/// Rows [begin, end) of an axis.
struct Span {
  int begin, end;
  KOKKOS_INLINE_FUNCTION int size() const { return end - begin; }
};

/// body(row) for every row of x in xs and y in ys. On CPUs, rows of a few y are taken for all x before the
/// next few, so that the planes a stencil touches stay in the second-level cache.
template <class Body>
void for_each_row(const char* label, Span xs, Span ys, const Body& body) {
  if (xs.size() <= 0 || ys.size() <= 0) return;
  if constexpr (runs_on_host) {
    constexpr int block = 16;
    const int rows = xs.size() * ys.size(), full = xs.size() * block;
    Kokkos::parallel_for(
        label, Kokkos::RangePolicy<>(0, rows), KOKKOS_LAMBDA(int index) {
          const int first = index / full * block;
          const int width = first + block <= ys.size() ? block : ys.size() - first;
          const int inside = index - first * xs.size();
          body(HostRow{xs.begin + inside / width, ys.begin + first + inside % width});
        });
  } else {
    Kokkos::parallel_for(
        label, Kokkos::TeamPolicy<>(xs.size() * ys.size(), 128), KOKKOS_LAMBDA(const RowTeam& team) {
          body(TeamRow{xs.begin + team.league_rank() % xs.size(), ys.begin + team.league_rank() / xs.size(),
                       team});
        });
  }
}

}  // namespace fathom
