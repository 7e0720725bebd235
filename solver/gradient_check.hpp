// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include "solver/check.hpp"

namespace fathom {

/// Proves the gradient on the user's own case: the middle shot, in the first stage's band and on its grid,
/// with the data, the misfit and the window that the inversion will use.
///
/// - <F w, d> = <w, F^T d>: the propagator F and its adjoint, w the wavelet and d noise.
/// - <J dm, d> = <dm, J^T d>: Born modelling J and its adjoint, dm a random change of the model.
/// - The slope of the misfit along random directions, from values alone, against the gradient; and the order
///   of the Taylor remainder, f(m + h dm) - f(m) - h <g, dm> ~ h^2.
/// - The gradient with the case's storage of the wavefield against the one with full storage.
///
/// All but the last use full storage, for exactness. The errors of the dot products are relative to the
/// product of the norms, with gates of 1e-5 (float) and 1e-12 (double); those of the slopes to the slope,
/// 1e-3 and 1e-6. 13 propagations, and one more on the simulation's grid for a synthetic case; `on_step` is
/// told how many of those steps are done. Works on the calling rank alone. Expects a case that check() finds
/// sound.
std::vector<Finding> check_gradient(const Case& the_case,
                                    const std::function<void(int done, int all)>& on_step = {});

}  // namespace fathom
