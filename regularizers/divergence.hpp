// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "physics/model.hpp"

namespace fathom {

/// Halfway between Jeffreys' divergence and nothing: 1/2 sum p ln(p/q) + 1/2 sum q ln(q/p), without bound
/// where p and q have nothing in common; and Jensen and Shannon's, the mean divergence of p and q from
/// (p + q) / 2, at most ln 2 (Lin, IEEE Trans. Information Theory 37, 1991). Of two distributions of as many
/// positive shares, each of sum 1.
double half_jeffreys(const std::vector<double>& p, const std::vector<double>& q);
double jensen_shannon(const std::vector<double>& p, const std::vector<double>& q);

/// The distribution of numbers over 64 bins of -4 .. 4, to the ends of which numbers beyond are moved. Each
/// is spread over four bins by a cubic B-spline, so that the distribution depends smoothly on it; every bin
/// holds at least about 1e-6.
std::vector<double> histogram_of_values(const std::vector<double>& numbers);
/// The distribution of weighted angles (rad) over 32 bins of the circle, by the same spline.
std::vector<double> histogram_of_angles(const std::vector<double>& angles,
                                        const std::vector<double>& weights);

/// How far two images of one place are apart, window by window and on the mean, each compared by the
/// distribution of its values; and by that of its gradient's orientation.
struct Divergence {
  double half_jeffreys = 0, jensen_shannon = 0;
  double orientation = 0;  ///< half of Jeffreys' divergence of the distributions of orientation
  /// "half_jeffreys", "jensen_shannon" and "orientation" at the windows' centres; windows that were left out
  /// have -1.
  Model map;
};

/// The divergence of a depth image and a model's reflectivity, both of one grid and of zero phase. Over the
/// lit cells each is brought to mean 0 and mean square 1. Windows are 24 cells a side, or the whole of a
/// narrower axis, and overlap by half; those of which less than half is lit are left out. NaN when that is
/// all, or when an image has no contrast.
Divergence divergence_between(const Field& image, const Field& reflectivity, const Grid& grid,
                              const std::vector<bool>& lit);

}  // namespace fathom
