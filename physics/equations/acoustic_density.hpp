// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "physics/wave_equation.hpp"

namespace fathom {

std::unique_ptr<WaveEquation> make_acoustic_density(const Domain& domain, int order);

}  // namespace fathom
