// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <thread>

namespace fathom {

/// Bytes of this process that are in memory now.
double resident_bytes();

/// The most memory this process holds between construction and stop(), everything it held before included.
///
/// The kernel's high-water mark (VmHWM) is of the whole life of a process; it is reset here through
/// /proc/self/clear_refs, so that one process can measure one task after another. What earlier tasks freed is
/// given back to the system first. Where the mark cannot be reset, a thread looks at the resident memory
/// every millisecond instead: then time nothing while this lives.
class PeakMemory {
 public:
  enum class Method { mark, sampling, best };
  explicit PeakMemory(Method method = Method::best);
  ~PeakMemory();
  PeakMemory(const PeakMemory&) = delete;
  PeakMemory& operator=(const PeakMemory&) = delete;

  /// Bytes; ends the measurement.
  double stop();

 private:
  void sample();

  bool sampling_ = false;
  std::atomic<bool> stopped_{false};
  double peak_ = 0;
  std::thread sampler_;
};

}  // namespace fathom
