// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A few neighbouring values along z, worked on together: a vector register on a CPU, a single value on a GPU,
// where neighbouring threads take the place of its lanes. Kernels are written for a Pack and know nothing of
// its width.
//
// Multiplications and additions are contracted where multiply_add() says so and nowhere else: the variants of
// a kernel (with and without a snapshot, say) give the same bits.

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

/// f(iz, window of u at iz) for begin <= iz < end.
template <class F>
KOKKOS_FORCEINLINE_FUNCTION void slide_window(int begin, int end, const Real* u, const F& f) {
  for (int iz = begin; iz < end; ++iz) f(iz, Window{u + iz});
}

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

/// f(iz, window of u at iz) for every pack that begins before `end`; each pack is loaded once.
template <class F>
KOKKOS_FORCEINLINE_FUNCTION void slide_window(int begin, int end, const Real* u, const F& f) {
  if (begin >= end) return;
  Pack before = Pack::load(u + begin - Pack::width), here = Pack::load(u + begin);
  for (int iz = begin; iz < end; iz += Pack::width) {
    const Pack after = Pack::load(u + iz + Pack::width);
    f(iz, Window{before, here, after});
    before = here;
    here = after;
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

}  // namespace fathom
