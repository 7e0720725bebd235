// SPDX-License-Identifier: BSD-3-Clause
#include "ml/torch/unet.hpp"

namespace fathom {
namespace {

constexpr double leak = 0.1;  // slope of the rectifier for negative values

at::Tensor rectified(const at::Tensor& x) {
  return at::leaky_relu(x, leak);
}

/// Convolves with the edges repeated. LibTorch takes kernels of one cell, and small images by themselves,
/// through products of matrices, which are as fast as the BLAS that happens to be installed, and hands only
/// others to oneDNN: several times the time. So a small kernel has a rim of zeros here, and a small image
/// comes twice.
at::Tensor convolved(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& biases) {
  constexpr std::int64_t small = 20480;  // values: where LibTorch changes its mind
  const at::Tensor kernels = weights.size(2) == 1 ? at::constant_pad_nd(weights, {1, 1, 1, 1}) : weights;
  const std::int64_t rim = kernels.size(2) / 2;
  const at::Tensor wide = at::replication_pad2d(x, {rim, rim, rim, rim});
  if (wide.size(0) > 1 || wide.numel() > small) return at::conv2d(wide, kernels, biases);
  return at::conv2d(wide.expand({2, -1, -1, -1}), kernels, biases).narrow(0, 0, 1);
}

/// Takes the layers' parameters one after the other.
class Layers {
 public:
  Layers(const NetworkShape& shape, const at::Tensor& parameters) : layers_(layers_of(shape)) {
    std::vector<std::int64_t> sizes;
    for (const NetworkLayer& layer : layers_) {
      sizes.push_back(std::int64_t(layer.weights()));
      sizes.push_back(layer.out);
    }
    // At once: the gradient of each slice would be as long as all.
    parts_ = parameters.split_with_sizes(sizes);
  }

  at::Tensor convolve(const at::Tensor& x) {
    const NetworkLayer& layer = layers_[next_];
    const at::Tensor weights = parts_[2 * next_].reshape({layer.out, layer.in, layer.kernel, layer.kernel});
    return convolved(x, weights, parts_[2 * next_++ + 1]);
  }

  at::Tensor block(const at::Tensor& x) {
    const at::Tensor u = convolve(x);
    return rectified(u + convolve(rectified(u)));
  }

 private:
  std::vector<NetworkLayer> layers_;
  std::vector<at::Tensor> parts_;  // weights and biases of each
  std::size_t next_ = 0;
};

at::Tensor doubled(const at::Tensor& x) {
  return at::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, false);
}

}  // namespace

at::Tensor unet(const NetworkShape& shape, const at::Tensor& parameters, const at::Tensor& inputs) {
  Layers layers(shape, parameters);
  std::vector<at::Tensor> down;
  for (std::size_t level = 0; level < shape.widths.size(); ++level)
    down.push_back(layers.block(level == 0 ? inputs : at::avg_pool2d(down.back(), {2, 2})));
  at::Tensor up = down.back();
  for (std::size_t level = shape.widths.size() - 1; level-- > 0;)
    up = layers.block(at::cat({doubled(up), down[level]}, 1));
  return layers.convolve(up);
}

std::vector<at::Tensor> losses(const NetworkShape& shape, const at::Tensor& raw, const at::Tensor& target) {
  constexpr double nothing = 1e-6, cos_45 = 0.70710678;
  const auto out = [&](int number) { return raw.narrow(1, number, 1); };
  const auto wanted = [&](int number) { return target.narrow(1, number, 1); };
  const at::Tensor weight = wanted(Target::weight), edge = wanted(Target::edge);
  const auto mean = [](const at::Tensor& values, const at::Tensor& counts) {
    return (values * counts).sum() / (counts.sum() + nothing);
  };
  const auto cross_entropy = [](const at::Tensor& logit, const at::Tensor& truth) {
    return at::relu(logit) - logit * truth + at::log1p(at::exp(-at::abs(logit)));
  };
  // Large jumps that are missed do not rule the rest, as squares would let them. By its likelihood alone, for
  // a Laplace distribution of variance 2 b^2, an error would count for little where b is large: in salt.
  const at::Tensor error =
      at::abs(at::tanh(out(output_residual)) * shape.largest_residual - wanted(Target::residual));
  const at::Tensor log_b = 0.5 * (at::tanh(out(output_log_variance) / 6) * 6 - 3) - 0.34657359;
  const at::Tensor normal = raw.narrow(1, output_normal_x, 2),
                   true_normal = target.narrow(1, Target::normal_x, 2);
  const at::Tensor squares = (normal * normal).sum(1, true), answer = normal / at::sqrt(squares + 1);
  const at::Tensor cosine = (normal * true_normal).sum(1, true) / at::sqrt(squares + nothing);
  const at::Tensor right = edge * cosine.detach().gt(cos_45).to(at::kFloat);
  // Not the angle, whose slope is zero where the answer points the very wrong way.
  const at::Tensor astray = 0.5 * ((answer - true_normal) * (answer - true_normal)).sum(1, true);
  return {mean(2 * error + 0.25 * (error * at::exp(-log_b) + log_b), weight),
          mean(cross_entropy(out(output_edge), edge), weight), mean(astray, weight * edge),
          mean(cross_entropy(out(output_confidence), right), weight)};
}

at::Tensor mapped(const NetworkShape& shape, const at::Tensor& raw) {
  const auto channel = [&](int number) { return raw.narrow(1, number, 1); };
  const at::Tensor normal = raw.narrow(1, output_normal_x, 2);
  return at::cat(
      {at::tanh(channel(output_residual)) * shape.largest_residual,
       at::tanh(channel(output_log_variance) / 6) * 6 - 3, at::sigmoid(channel(output_edge)),
       normal / at::sqrt((normal * normal).sum(1, true) + 1), at::sigmoid(channel(output_confidence))},
      1);
}

}  // namespace fathom
