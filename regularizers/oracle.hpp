// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "regularizers/guide.hpp"

namespace fathom {

/// The guidance of someone who knows the true model (vp): n = D v / sqrt(|D v|^2 + delta^2), delta 5 % of the
/// 99th percentile of |D v|, Theta = 1, P = -0.95 n. Blurred or with flipped signs, it says what a guide that
/// knows less is worth.
Guidance oracle(const Model& truth, const OracleOptions& options);

}  // namespace fathom
