// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "physics/survey.hpp"

namespace fathom {

/// How strong the observed traces of a shot are. Medians and quantiles, so that fewer than a tenth of wild
/// traces do not matter.
struct TraceScale {
  explicit TraceScale(const Gather& observed);

  /// The median over the traces that are not quiet of a trace's root mean square; 0 when all are zero.
  double typical = 0;
  /// Traces that are 80 dB or more below the 90th percentile: what no wave has reached, up to rounding. A
  /// misfit that normalises trace by trace leaves them out.
  std::vector<bool> quiet;
};

}  // namespace fathom
