// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace fathom {

/// The processor's default arithmetic while it lives, and the caller's own treatment of subnormal numbers
/// afterwards: for libraries that change it when they are loaded or called (one built with -ffast-math, say).
/// Does nothing on processors without the switch.
class KeepDenormals {
 public:
#if defined(__SSE2__)
  KeepDenormals() : saved_(_mm_getcsr()) {
    _mm_setcsr(0x1f80);
  }
  ~KeepDenormals() {
    _mm_setcsr(saved_);
  }

 private:
  unsigned saved_;
#else
  KeepDenormals() {}
  ~KeepDenormals() {}
#endif
 public:
  KeepDenormals(const KeepDenormals&) = delete;
  KeepDenormals& operator=(const KeepDenormals&) = delete;
};

}  // namespace fathom
