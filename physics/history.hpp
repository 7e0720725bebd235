// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>

#include "physics/registry.hpp"
#include "physics/wave_equation.hpp"

namespace fathom {

/// What a history has to hold.
struct HistoryShape {
  int steps = 0;             ///< of the time loop
  std::size_t values = 0;    ///< of one snapshot
  double time_step = 0;      ///< s
  double max_frequency = 0;  ///< Hz, edge of the band that is inverted
};

/// Keeps of the forward wavefield what imaging needs, while time runs forward, and gives it back in reverse.
///
/// Storage is allocated once and used for shot after shot.
class History {
 public:
  virtual ~History() = default;
  virtual double memory_bytes() const = 0;
  virtual void allocate() = 0;
  /// Whether a step takes part in imaging, and the weight of those that do.
  virtual bool keeps(int step) const = 0;
  virtual double weight() const = 0;
  /// Where the forward loop writes a step that is kept, and the backward loop reads it.
  virtual Snapshot snapshot(int step) const = 0;
};

/// "full": every step, the exact gradient. "thinned": every k-th step, k from the Nyquist rate of the product
/// of two wavefields in the band, with a margin of a quarter.
const Registry<History, const HistoryShape&>& histories();

}  // namespace fathom
