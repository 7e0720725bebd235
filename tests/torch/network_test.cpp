// SPDX-License-Identifier: BSD-3-Clause

// The network that fathom trains: its symmetries, its gradient, and that it can learn at all.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ml/geology_random.hpp"
#include "ml/learned_guide.hpp"
#include "ml/mirror.hpp"
#include "ml/network_contract.hpp"
#include "ml/network_denoiser.hpp"
#include "ml/network_shape.hpp"
#include "tests/ml/made_up.hpp"

namespace fathom {
namespace {

/// Weights larger than a new network's, so that every layer has its say.
std::vector<float> loud_weights(const NetworkShape& shape) {
  NetworkShape same = shape;
  std::vector<float> weights = initial_weights(same, 7);
  std::size_t begin = 0;
  for (const NetworkLayer& layer : layers_of(shape)) {
    for (std::size_t i = 0; i < layer.parameters(); ++i) weights[begin + i] *= float(1 / layer.gain);
    begin += layer.parameters();
  }
  return weights;
}

/// Smooth bumps about the middle of a section that is level elsewhere.
Images bumps(int nx, int nz, double middle) {
  Images images(input_channels, nx, nz);
  for (int channel = 0; channel < input_channels; ++channel)
    for (int ix = 0; ix < nx; ++ix)
      for (int iz = 0; iz < nz; ++iz)
        images.at(channel, ix, iz) =
            float(0.1 * channel - 0.3 +
                  std::exp(-std::pow((ix - middle) / 12, 2)) * std::sin(0.4 * ix + 0.3 * iz * (1 + channel)));
  return images;
}

/// The same, moved along x.
Images moved(const Images& images, int by) {
  Images result = images;
  for (int channel = 0; channel < images.channels; ++channel)
    for (int ix = 0; ix < images.nx; ++ix)
      for (int iz = 0; iz < images.nz; ++iz)
        result.at(channel, ix, iz) = images.at(channel, std::clamp(ix - by, 0, images.nx - 1), iz);
  return result;
}

std::unique_ptr<Network> loud_network() {
  return learner().make_network(NetworkShape{}, loud_weights({}));
}

TEST(Network, HasAQuarterOfAMillionWeights) {
  EXPECT_GT(parameters_of({}), 200000u);
  EXPECT_LT(parameters_of({}), 400000u);
}

TEST(Network, KeepsTheContractWithAnyWeights) {
  for (const std::vector<float>& weights : {initial_weights({}, 3), loud_weights({})})
    EXPECT_NO_THROW(require_contract(*learner().make_network({}, weights), "the network"));
}

TEST(Network, SaysNearlyNothingWhenItIsNew) {
  const auto network = learner().make_network({}, initial_weights({}, 5));
  const Images answer = network->apply(bumps(64, 48, 30));
  double sum = 0;
  for (std::size_t cell = 0; cell < answer.cells(); ++cell)
    sum += std::pow(answer.channel(output_residual)[cell], 2);
  EXPECT_LT(std::sqrt(sum / double(answer.cells())), 0.3) << "1000 m/s";
}

TEST(MirrorMean, CommutesWithAMirrorBitByBitAtAnySize) {
  const MirrorMean network(loud_network());
  for (const auto& [nx, nz] : {std::pair{64, 48}, std::pair{77, 51}}) {
    const Images inputs = bumps(nx, nz, 21), answer = network.apply(inputs);
    EXPECT_EQ(network.apply(mirrored(inputs)), mirrored_answer(answer)) << nx << " x " << nz;
    EXPECT_NE(mirrored_answer(answer), answer);
  }
}

TEST(Network, MovesWithItsQuestionByTheStride) {
  const MirrorMean network(loud_network());
  const Images inputs = bumps(320, 48, 152), answer = network.apply(inputs);
  const Images question = moved(inputs, network_stride), there = network.apply(question);
  for (int channel = 0; channel < output_channels; ++channel) {
    double difference = 0, size = 0;
    for (int ix = 100; ix < 220; ++ix)
      for (int iz = 0; iz < 48; ++iz) {
        difference += std::pow(there.at(channel, ix + network_stride, iz) - answer.at(channel, ix, iz), 2);
        size += std::pow(answer.at(channel, ix, iz), 2);
      }
    EXPECT_LT(std::sqrt(difference / size), 0.02) << channel;
  }
}

double dot(const Images& a, const Images& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += double(a.values[i]) * double(b.values[i]);
  return sum;
}

Images noise(int channels, int nx, int nz, const std::string& name) {
  Random random(4, name);
  Images images(channels, nx, nz);
  for (float& value : images.values) value = float(random.normal());
  return images;
}

TEST(MirrorMean, PullsBackByTheTransposeOfItsJacobianAtAnySize) {
  const MirrorMean network(loud_network());
  for (const auto& [nx, nz] : {std::pair{64, 48}, std::pair{45, 51}}) {
    const Images inputs = bumps(nx, nz, 21), change = noise(output_channels, nx, nz, "change"),
                 pull = network.pull_back(inputs, change);
    Images direction = noise(input_channels, nx, nz, "direction");  // uphill: what is small is not exact
    for (std::size_t i = 0; i < direction.values.size(); ++i)
      direction.values[i] = std::copysign(direction.values[i], pull.values[i]);
    const auto answer_at = [&](float step) {
      Images there = inputs;
      for (std::size_t i = 0; i < there.values.size(); ++i) there.values[i] += step * direction.values[i];
      return dot(network.apply(there), change);
    };
    const float step = 1e-3f;  // single precision: not too small
    const double along = (answer_at(step) - answer_at(-step)) / (2 * double(step));
    EXPECT_NEAR(dot(pull, direction), along, 0.01 * std::abs(along)) << nx << " x " << nz;
  }
}

TEST(NetworkDenoiser, HasTheGradientOfItsFirstOrderChangeInEachThingThatVelocityShows) {
  const Grid grid = grid_2d(45, 38, 20);
  const Situation situation = situation_on(grid);
  const NetworkDenoiser denoiser(
      std::make_shared<MirrorMean>(learner().make_network({}, initial_weights({}, 7))), situation);
  const std::vector<double> velocity = to_host(situation.velocity.at("vp"));
  std::vector<double> slopes(velocity.size(), 0.), ignored(velocity.size(), 0.);
  EXPECT_GT(denoiser.value_and_gradient(velocity, slopes), 0);
  Random random(5, "direction");
  std::vector<double> direction;
  double slope = 0;
  for (const double s : slopes) {
    direction.push_back(std::copysign(random.normal(), s));
    slope += s * direction.back();
  }
  const auto value_at = [&](double step) {
    std::vector<double> there = velocity;
    for (std::size_t cell = 0; cell < there.size(); ++cell) there[cell] += step * direction[cell];
    return denoiser.value_and_gradient(there, ignored);
  };
  const double step = 5;  // m/s; single precision: not too small
  EXPECT_NEAR((value_at(step) - value_at(-step)) / (2 * step), slope, 0.01 * slope);
}

TEST(NetworkDenoiser, DoesNotCountWhatIsFrozen) {
  Situation situation = situation_on(grid_2d(45, 38, 20));
  const std::vector<double> velocity = to_host(situation.velocity.at("vp"));
  const auto network = std::make_shared<MirrorMean>(loud_network());
  std::vector<double> slopes(velocity.size(), 0.);
  const double some = NetworkDenoiser(network, situation).value_and_gradient(velocity, slopes);
  situation.frozen.assign(velocity.size(), true);
  std::fill(slopes.begin(), slopes.end(), 0.);
  EXPECT_GT(some, 0);
  EXPECT_EQ(NetworkDenoiser(network, situation).value_and_gradient(velocity, slopes), 0);
  EXPECT_EQ(slopes, std::vector<double>(velocity.size(), 0.));
}

/// A target that depends on the question: an edge where channel 0 is positive, and so on.
Target target_for(const Images& inputs) {
  Target target{Images(Target::channels, inputs.nx, inputs.nz)};
  for (int ix = 0; ix < inputs.nx; ++ix)
    for (int iz = 0; iz < inputs.nz; ++iz) {
      const float value = inputs.at(0, ix, iz);
      target.images.at(Target::residual, ix, iz) = 0.5f * value;
      target.images.at(Target::edge, ix, iz) = value > 0 ? 1 : 0;
      target.images.at(Target::normal_x, ix, iz) = 0.6f;
      target.images.at(Target::normal_z, ix, iz) = 0.8f;
      target.images.at(Target::weight, ix, iz) = iz < 4 ? 0 : 1;
    }
  return target;
}

TEST(Loss, HasTheGradientOfItsFirstOrderChange) {
  const NetworkShape shape{.widths = {6, 8}};
  std::vector<float> weights = loud_weights(shape);
  const Images inputs = bumps(32, 32, 14);
  const Target target = target_for(inputs);
  std::vector<double> gradient(weights.size(), 0.), ignored(weights.size(), 0.);
  learner().add_gradient(shape, weights, inputs, target, gradient);
  Random random(3, "direction");
  std::vector<double> direction;
  double slope = 0;
  for (const double g : gradient) {
    direction.push_back(random.normal());
    slope += g * direction.back();
  }
  const auto loss_at = [&](double step) {
    std::vector<float> there = weights;
    for (std::size_t i = 0; i < there.size(); ++i) there[i] += float(step * direction[i]);
    return learner().add_gradient(shape, there, inputs, target, ignored).total();
  };
  const double step = 2e-3;  // single precision: not too small
  EXPECT_NEAR((loss_at(step) - loss_at(-step)) / (2 * step), slope, 0.03 * std::abs(slope) + 1e-3);
}

TEST(Loss, FallsUnderGradientDescent) {
  const NetworkShape shape{.widths = {8, 12, 16}};
  std::vector<float> weights = initial_weights(shape, 1);
  const Images inputs = bumps(32, 32, 14);
  const Target target = target_for(inputs);
  std::vector<double> values;
  for (int step = 0; step < 60; ++step) {
    std::vector<double> gradient(weights.size(), 0.);
    values.push_back(learner().add_gradient(shape, weights, inputs, target, gradient).total());
    double norm = 0;
    for (const double g : gradient) norm += g * g;
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] -= float(0.05 * gradient[i] / std::max(1., std::sqrt(norm)));
  }
  EXPECT_LT(values.back(), values.front() - 0.5);
}

}  // namespace
}  // namespace fathom
