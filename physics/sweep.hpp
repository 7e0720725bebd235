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

/// A row on a CPU, or the rows of neighbouring planes that a kernel takes together: what one reads serves the
/// next while it is in registers.
struct HostRow {
  int ix, iy;
  int planes = 1;
  Real* scratch = nullptr;  ///< as many values as the pass asked for

  /// The row in a plane of these alone.
  KOKKOS_FORCEINLINE_FUNCTION HostRow in_plane(int plane) const { return {ix + plane, iy}; }

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
  /// f(iz, windows), with the windows of the rows u at iz, which must be there for a pack before `begin` and
  /// one behind the last.
  template <Beyond beyond = Beyond::values, std::size_t rows, class F>
  KOKKOS_FORCEINLINE_FUNCTION void windows(int begin, int end, const std::array<const Real*, rows>& u,
                                           const F& f) const {
    slide_windows<beyond>(begin, end, u, f);
  }
  /// f(iz, window of u, window of v), v being derive(iz, window of u), which also stores it in v. Both must
  /// be there for a pack before `begin` and one behind the last, v with zeros.
  template <class Derive, class F>
  KOKKOS_FORCEINLINE_FUNCTION void derived(int begin, int end, const Real* u, const Real*,
                                           const Derive& derive, const F& f) const {
    slide_derived(begin, end, u, derive, f);
  }
  /// What was written to the row before is seen by all lanes after.
  KOKKOS_FORCEINLINE_FUNCTION void sync() const {}
};

using RowTeam = Kokkos::TeamPolicy<>::member_type;

/// A row on a GPU.
struct TeamRow {
  int ix, iy;
  const RowTeam& team;
  Real* scratch = nullptr;
  static constexpr int planes = 1;

  KOKKOS_FORCEINLINE_FUNCTION const TeamRow& in_plane(int) const { return *this; }

  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void lanes(int begin, int end, const F& f) const {
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, begin, end), f);
  }
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void packs(int begin, int end, const F& f) const {
    lanes(begin, end, f);
  }
  template <Beyond beyond = Beyond::values, std::size_t rows, class F>
  KOKKOS_FORCEINLINE_FUNCTION void windows(int begin, int end, const std::array<const Real*, rows>& u,
                                           const F& f) const {
    lanes(begin, end, [=](int iz) {
      std::array<Window, rows> near;
      for (std::size_t row = 0; row < rows; ++row) near[row] = window_at(u[row] + iz);
      f(iz, near);
    });
  }
  template <class Derive, class F>
  KOKKOS_FORCEINLINE_FUNCTION void derived(int begin, int end, const Real* u, const Real* v,
                                           const Derive& derive, const F& f) const {
    lanes(begin, end, [=](int iz) { derive(iz, window_at(u + iz)); });
    sync();
    lanes(begin, end, [=](int iz) { f(iz, window_at(u + iz), window_at(v + iz)); });
  }
  KOKKOS_FORCEINLINE_FUNCTION void sync() const { team.team_barrier(); }
};

using Row = std::conditional_t<runs_on_host, HostRow, TeamRow>;

/// Planes of x that a kernel may take together: with the neighbours along x of both in registers, order 8
/// runs 1.4 times as fast in three dimensions (Zen 5). Three or more are slower again: their rows come from
/// too many places in memory.
inline constexpr int planes_together = runs_on_host ? 2 : 1;

template <class T, int planes>
using InPlanes = std::array<T, std::size_t(planes)>;

/// make(plane) for each of the planes.
template <int planes, class Make>
KOKKOS_FORCEINLINE_FUNCTION auto for_planes(const Make& make) {
  static_assert(planes == 1 || planes == 2);
  if constexpr (planes == 1)
    return std::array{make(0)};
  else
    return std::array{make(0), make(1)};
}
/// At least so many values for the calling thread, aligned to a pack, until its next call.
Real* thread_scratch(std::size_t values);

/// Rows [begin, end) of an axis.
struct Span {
  int begin = 0, end = 0;
  KOKKOS_INLINE_FUNCTION int size() const { return end - begin; }
  KOKKOS_INLINE_FUNCTION bool contains(int index) const { return index >= begin && index < end; }
};

/// body(row) for every row of x in xs and y in ys, in any order, each with so many values of scratch memory;
/// on a CPU so many planes of x together, the last ones as many as are left.
template <class Body>
void for_each_row(const char* label, Span xs, Span ys, const Body& body, int scratch = 0, int planes = 1) {
  if (xs.size() <= 0 || ys.size() <= 0) return;
  if constexpr (runs_on_host) {
    const auto visit = [=](int group, int iy) {
      const int ix = xs.begin + group * planes;
      body(HostRow{ix, iy, std::min(planes, xs.end - ix),
                   scratch > 0 ? thread_scratch(std::size_t(scratch)) : nullptr});
    };
    const int groups = (xs.size() + planes - 1) / planes;
    if constexpr (runs_on_one_core) {
      for (int group = 0; group < groups; ++group)
        for (int iy = ys.begin; iy < ys.end; ++iy) visit(group, iy);
    } else {
      Kokkos::parallel_for(label, Kokkos::RangePolicy<>(0, groups * ys.size()),
                           [=](int index) { visit(index / ys.size(), ys.begin + index % ys.size()); });
    }
  } else {
    const std::size_t bytes = std::size_t(scratch) * sizeof(Real);
    Kokkos::parallel_for(
        label, Kokkos::TeamPolicy<>(xs.size() * ys.size(), 128).set_scratch_size(0, Kokkos::PerTeam(bytes)),
        KOKKOS_LAMBDA(const RowTeam& team) {
          Real* values = static_cast<Real*>(team.team_scratch(0).get_shmem(bytes));
          body(TeamRow{xs.begin + team.league_rank() % xs.size(), ys.begin + team.league_rank() / xs.size(),
                       team, values});
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
  int scratch = 0;  ///< values that a row wants
  int planes = 1;   ///< of x that are taken together

  void everywhere() const {
    for (const Span x : xs)
      for (const Span y : ys) for_each_row(label, x, y, body, scratch, planes);
  }
  KOKKOS_FORCEINLINE_FUNCTION void at(int ix, int iy, Real* memory) const {
    if (!ys[0].contains(iy) && !ys[1].contains(iy)) return;
    for (const Span& x : xs)
      if (x.contains(ix) && (ix - x.begin) % planes == 0)
        return body(HostRow{ix, iy, std::min(planes, x.end - ix), memory});
  }
};

/// A body that takes several planes together: update<planes>(row), their number known when compiling.
template <class Body>
struct Together {
  Body body;

  KOKKOS_FORCEINLINE_FUNCTION void operator()(const Row& row) const {
    if constexpr (planes_together > 1)
      if (row.planes == 2) return body.template update<2>(row);
    body.template update<1>(row);
  }
};
template <class Body>
Pass<Together<Body>> together(const char* label, Lead lead, const std::array<Span, 2>& xs,
                              const std::array<Span, 2>& ys, const Body& body, int scratch = 0) {
  return {label, lead, xs, ys, {body}, scratch, planes_together};
}

/// Runs passes over a grid of `planes` times `rows` rows. A pass may read what an earlier one wrote in rows
/// up to as far away, along x or along y, as the earlier one's lead is larger; the rows of one that takes
/// several planes together count from the last of these along x. A single core takes the passes
/// row by row in turn, so that what one has brought into the cache serves the next. Where rows run side by
/// side, a pass is finished before the next. `row_values` is the length of a row, which decides how many are
/// worked on in a plane before its neighbour.
template <class... Bodies>
void run_passes(int planes, int rows, int row_values, const Pass<Bodies>&... passes) {
  if constexpr (runs_on_one_core) {
    // Of a grid with long planes so many rows at a time that neighbouring planes stay in the cache.
    constexpr int block_values = 1 << 16;
    const int block = std::max(16, block_values / row_values);
    const Lead longest{std::max({passes.lead.x...}), std::max({passes.lead.y...})};
    Real* scratch = thread_scratch(std::size_t(std::max({passes.scratch...})));
    for (int begin = -longest.y; begin < rows; begin += block)
      for (int ix = -longest.x; ix < planes; ++ix)
        for (int iy = begin; iy < std::min(rows, begin + block); ++iy)
          (passes.at(ix + passes.lead.x, iy + passes.lead.y, scratch), ...);
  } else {
    (passes.everywhere(), ...);
  }
}

}  // namespace fathom
