// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ml/images.hpp"

namespace fathom {

/// How like what a network was trained on a question is: the Mahalanobis distance of the means and standard
/// deviations of its channels, against the distance that 99 % of the training questions keep.
struct Familiarity {
  std::vector<double> mean;
  std::vector<double> inverse_root;  ///< W, row by row, with W^T W the inverse of the covariance
  double limit = 0;                  ///< distance

  bool known() const { return !mean.empty(); }
  double distance(const std::vector<double>& features) const;
  /// The feature that alone is farthest off, and by how many standard deviations, with their sign.
  struct Strangest {
    std::size_t feature = 0;
    double deviations = 0;
  };
  Strangest strangest(const std::vector<double>& features) const;
};

/// Mean and standard deviation of each channel.
std::vector<double> features_of(const Images& inputs);
/// "mean of the illumination", say.
std::string name_of_feature(std::size_t feature);

/// Of the features of many questions, at least two. Variances are floored at 1e-6 of the largest, and at 1e-4
/// squared in the channels' units.
Familiarity familiarity_with(const std::vector<std::vector<double>>& features);

}  // namespace fathom
