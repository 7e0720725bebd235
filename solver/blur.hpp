// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "physics/model.hpp"

namespace fathom {

/// The model under a Gaussian of standard deviation sigma (m), with reflecting edges. What is blurred is
/// velocity, slowness or slowness squared. With keep_water, cells of water (below 1510 m/s, from the top of
/// each column down) stay as they are and do not leak into the rock: the blur of the rock is normalised by
/// the blur of its mask.
Model blur(const Model& model, double sigma, const std::string& property, bool keep_water);

}  // namespace fathom
