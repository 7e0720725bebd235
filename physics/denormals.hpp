// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace fathom {

/// What the processor does with subnormal numbers, changed while an object lives and then as the caller had
/// it. Does nothing on processors without the switch.
class DenormalMode {
 public:
  DenormalMode(const DenormalMode&) = delete;
  DenormalMode& operator=(const DenormalMode&) = delete;

 protected:
  /// Clears and then sets bits of the control register.
  DenormalMode([[maybe_unused]] unsigned clear, [[maybe_unused]] unsigned set) {
#if defined(__SSE2__)
    saved_ = _mm_getcsr();
    _mm_setcsr((saved_ & ~clear) | set);
#endif
  }
  ~DenormalMode() {
#if defined(__SSE2__)
    _mm_setcsr(saved_);
#endif
  }

 private:
  [[maybe_unused]] unsigned saved_ = 0;
};

/// Flushes subnormal numbers to zero: ahead of a wavefront, values fade through them at a hundredth of the
/// speed.
class FlushDenormals : DenormalMode {
 public:
  FlushDenormals() : DenormalMode(0, 0x8040) {}
};

/// The processor's default arithmetic: for libraries that change it when they are loaded or called (one built
/// with -ffast-math, say).
class KeepDenormals : DenormalMode {
 public:
  KeepDenormals() : DenormalMode(~0u, 0x1f80) {}
};

}  // namespace fathom
