// SPDX-License-Identifier: BSD-3-Clause
#pragma once

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
};

/// The velocity-reflectivity image of the data, on the propagator's grid: zero phase, its sign and place
/// those of d/dz ln v (positive where velocity rises with depth, between the cell and the one below), its
/// unit arbitrary. The same bits on every rank.
///
/// Migrated is what was observed less what a model blurred over several wavelengths predicts, which takes the
/// direct and the diving waves away; with the forward field of the current model blurred to one dominant
/// wavelength; never the residual, which fades as the fit improves. Each shot is propagated three times,
/// which `solves` counts.
Field reflectivity_image(const MigrationParts& parts, const Model& velocity, std::int64_t& solves);

}  // namespace fathom
