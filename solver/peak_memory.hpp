// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <thread>

namespace fathom {

/// Bytes of memory in this machine, or in the share of it that the system grants to a container.
double machine_memory();
/// What a rank's propagator may take where nothing else is said and so many ranks share the machine: 60 %,
/// which leaves room for data, the optimizer and others.
double fair_share(int ranks);
/// What a process was found to take with its first propagation besides what it allocates: 3 to 7.5 MB in the
/// 18 problems of `fathom bench`, whatever their size. Pages that are rounded up and code that is read in may
/// be the cause.
inline constexpr double first_propagation_bytes = 6e6;
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
