// SPDX-License-Identifier: BSD-3-Clause
#include "ml/network_shape.hpp"

#include <cmath>

#include "ml/geology_random.hpp"

namespace fathom {
namespace {

constexpr double small = 0.1;  // gain of layers that begin with little to say

void add_block(std::vector<NetworkLayer>& layers, int in, int out) {
  layers.push_back({out, in, 3, 1});
  layers.push_back({out, out, 3, small});
}

}  // namespace

std::vector<NetworkLayer> layers_of(const NetworkShape& shape) {
  std::vector<NetworkLayer> layers;
  const int levels = int(shape.widths.size());
  for (int level = 0; level < levels; ++level)
    add_block(layers, level == 0 ? shape.inputs : shape.widths[level - 1], shape.widths[level]);
  for (int level = levels - 2; level >= 0; --level)
    add_block(layers, shape.widths[level + 1] + shape.widths[level], shape.widths[level]);
  layers.push_back({shape.outputs, shape.widths[0], 1, small});
  return layers;
}

std::size_t parameters_of(const NetworkShape& shape) {
  std::size_t count = 0;
  for (const NetworkLayer& layer : layers_of(shape)) count += layer.parameters();
  return count;
}

std::vector<float> initial_weights(const NetworkShape& shape, std::uint64_t seed) {
  Random random(seed, "network");
  std::vector<float> values;
  values.reserve(parameters_of(shape));
  for (const NetworkLayer& layer : layers_of(shape)) {
    const double deviation = layer.gain * std::sqrt(2. / (layer.in * layer.kernel * layer.kernel));
    for (std::size_t i = 0; i < layer.weights(); ++i) values.push_back(float(deviation * random.normal()));
    values.insert(values.end(), std::size_t(layer.out), 0.f);
  }
  return values;
}

}  // namespace fathom
