// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "solver/optimizer.hpp"

namespace fathom {

/// The scaled proximal-gradient method for f + g over a box, f smooth and dear, g convex, rough and cheap:
///
///     x+ = argmin_y <grad f(x), y - x> + L / 2 |y - x|^2 + g(y),
///
/// accepted when (f + g)(x+) <= (f + g)(x) + 1e-4 (<grad f, x+ - x> + g(x+) - g(x)), else L is doubled. The
/// first L lets no variable change by more than first_step; later ones follow the curvature between the last
/// two points (Barzilai and Borwein, IMA J. Numer. Anal. 8, 1988), within a factor of ten. Without a rough
/// term it is the projected gradient method. (Beck, First-order methods in optimization, 2017, chapter 10.)
std::unique_ptr<Optimizer> make_proximal(const OptimizerOptions& options);

}  // namespace fathom
