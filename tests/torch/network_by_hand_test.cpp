// SPDX-License-Identifier: BSD-3-Clause

// The network against network_shape.hpp, read aloud in loops: whatever way LibTorch takes through a layer,
// large or small, a kernel of one cell or of nine, it must be this.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ml/geology_random.hpp"
#include "ml/learner.hpp"
#include "ml/network_shape.hpp"

namespace fathom {
namespace {

/// Channels of [x, z].
struct Layer {
  int channels, nx, nz;
  std::vector<double> values = std::vector<double>(std::size_t(channels) * nx * nz, 0.);

  double& at(int channel, int ix, int iz) {
    return values[(std::size_t(channel) * nx + std::size_t(ix)) * nz + std::size_t(iz)];
  }
  /// Edges are repeated.
  double clamped(int channel, int ix, int iz) {
    return at(channel, std::clamp(ix, 0, nx - 1), std::clamp(iz, 0, nz - 1));
  }
};

template <class F>
Layer layer_of(int channels, int nx, int nz, const F& value) {
  Layer layer{channels, nx, nz};
  for (int channel = 0; channel < channels; ++channel)
    for (int ix = 0; ix < nx; ++ix)
      for (int iz = 0; iz < nz; ++iz) layer.at(channel, ix, iz) = value(channel, ix, iz);
  return layer;
}

Layer rectified(Layer layer) {
  for (double& value : layer.values) value = value > 0 ? value : 0.1 * value;
  return layer;
}

Layer sum(Layer a, const Layer& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

Layer halved(Layer x) {
  return layer_of(x.channels, x.nx / 2, x.nz / 2, [&](int channel, int ix, int iz) {
    return 0.25 * (x.at(channel, 2 * ix, 2 * iz) + x.at(channel, 2 * ix + 1, 2 * iz) +
                   x.at(channel, 2 * ix, 2 * iz + 1) + x.at(channel, 2 * ix + 1, 2 * iz + 1));
  });
}

/// A cell's halves lie a quarter of a cell to either side of its middle.
Layer doubled(Layer x) {
  return layer_of(x.channels, 2 * x.nx, 2 * x.nz, [&](int channel, int ix, int iz) {
    const int jx = ix / 2, jz = iz / 2, kx = ix % 2 ? jx + 1 : jx - 1, kz = iz % 2 ? jz + 1 : jz - 1;
    return 0.75 * (0.75 * x.at(channel, jx, jz) + 0.25 * x.clamped(channel, jx, kz)) +
           0.25 * (0.75 * x.clamped(channel, kx, jz) + 0.25 * x.clamped(channel, kx, kz));
  });
}

Layer together(Layer a, Layer b) {
  return layer_of(a.channels + b.channels, a.nx, a.nz, [&](int channel, int ix, int iz) {
    return channel < a.channels ? a.at(channel, ix, iz) : b.at(channel - a.channels, ix, iz);
  });
}

class ByHand {
 public:
  ByHand(const NetworkShape& shape, const std::vector<float>& weights)
      : shape_(shape), layers_(layers_of(shape)), weights_(weights) {}

  Layer operator()(const Layer& inputs) {
    std::vector<Layer> down;
    for (std::size_t level = 0; level < shape_.widths.size(); ++level)
      down.push_back(block(level == 0 ? inputs : halved(down.back())));
    Layer up = down.back();
    for (std::size_t level = shape_.widths.size() - 1; level-- > 0;)
      up = block(together(doubled(up), down[level]));
    Layer answer = convolved(up);
    for (int ix = 0; ix < answer.nx; ++ix)
      for (int iz = 0; iz < answer.nz; ++iz) {
        const auto map = [&](int channel, const auto& f) {
          answer.at(channel, ix, iz) = f(answer.at(channel, ix, iz));
        };
        const auto sigmoid = [](double value) { return 1 / (1 + std::exp(-value)); };
        const double length = std::sqrt(1 + std::pow(answer.at(output_normal_x, ix, iz), 2) +
                                        std::pow(answer.at(output_normal_z, ix, iz), 2));
        map(output_residual, [&](double value) { return shape_.largest_residual * std::tanh(value); });
        map(output_log_variance, [](double value) { return 6 * std::tanh(value / 6) - 3; });
        map(output_edge, sigmoid);
        map(output_normal_x, [&](double value) { return value / length; });
        map(output_normal_z, [&](double value) { return value / length; });
        map(output_confidence, sigmoid);
      }
    return answer;
  }

 private:
  Layer convolved(Layer x) {
    const NetworkLayer& layer = layers_[next_++];
    const int kernel = layer.kernel, rim = kernel / 2;
    const auto weight = [&](int out, int in, int kx, int kz) {
      return double(weights_[begin_ + std::size_t(((out * layer.in + in) * kernel + kx) * kernel + kz)]);
    };
    Layer result = layer_of(layer.out, x.nx, x.nz, [&](int out, int ix, int iz) {
      double value = double(weights_[begin_ + layer.weights() + std::size_t(out)]);
      for (int in = 0; in < layer.in; ++in)
        for (int kx = 0; kx < kernel; ++kx)
          for (int kz = 0; kz < kernel; ++kz)
            value += weight(out, in, kx, kz) * x.clamped(in, ix + kx - rim, iz + kz - rim);
      return value;
    });
    begin_ += layer.parameters();
    return result;
  }

  Layer block(const Layer& x) {
    const Layer u = convolved(x);
    return rectified(sum(u, convolved(rectified(u))));
  }

  NetworkShape shape_;
  std::vector<NetworkLayer> layers_;
  const std::vector<float>& weights_;
  std::size_t next_ = 0, begin_ = 0;
};

TEST(Network, IsWhatItsHeaderSays) {
  const NetworkShape shape;
  Random random(3, "by hand");
  std::vector<float> weights = initial_weights(shape, 11);
  for (float& weight : weights) weight += float(0.02 * random.normal());  // biases too
  Images inputs(shape.inputs, 48, 32);
  for (float& value : inputs.values) value = float(random.normal());
  const Images answer = learner().make_network(shape, weights)->apply(inputs);
  Layer question{shape.inputs, inputs.nx, inputs.nz};
  std::copy(inputs.values.begin(), inputs.values.end(), question.values.begin());
  const Layer wanted = ByHand(shape, weights)(question);
  ASSERT_EQ(answer.values.size(), wanted.values.size());
  double largest = 0, size = 0;
  for (std::size_t i = 0; i < answer.values.size(); ++i) {
    largest = std::max(largest, std::abs(double(answer.values[i]) - wanted.values[i]));
    size = std::max(size, std::abs(wanted.values[i]));
  }
  EXPECT_GT(size, 0.5);
  EXPECT_LT(largest, 2e-5);
}

}  // namespace
}  // namespace fathom
