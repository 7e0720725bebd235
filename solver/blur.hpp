// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "physics/model.hpp"

namespace fathom {

/// The model under a Gaussian of standard deviation sigma (m), with reflecting edges. What is blurred is
/// velocity, slowness or slowness squared. With keep_water, the water (sea_floor.hpp) stays as it is and does
/// not leak into the rock: the blur of the rock is normalised by the blur of its share.
Model blur(const Model& model, double sigma, const std::string& property, bool keep_water);

}  // namespace fathom
