// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A few neighbouring values along z, worked on together: a vector register on a CPU, a single value on a GPU,
// where neighbouring threads take the place of its lanes. Kernels are written for a Pack and know nothing of
// its width.
//
// Multiplications and additions are contracted where multiply_add() says so and nowhere else: the variants of
// a kernel (with and without a snapshot, say) give the same bits.

#include <array>
#include <utility>

#include "physics/field.hpp"

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

namespace fathom {

/// Whether one core runs all rows, one after the other.
#if defined(KOKKOS_ENABLE_SERIAL)
inline constexpr bool runs_on_one_core = std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::Serial>;
#else
inline constexpr bool runs_on_one_core = false;
#endif

/// The offset of a neighbour, known when compiling.
template <int k>
using Offset = std::integral_constant<int, k>;

KOKKOS_FORCEINLINE_FUNCTION Real multiply_add(Real a, Real b, Real c) {
#if defined(__FMA__)
  return sizeof(Real) == 4 ? Real(__builtin_fmaf(float(a), float(b), float(c)))
                           : Real(__builtin_fma(a, b, c));
#else
  return a * b + c;
#endif
}

/// What lies before the first pack of a row and behind its last: values, or zeros that need not be read.
enum class Beyond { values, zeros };

#if defined(KOKKOS_ENABLE_CUDA) || defined(KOKKOS_ENABLE_HIP) || defined(KOKKOS_ENABLE_SYCL)

struct Pack {
  static constexpr int width = 1;
  Real value;

  KOKKOS_FORCEINLINE_FUNCTION static Pack load(const Real* from) { return {*from}; }
  KOKKOS_FORCEINLINE_FUNCTION static Pack all(Real value) { return {value}; }
  KOKKOS_FORCEINLINE_FUNCTION void store(Real* to) const { *to = value; }
  KOKKOS_FORCEINLINE_FUNCTION void stream(Real* to) const { *to = value; }
};

/// A pack of a row and its neighbours along z.
struct Window {
  const Real* place;

  template <int k>
  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(Offset<k>) const {
    return {place[k]};
  }
};

KOKKOS_FORCEINLINE_FUNCTION Pack multiply_add(Pack a, Pack b, Pack c) {
  return {multiply_add(a.value, b.value, c.value)};
}
KOKKOS_FORCEINLINE_FUNCTION Window window_at(const Real* place) {
  return {place};
}
KOKKOS_FORCEINLINE_FUNCTION void prefetch(const Real*) {}

#define FATHOM_OWN_REGISTERS KOKKOS_FORCEINLINE_FUNCTION

#else

// With the neighbours along z shifted in registers, 512 bits run the two-dimensional kernels 1.3 to 1.7 times
// as fast as 256 do (on Zen 5); with every neighbour loaded from memory there is no gain, since half the
// loads cross a line.
#ifndef FATHOM_VECTOR_BITS
#if defined(__AVX512F__)
#define FATHOM_VECTOR_BITS 512
#else
#define FATHOM_VECTOR_BITS 256
#endif
#endif

struct Pack {
  static constexpr int bytes = FATHOM_VECTOR_BITS / 8;
  static constexpr int width = bytes / int(sizeof(Real));
  using Vector [[gnu::vector_size(bytes)]] = Real;
  using Anywhere [[gnu::vector_size(bytes), gnu::aligned(sizeof(Real)), gnu::may_alias]] = Real;

  Vector value;

  KOKKOS_FORCEINLINE_FUNCTION static Pack load(const Real* from) {
    return {*reinterpret_cast<const Anywhere*>(from)};
  }
  KOKKOS_FORCEINLINE_FUNCTION static Pack all(Real value) { return {value - Vector{}}; }
  KOKKOS_FORCEINLINE_FUNCTION void store(Real* to) const { *reinterpret_cast<Anywhere*>(to) = value; }
  /// The same past the caches, for what is not read again soon; to a multiple of a pack's size.
  KOKKOS_FORCEINLINE_FUNCTION void stream(Real* to) const {
#if defined(__AVX512F__) && FATHOM_VECTOR_BITS == 512
    if constexpr (sizeof(Real) == 4)
      _mm512_stream_ps(reinterpret_cast<float*>(to), (__m512)value);
    else
      _mm512_stream_pd(reinterpret_cast<double*>(to), (__m512d)value);
#elif defined(__AVX2__) && FATHOM_VECTOR_BITS == 256
    if constexpr (sizeof(Real) == 4)
      _mm256_stream_ps(reinterpret_cast<float*>(to), (__m256)value);
    else
      _mm256_stream_pd(reinterpret_cast<double*>(to), (__m256d)value);
#else
    store(to);
#endif
  }
};

/// A pack of a row with those before and after it: neighbours along z are shifted out of these three.
struct Window {
  Pack before, here, after;

  template <int k>
  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(Offset<k>) const {
    static_assert(k >= -Pack::width && k <= Pack::width);
    if constexpr (k == 0) return here;
    if constexpr (k < 0) return shifted<Pack::width + k>(before, here);
    if constexpr (k > 0) return shifted<k>(here, after);
  }

 private:
  /// Lanes `by`, by + 1, ... of the two in a row.
  template <int by>
  KOKKOS_FORCEINLINE_FUNCTION static Pack shifted(Pack low, Pack high) {
#if defined(__AVX512F__) && FATHOM_VECTOR_BITS == 512
    // What compilers make of the general form is slower.
    if constexpr (sizeof(Real) == 4)
      return {(Pack::Vector)_mm512_maskz_alignr_epi32(__mmask16(-1), (__m512i)high.value, (__m512i)low.value,
                                                      by)};
    else
      return {(Pack::Vector)_mm512_maskz_alignr_epi64(__mmask8(-1), (__m512i)high.value, (__m512i)low.value,
                                                      by % 8)};
#else
    return shifted<by>(low, high, std::make_integer_sequence<int, Pack::width>());
#endif
  }
  template <int by, int... lane>
  KOKKOS_FORCEINLINE_FUNCTION static Pack shifted(Pack low, Pack high, std::integer_sequence<int, lane...>) {
    return {__builtin_shufflevector(low.value, high.value, (lane + by)...)};
  }
};

KOKKOS_FORCEINLINE_FUNCTION Pack multiply_add(Pack a, Pack b, Pack c) {
#if defined(__AVX512F__) && FATHOM_VECTOR_BITS == 512
  if constexpr (sizeof(Real) == 4)
    return {(Pack::Vector)_mm512_fmadd_ps((__m512)a.value, (__m512)b.value, (__m512)c.value)};
  else
    return {(Pack::Vector)_mm512_fmadd_pd((__m512d)a.value, (__m512d)b.value, (__m512d)c.value)};
#elif defined(__FMA__) && FATHOM_VECTOR_BITS == 256
  if constexpr (sizeof(Real) == 4)
    return {(Pack::Vector)_mm256_fmadd_ps((__m256)a.value, (__m256)b.value, (__m256)c.value)};
  else
    return {(Pack::Vector)_mm256_fmadd_pd((__m256d)a.value, (__m256d)b.value, (__m256d)c.value)};
#else
  return {a.value * b.value + c.value};
#endif
}
/// The window of the pack at a place.
KOKKOS_FORCEINLINE_FUNCTION Window window_at(const Real* place) {
  return {Pack::load(place - Pack::width), Pack::load(place), Pack::load(place + Pack::width)};
}
KOKKOS_FORCEINLINE_FUNCTION void prefetch(const Real* place) {
  __builtin_prefetch(place);
}

/// f(iz, windows of the rows u at iz) for every pack that begins before `end`; each pack is loaded once.
template <Beyond beyond, std::size_t rows, class F>
KOKKOS_FORCEINLINE_FUNCTION void slide_windows(int begin, int end, const std::array<const Real*, rows>& u,
                                               const F& f) {
  if (begin >= end) return;
  std::array<Window, rows> near;
  for (std::size_t row = 0; row < rows; ++row) {
    near[row].here = beyond == Beyond::zeros ? Pack{} : Pack::load(u[row] + begin - Pack::width);
    near[row].after = Pack::load(u[row] + begin);
  }
  for (int iz = begin; iz < end; iz += Pack::width) {
    const int next = iz + Pack::width;
    const bool last = beyond == Beyond::zeros && next >= end;
    for (std::size_t row = 0; row < rows; ++row)
      near[row] = {near[row].here, near[row].after, last ? Pack{} : Pack::load(u[row] + next)};
    f(iz, near);
  }
}

/// f(iz, window of u, window of v) likewise, each pack of v being derived from the window of u just before it
/// is needed; v is zero beyond.
template <class Derive, class F>
KOKKOS_FORCEINLINE_FUNCTION void slide_derived(int begin, int end, const Real* u, const Derive& derive,
                                               const F& f) {
  if (begin >= end) return;
  Window next_u = window_at(u + begin), v{Pack{}, Pack{}, derive(begin, next_u)};
  for (int iz = begin; iz < end; iz += Pack::width) {
    const int next = iz + Pack::width;
    const Window here = next_u;
    v = Window{v.here, v.after, Pack{}};
    if (next < end) {
      next_u = Window{next_u.here, next_u.after, Pack::load(u + next + Pack::width)};
      v.after = derive(next, next_u);
    }
    f(iz, here, v);
  }
}

/// A function that is worth a call of its own on a CPU: inlined where registers are short, its loop would
/// spill them.
#define FATHOM_OWN_REGISTERS [[gnu::noinline]]

#endif

KOKKOS_FORCEINLINE_FUNCTION Pack operator+(Pack a, Pack b) {
  return {a.value + b.value};
}
KOKKOS_FORCEINLINE_FUNCTION Pack operator-(Pack a, Pack b) {
  return {a.value - b.value};
}
KOKKOS_FORCEINLINE_FUNCTION Pack operator*(Pack a, Pack b) {
  return {a.value * b.value};
}

/// Packs at neighbours across z: a row's place in memory, and values between neighbours.
struct Neighbours {
  const Real* place;
  std::ptrdiff_t stride;

  template <int k>
  KOKKOS_FORCEINLINE_FUNCTION Pack operator()(Offset<k>) const {
    return Pack::load(place + k * stride);
  }
};

/// The same in neighbouring planes.
struct NeighboursInPlanes {
  const Real* place;
  std::ptrdiff_t stride, plane;

  KOKKOS_FORCEINLINE_FUNCTION Neighbours around(int k) const { return {place + k * plane, stride}; }
};

/// The packs of some neighbours across z and of R more at either end, in registers.
template <int R, int planes>
class Column {
 public:
  KOKKOS_FORCEINLINE_FUNCTION Column(const Real* place, std::ptrdiff_t stride) : Column(place, stride, {}) {
#pragma GCC unroll 4
    for (int k = 0; k < planes; ++k) packs_[R + k] = Pack::load(place + k * stride);
  }
  /// With the packs of the planes themselves at hand.
  KOKKOS_FORCEINLINE_FUNCTION Column(const Real* place, std::ptrdiff_t stride,
                                     const std::array<Pack, planes>& here) {
#pragma GCC unroll 4
    for (int k = 0; k < R; ++k) {
      packs_[k] = Pack::load(place + (k - R) * stride);
      packs_[R + planes + k] = Pack::load(place + (planes + k) * stride);
    }
#pragma GCC unroll 4
    for (int k = 0; k < planes; ++k) packs_[R + k] = here[k];
  }

  /// The neighbours of one of them.
  struct At {
    const Pack* pack;
    template <int k>
    KOKKOS_FORCEINLINE_FUNCTION Pack operator()(Offset<k>) const {
      return pack[k];
    }
  };
  KOKKOS_FORCEINLINE_FUNCTION At around(int plane) const {
    return {&packs_[R + plane]};
  }

 private:
  Pack packs_[2 * R + planes];
};

}  // namespace fathom
