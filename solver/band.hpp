// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "physics/propagator.hpp"
#include "solver/case.hpp"
#include "solver/objective.hpp"

namespace fathom {

/// A survey and its data in the band of one stage. Data and wavelet went through the same zero-phase filter;
/// the time axis begins earlier by what the filter spreads ahead of the wavelet, and `window` fades the last
/// samples of a record, where the filter would have needed data that was not recorded.
///
/// Of the survey's samples every k-th is kept, with the k that makes the propagator's steps fewest: on the
/// coarse grid of a low band its stable step is often longer than the survey's sampling. What the filter lets
/// through ends at 0.7 times the new Nyquist frequency or before, so nothing is lost.
struct Band {
  Survey survey;
  Gathers observed;
  std::vector<double> window;
  double max_frequency = 0;       ///< Hz, where the filtered wavelet is 20 dB below its peak
  double nyquist_frequency = 0;   ///< Hz, beyond which nothing is left (-40 dB): for sampling in time
  double dominant_frequency = 0;  ///< Hz
};

/// The band of a case's stage with this rank's data, or without any for a forecast; `fastest` as in
/// stage_setup().
Band make_band(const Case& the_case, const StageOptions& stage, double fastest, const Gathers& observed = {});

/// The propagator of a stage: `fastest` is the upper bound of the velocity (m/s), `memory_share` what it may
/// take (bytes) where the case does not say it; 0: no limit.
PropagatorSetup stage_setup(const CaseOptions& options, const Band& band, const Grid& grid, double fastest,
                            double memory_share = 0);

/// The inversion's grid in a stage.
Grid stage_grid(const Grid& grid, const StageOptions& stage);

/// Bounds of the velocity (m/s), those of the case or 0.65 times the slowest and 1.25 times the fastest of
/// the start.
struct VelocityBounds {
  double min, max;
};
VelocityBounds velocity_bounds(const BoundsOptions& options, const Model& start);

}  // namespace fathom
