// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "physics/model.hpp"
#include "physics/survey.hpp"
#include "regularizers/divergence.hpp"
#include "solver/migration.hpp"

namespace fathom {

/// The reflectivity of a model as a depth image of its data would show it: d/dz ln v between each cell and
/// the one below, through the zero-phase form of a wavelet, which is stretched from two-way vertical time to
/// depth by the velocity itself. Its unit is arbitrary.
///
/// An image (solver/migration.hpp) holds the wavelet twice, once as source and once in the data, so that its
/// zero-phase form has the wavelet's power spectrum. The Laplacian that frees it of its low wavenumbers
/// multiplies that by the square of the frequency, and the sums over sources and receivers, each in phase
/// over a zone whose width falls with the frequency, take one power of it back: of all powers, the first
/// gives the highest correlation with the image of the quickstart's result (0.83; 0.82 for none, 0.81 for the
/// second).
Field reflectivity_of(const Model& velocity, const std::vector<double>& wavelet, const TimeAxis& time);

/// What the data shows beside what the model says, and how far they are apart.
struct ImageAndModel {
  Model pictures;  ///< "image" and "reflectivity", each of mean square 1 where it is lit
  Divergence divergence;
};

/// Over the cells that are lit and may change.
ImageAndModel compare_with_image(const DepthImage& image, const Model& velocity,
                                 const std::vector<bool>& frozen, const Survey& survey);

}  // namespace fathom
