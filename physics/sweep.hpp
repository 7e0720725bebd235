// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// How a sweep over cells runs: the one place where CPU and GPU differ. A kernel is written as the work on one
// row of cells along z; on a CPU a core walks the row with vector instructions, on a GPU a team of threads
// shares it.

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>

#include "physics/field.hpp"
#include "physics/pack.hpp"

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
  /// The same a pack at a time; f may work on cells behind the end, up to a whole pack.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void packs(int begin, int end, const F& f) const {
    for (int iz = begin; iz < end; iz += Pack::width) f(iz);
  }
  /// f(iz, window), with the window of u at iz; u must be there for a pack before `begin` and one behind the
  /// last.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void windows(int begin, int end, const Real* u, const F& f) const {
    slide_window(begin, end, u, f);
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
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void packs(int begin, int end, const F& f) const {
    lanes(begin, end, f);
  }
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void windows(int begin, int end, const Real* u, const F& f) const {
    lanes(begin, end, [=](int iz) { f(iz, window_at(u + iz)); });
  }
  KOKKOS_FORCEINLINE_FUNCTION void sync() const { team.team_barrier(); }
};

using Row = std::conditional_t<runs_on_host, HostRow, TeamRow>;

/// Rows [begin, end) of an axis.
struct Span {
  int begin = 0, end = 0;
  KOKKOS_INLINE_FUNCTION int size() const { return end - begin; }
  KOKKOS_INLINE_FUNCTION bool contains(int index) const { return index >= begin && index < end; }
};

/// body(row) for every row of x in xs and y in ys, in any order.
template <class Body>
void for_each_row(const char* label, Span xs, Span ys, const Body& body) {
  if (xs.size() <= 0 || ys.size() <= 0) return;
  if constexpr (runs_on_one_core) {
    for (int ix = xs.begin; ix < xs.end; ++ix)
      for (int iy = ys.begin; iy < ys.end; ++iy) body(HostRow{ix, iy});
  } else if constexpr (runs_on_host) {
    Kokkos::parallel_for(
        label, Kokkos::RangePolicy<>(0, xs.size() * ys.size()), KOKKOS_LAMBDA(int index) {
          body(HostRow{xs.begin + index / ys.size(), ys.begin + index % ys.size()});
        });
  } else {
    Kokkos::parallel_for(
        label, Kokkos::TeamPolicy<>(xs.size() * ys.size(), 128), KOKKOS_LAMBDA(const RowTeam& team) {
          body(TeamRow{xs.begin + team.league_rank() % xs.size(), ys.begin + team.league_rank() / xs.size(),
                       team});
        });
  }
}

/// How far a pass runs ahead of the last, in planes of x and rows of y.
struct Lead {
  int x = 0, y = 0;
};

/// One of several passes over the rows of a grid: body(row) where x is in one of `xs` and y in one of `ys`.
template <class Body>
struct Pass {
  const char* label;
  Lead lead;
  std::array<Span, 2> xs, ys;
  Body body;

  void everywhere() const {
    for (const Span x : xs)
      for (const Span y : ys) for_each_row(label, x, y, body);
  }
  KOKKOS_FORCEINLINE_FUNCTION void at(int ix, int iy) const {
    const bool there =
        (xs[0].contains(ix) || xs[1].contains(ix)) && (ys[0].contains(iy) || ys[1].contains(iy));
    if (there) body(HostRow{ix, iy});
  }
};

/// Runs passes over a grid of `planes` times `rows` rows. A pass may read what an earlier one wrote in rows
/// up to as far away, along x or along y, as the earlier one's lead is larger. A single core takes the passes
/// row by row in turn, so that what one has brought into the cache serves the next. Where rows run side by
/// side, a pass is finished before the next.
template <class... Bodies>
void run_passes(int planes, int rows, const Pass<Bodies>&... passes) {
  if constexpr (runs_on_one_core) {
    const Lead longest{std::max({passes.lead.x...}), std::max({passes.lead.y...})};
    for (int ix = -longest.x; ix < planes; ++ix)
      for (int iy = -longest.y; iy < rows; ++iy) (passes.at(ix + passes.lead.x, iy + passes.lead.y), ...);
  } else {
    (passes.everywhere(), ...);
  }
}

}  // namespace fathom
