// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "physics/field.hpp"
#include "regularizers/difference.hpp"

namespace fathom {

/// |P| is held below this share of Theta, cell by cell: beyond 1 the functional has no lower bound.
inline constexpr double largest_steering = 0.95;

/// What a guide answers: where edges may be and which way they may jump. Empty fields stand for Theta = 1,
/// P = 0, no reference, confidence 1.
struct Guidance {
  Grid grid;
  Field theta;       ///< weight of the total variation, in (0, 1]: low where an edge may be
  VectorField p;     ///< steering P: jumps of the velocity against P are cheap, jumps along it dear
  Field reference;   ///< velocity m_r (m/s) that the model is drawn to
  Field confidence;  ///< 0 .. 1; theta and p have it in them already

  bool weighted() const { return theta.size() > 0; }
  bool steered() const { return p.x.size() > 0; }
};

/// The same for a parameter that falls where velocity rises (slowness, its square): P changes its sign.
Guidance for_falling_parameter(const Guidance& of_velocity);

}  // namespace fathom
