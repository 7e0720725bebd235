// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The network that fathom trains, as numbers: its layers, and its weights one after the other.
//
// A U-Net (Ronneberger et al., MICCAI 2015) of residual blocks without normalisation layers, which would tie
// far cells together and break the shift of a section:
//
//   level k = 0 .. 4, each on half the cells of the one before (means of 2 x 2):   x_k = block(half(x_(k-1)))
//   back up, cells doubled by linear interpolation:      y_k = block([double(y_(k+1)), x_k]),  y_4 = x_4
//   block(x) = s(u + conv(s(u))),  u = conv(x),          conv 3 x 3, edges repeated; s a leaky rectifier
//   answer = heads(y_0), 1 x 1:   residual = B tanh(r), log variance = 6 tanh(v / 6) - 3, sigmoids of edge
//   and confidence, and the normal n / sqrt(1 + |n|^2)

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ml/channels.hpp"

namespace fathom {

struct NetworkShape {
  int inputs = input_channels;
  int outputs = output_channels;
  std::vector<int> widths{
      16, 24, 32, 48, 64};  ///< channels at each level; as many levels as the stride has halvings, and one
  double largest_residual = 2;  ///< B, 1000 m/s

  bool operator==(const NetworkShape&) const = default;
};

struct NetworkLayer {
  int out, in, kernel;
  double gain;  ///< of the initial weights, 1: keeps the variance through a rectifier

  std::size_t weights() const { return std::size_t(out) * in * kernel * kernel; }
  std::size_t parameters() const { return weights() + std::size_t(out); }  ///< with a bias a channel
};

/// In the order in which their parameters follow each other: weights [out, in, x, z], then biases.
std::vector<NetworkLayer> layers_of(const NetworkShape& shape);
std::size_t parameters_of(const NetworkShape& shape);

/// Random weights (He et al., ICCV 2015), biases of zero, the same for the same seed everywhere. The blocks'
/// second layers and the heads begin small, so that a new network says nearly nothing.
std::vector<float> initial_weights(const NetworkShape& shape, std::uint64_t seed);

}  // namespace fathom
