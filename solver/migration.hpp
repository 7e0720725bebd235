// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include "physics/communicator.hpp"
#include "physics/propagator.hpp"
#include "solver/objective.hpp"

namespace fathom {

/// What a depth image is made from: the data of this rank's shots in a band.
struct MigrationParts {
  Communicator& communicator;
  Propagator& propagator;
  const Survey& survey;
  const Gathers& observed;
  const std::vector<double>& window;  ///< weight of each sample; empty: 1
  double dominant_frequency = 0;      ///< Hz
  std::vector<int> shots{};           ///< places in the survey of those to migrate, ascending; empty: all
  /// Is told what share of this rank's propagations is done.
  std::function<void(double share)> on_progress{};
};

/// What the data shows of the reflectors.
struct DepthImage {
  Field reflectivity;     ///< zero phase, with the sign and place of d/dz ln v; its unit is arbitrary
  std::vector<bool> lit;  ///< cells that the sources light up, and that are not next to one or to a receiver
};

/// The velocity-reflectivity image of the data, on the propagator's grid: positive where velocity rises with
/// depth, between the cell and the one below. The same bits on every rank.
///
/// Migrated is what was observed less what a model blurred over several wavelengths predicts, which takes the
/// direct and the diving waves away; with the forward field of the current model blurred to one dominant
/// wavelength; never the residual, which fades as the fit improves. Within half a wavelength of a source or
/// receiver, where these leave their imprint, it is zero, and fades in over another. Each shot is propagated
/// three times, which `solves` counts.
DepthImage reflectivity_image(const MigrationParts& parts, const Model& velocity, std::int64_t& solves);

}  // namespace fathom
