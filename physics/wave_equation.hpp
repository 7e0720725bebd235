// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "physics/boundary.hpp"
#include "physics/domain.hpp"
#include "physics/registry.hpp"

namespace fathom {

/// A property of the earth that an equation needs, with the range in which a value is believable.
struct Property {
  std::string name, unit;
  double min, max;
};

/// The state of a leapfrog scheme: two levels in time and the memory of the absorbing layer.
struct Wavefield {
  Field now, before;
  std::vector<Field> memory;
};

/// What imaging needs to know of one forward step: snapshot_fields() fields laid out like
/// Domain::make_padded()'s, one after the other, on the device. The first is the increment that the step
/// added, to which the source is added too. Null: not wanted.
struct Snapshot {
  Real* values = nullptr;
  KOKKOS_INLINE_FUNCTION explicit operator bool() const { return values != nullptr; }
};

/// How one forward step takes part in imaging; without a snapshot, not at all.
struct Imaging {
  Snapshot snapshot{};
  Real weight = 1;                      ///< number of steps that this one stands for
  const Model* gradient = nullptr;      ///< added to: fields like Domain::make_padded()'s
  const Model* illumination = nullptr;  ///< likewise; null: not wanted
};

/// A wave equation discretised as a linear map, u_(n+1) = A(m) u_n + B(m) s_n, on the padded grid of a
/// Domain.
///
/// The Propagator writes shots, time loop, storage and gradients on top of it once, and the shared tests
/// prove the adjoint of whatever the registry names. Adjoint wavefields are stored multiplied by
/// injection_scale(), which turns the transposed update into one of the same cost and makes injection and
/// sampling the same for both directions.
class WaveEquation {
 public:
  virtual ~WaveEquation() = default;

  virtual std::vector<Property> properties() const = 0;
  /// The longest stable step (s) where nothing is faster than `fastest` (m/s).
  virtual double max_time_step(double fastest) const = 0;
  /// Values a cell in a snapshot.
  virtual int snapshot_fields() const = 0;
  /// Names of the fields that imaging sums up, one a property unless an equation says otherwise.
  virtual std::vector<std::string> images() const {
    std::vector<std::string> names;
    for (const Property& property : properties()) names.push_back(property.name);
    return names;
  }
  /// Bytes that prepare(), set_model(), its model and one wavefield take.
  virtual double memory_bytes() const = 0;
  /// Values of one wavefield, the memory of its absorbing layer among them.
  virtual double wavefield_values() const = 0;
  /// How many cells away a step's update still depends on, where the step taken on (u_n, u_(n+1)) instead of
  /// (u_n, u_(n-1)) gives u_(n-1), so far from the absorbing layer; 0 for an equation that has no such steps.
  virtual int reach_of_reversal() const { return 0; }

  /// Fixes step and absorbing layer; before set_model().
  virtual void prepare(const LayerTuning& tuning) = 0;
  /// The properties on the padded grid.
  virtual void set_model(const Model& padded) = 0;
  virtual Wavefield at_rest() const = 0;

  /// u <- A u. The snapshot gets what imaging and scatter() need of this step.
  virtual void step(Wavefield& u, Snapshot snapshot) const = 0;
  /// image(lambda, imaging), then lambda <- A^T lambda, in one sweep where that is cheaper.
  virtual void adjoint_step(Wavefield& lambda, const Imaging& imaging) const = 0;
  /// gradient += weight (dA/dm u + dB/dm s)^T lambda, up to factors that complete_gradient() puts right, and
  /// illumination += weight dt (strength of the source that a unit perturbation of the property scatters)^2,
  /// the diagonal of the pseudo-Hessian (Shin et al., 2001).
  virtual void image(const Wavefield& lambda, const Imaging& imaging) const = 0;
  /// Makes of the images() one field a property.
  virtual void complete_gradient(Model& gradient) const = 0;
  /// u += (dA/dm u_0 + dB/dm s) dm, with the snapshot of the background step and dm on the padded grid.
  virtual void scatter(Snapshot snapshot, const Model& perturbation, Wavefield& u) const = 0;
  /// Scale of injection, v^2 dt^2 for the acoustic equation, in the layout of a wavefield.
  virtual const Field& injection_scale() const = 0;
};

/// Wave equations by name, made for a domain and an order in space (2, 4, 8).
const Registry<WaveEquation, const Domain&, int>& wave_equations();

}  // namespace fathom
