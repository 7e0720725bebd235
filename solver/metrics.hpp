// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "physics/model.hpp"

namespace fathom {

/// How far a velocity is from the truth, over some of the cells.
struct VelocityErrors {
  double relative_l2 = 0;  ///< ||v - v_true|| / ||v_true||
  double rmse_m_s = 0;     ///< root mean square of v - v_true, m/s
  double mae_m_s = 0;      ///< mean of |v - v_true|, m/s
  double ssim = 0;         ///< structural similarity, 1 for equal images
};

struct ModelErrors {
  VelocityErrors unfrozen;  ///< over the cells that the inversion may change; SSIM on their bounding box
  VelocityErrors all;       ///< over every cell
};

/// Errors of the property "vp" on the truth's grid, onto which the estimate is interpolated linearly.
/// `frozen` has a flag per cell of the truth's grid, z fastest; empty: no cell is frozen. The data range of
/// both SSIMs is max - min of the whole true model. Throws UserError if a model has no "vp", if there are
/// more or fewer flags than cells, or if every cell is frozen.
ModelErrors compare(const Model& estimate, const Model& truth, const std::vector<bool>& frozen = {});

/// An image of rows x columns values, columns fastest.
struct Image {
  int rows = 0;
  int columns = 0;
  std::vector<double> values;
};

/// Mean structural similarity of two images of one size (Wang et al. 2004, IEEE Trans. Image Process. 13),
/// with a Gaussian window of 11 x 11 points and sigma 1.5, K1 = 0.01, K2 = 0.03, and population covariances.
/// The mean is over the points whose window lies inside the image, as in scikit-image's
/// structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=...).
/// Along an axis of fewer than 11 points, which scikit-image refuses, the image is mirrored at its edges
/// (which are repeated) and the mean is over all points. With a data range of 0 it is 1 for equal images and
/// 0 otherwise.
double structural_similarity(const Image& image, const Image& truth, double data_range);

}  // namespace fathom
