// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "physics/domain.hpp"
#include "physics/registry.hpp"
#include "physics/wave_equation.hpp"

namespace fathom {

/// What a history has to hold, and in how much memory.
struct HistoryShape {
  int steps = 0;                   ///< of the time loop
  int interval = 1;                ///< every so many steps, one takes part in imaging
  std::array<int, 3> extents{};    ///< of a snapshot's field: planes, rows of a plane, values of a row
  int cells_of_row = 0;            ///< values of a row that mean something; 0: all
  int fields = 1;                  ///< of a snapshot
  std::size_t state_values = 0;    ///< of a forward wavefield with the memory of its absorbing layer
  double budget_bytes = 0;         ///< what it may take; 0: whatever it deems right
  int zfp_bits = 8;                ///< a value, for zfp
  std::optional<Domain> domain{};  ///< of the wavefield, for boundary saving
  int reach = 0;                   ///< WaveEquation::reach_of_reversal(), likewise

  std::size_t values() const {
    return std::size_t(extents[0]) * std::size_t(extents[1]) * std::size_t(extents[2]) * std::size_t(fields);
  }
  /// Steps that take part in imaging: 0, interval, 2 interval, ...
  int images() const { return (steps + interval - 1) / interval; }
};

class History;

/// A forward wavefield of the shot in progress, for histories that keep its state or compute it again.
class Replay {
 public:
  virtual ~Replay() = default;
  /// The state before the next step, in HistoryShape::state_values values on the device.
  virtual void save(Real* state) const = 0;
  /// The same back; null: at rest.
  virtual void restore(const Real* state) = 0;
  /// Steps `begin` to `end` (not included) with their sources, bit for bit as the forward loop took them;
  /// snapshots go where slots.slot() says, or nowhere when it is null.
  virtual void advance(int begin, int end, History* slots) = 0;
  /// One step with its sources; the snapshot goes where it says, or nowhere.
  virtual void step(int number, Snapshot snapshot) = 0;
  /// The wavefield at the time of the next step.
  virtual const Field& now() const = 0;
  /// Exchanges the two levels in time: where nothing is absorbed, steps then run backwards.
  virtual void turn_around() = 0;
};

/// Keeps of the forward wavefield what imaging needs, while time runs forward, and gives it back in reverse.
///
/// The forward loop calls, for every step in turn, before_step(), slot() and after_step(); the backward loop
/// recall() for every step that takes part in imaging, from the last to the first. Storage is allocated once
/// and used for shot after shot.
class History {
 public:
  explicit History(const HistoryShape& shape) : shape_(shape) {}
  virtual ~History() = default;

  const HistoryShape& shape() const { return shape_; }
  /// Whether a step takes part in imaging, and the number of steps that each of those stands for.
  bool images(int step) const { return step % shape_.interval == 0; }
  double weight() const { return shape_.interval; }

  /// Bytes of what it allocates, and of a wavefield to replay if it needs one.
  virtual double memory_bytes() const = 0;
  virtual void allocate() = 0;
  /// Forward steps that it takes again for a gradient; whether the loop must offer it a second wavefield.
  virtual double recomputed_steps() const { return 0; }
  bool recomputes() const { return recomputed_steps() > 0; }
  /// Whether the second wavefield is to be, after the last step, what the first is, turned around.
  virtual bool starts_at_end() const { return false; }

  virtual void before_step(int /*step*/, const Replay&) {}
  /// Where a step is to write its snapshot; null: nowhere.
  virtual Snapshot slot(int step) = 0;
  virtual void after_step(int /*step*/) {}
  /// The snapshot of a step, good until the next call.
  virtual Snapshot recall(int step, Replay& replay) = 0;

 protected:
  HistoryShape shape_;
};

/// "full": every step, the exact gradient. "thinned": every k-th. Of those k-th steps, "half" keeps 16 bits a
/// value, "zfp" (where the library is there) fewer, "checkpointing" computes them again from a few states of
/// the wavefield, bit for bit, and "boundary" runs the wavefield backwards, to rounding.
const Registry<History, const HistoryShape&>& histories();

/// k from the Nyquist rate of the product of two wavefields in the band, with a margin of a quarter; 1 when
/// nothing is known of the band. Frequency in Hz, step in s.
int nyquist_interval(double max_frequency, double time_step);

/// A history and why it is this one.
struct HistoryChoice {
  std::string name;
  std::unique_ptr<History> history;
  std::string reason;
  bool fits = true;        ///< into the budget
  double least_bytes = 0;  ///< that any history of these snapshots would take
};

/// "auto" takes the fastest history that fits and gives the bits of "thinned", so that results do not depend
/// on the machine's memory: "thinned" itself, or "checkpointing". `shape.budget_bytes` 0: there is no limit.
HistoryChoice choose_history(const std::string& name, const HistoryShape& shape);

}  // namespace fathom
