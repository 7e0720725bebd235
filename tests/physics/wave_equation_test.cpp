// SPDX-License-Identifier: BSD-3-Clause

// Identities that every registered wave equation must fulfil, in every order, dimension and with either
// surface.

#include <gtest/gtest.h>

#include <fstream>

#include "tests/physics/homogeneous.hpp"
#include "tests/physics/problem.hpp"

namespace fathom::testing {
namespace {

class EveryWaveEquation : public ::testing::TestWithParam<Variant> {};

INSTANTIATE_TEST_SUITE_P(Registry, EveryWaveEquation, ::testing::ValuesIn(every_variant()),
                         [](const auto& info) { return name_of(info.param); });

/// Half the squared gather, a stand-in for a misfit.
double half_square(const Gather& gather) {
  return 0.5 * dot(gather.data, gather.data);
}

Model gradient_of_half_square(Propagator& propagator, const Problem& problem) {
  const Gather gather = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  Model gradient = zeros_like(problem.model);
  propagator.backward(gather, gradient);
  return gradient;
}

/// The model with the higher half of the x and y axes, of odd length, replaced by the image of the lower.
void make_symmetric(Model& model) {
  const auto& size = model.grid.size;
  for (auto& [name, field] : model.properties) {
    std::vector<double> values = to_host(field);
    const auto at = [&](int ix, int iy, int iz) -> double& {
      return values[(std::size_t(ix) * size[1] + iy) * size[2] + iz];
    };
    for (int ix = 0; ix < size[0]; ++ix)
      for (int iy = 0; iy < size[1]; ++iy)
        for (int iz = 0; iz < size[2]; ++iz)
          at(ix, iy, iz) = at(std::min(ix, size[0] - 1 - ix), std::min(iy, size[1] - 1 - iy), iz);
    from_host(values, field);
  }
}

/// Traces at some cells and at their images about the middle of x and of y are the same bits, so that nothing
/// depends on how a sweep groups planes and rows, nor on its order.
void expect_symmetry(const Variant& variant, const Grid& grid, int samples) {
  Problem problem = small_problem(variant);
  problem.setup.grid = grid;
  problem.setup.time.samples = samples;
  problem.wavelet.resize(std::size_t(samples));
  problem.model = random_model(grid, Propagator(problem.setup).properties(), 5);
  make_symmetric(problem.model);
  const auto cell = [&](int ix, int iy) -> Position {
    return {grid.coordinate(0, ix), grid.coordinate(1, iy), grid.coordinate(2, grid.size[2] / 3)};
  };
  const int last_x = grid.size[0] - 1, last_y = grid.size[1] - 1;
  problem.shot.source = cell(last_x / 2, last_y / 2);
  problem.shot.receivers.clear();
  for (int ix = 0; ix <= last_x; ++ix)
    for (const int iy : {0, last_y / 3})
      for (const Position& place :
           {cell(ix, iy), cell(last_x - ix, iy), cell(ix, last_y - iy), cell(last_x - ix, last_y - iy)})
        problem.shot.receivers.push_back(place);
  Propagator propagator(problem.setup);
  propagator.set_model(problem.model);
  const Gather forward = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  ASSERT_GT(norm(forward.data), 0);
  for (int receiver = 0; receiver < forward.receivers; receiver += 4)
    for (int image = 1; image < 4; ++image)
      for (int sample = 0; sample < problem.setup.time.samples; ++sample)
        ASSERT_EQ(forward.trace(receiver)[sample], forward.trace(receiver + image)[sample])
            << "receiver " << receiver << ", image " << image << ", sample " << sample;

  // The adjoint of the same gather images a symmetric gradient but for the order of some sums.
  Model gradient = zeros_like(problem.model);
  propagator.backward(forward, gradient);
  for (const auto& [name, field] : gradient.properties) {
    const std::vector<double> values = to_host(field);
    const double tolerance = (in_double ? 1e-13 : 1e-5) * peak_of(values);
    ASSERT_GT(tolerance, 0);
    for (int ix = 0; ix <= last_x; ++ix)
      for (int iy = 0; iy <= last_y; ++iy)
        for (int iz = 0; iz < grid.size[2]; ++iz) {
          const auto at = [&](int x, int y) {
            return values[(std::size_t(x) * grid.size[1] + y) * grid.size[2] + iz];
          };
          ASSERT_NEAR(at(ix, iy), at(last_x - ix, iy), tolerance)
              << name << ' ' << ix << ' ' << iy << ' ' << iz;
          ASSERT_NEAR(at(ix, iy), at(ix, last_y - iy), tolerance)
              << name << ' ' << ix << ' ' << iy << ' ' << iz;
        }
  }
}

TEST_P(EveryWaveEquation, KeepsTheSymmetryOfAModel) {
  if (GetParam().three_d)
    expect_symmetry(GetParam(), {{15, 13, 30}, {10., 11., 9.}, {0, 0, 0}}, 31);
  else
    expect_symmetry(GetParam(), {{31, 1, 60}, {10., 10., 9.}, {0, 0, 0}}, 61);
}

/// Rows so long that a plane is swept in blocks.
TEST(Acoustic, KeepsTheSymmetryOfAModelInBlocksOfRows) {
  expect_symmetry({"acoustic", 4, true, false}, {{5, 21, 4100}, {10., 11., 9.}, {0, 0, 0}}, 18);
}

TEST_P(EveryWaveEquation, HasExactAdjointInTheSource) {
  Problem problem = small_problem(GetParam());
  problem.shot.companions.push_back({problem.shot.receivers.front(), -0.7});
  Propagator propagator(problem.setup);
  propagator.set_model(problem.model);
  Noise noise(3);
  const std::vector<double> wavelet = noise.many(problem.wavelet.size());
  Gather random(problem.setup.time, int(problem.shot.receivers.size()));
  random.data = noise.many(random.data.size());

  const Gather gather = propagator.forward_for_gradient(problem.shot, wavelet);
  Model ignored = zeros_like(problem.model);
  const std::vector<double> back = propagator.backward(random, ignored);

  const double error = std::abs(dot(gather.data, random.data) - dot(wavelet, back));
  EXPECT_GT(norm(gather.data), 0);
  EXPECT_LT(error, (in_double ? 1e-12 : 1e-5) * norm(gather.data) * norm(random.data));
}

TEST_P(EveryWaveEquation, HasExactAdjointOfBornModelling) {
  const Problem problem = small_problem(GetParam());
  Propagator propagator(problem.setup);
  propagator.set_model(problem.model);
  Noise noise(4);
  Model perturbation = zeros_like(problem.model);
  for (auto& [name, field] : perturbation.properties) from_host(noise.many(field.size()), field);
  Gather random(problem.setup.time, int(problem.shot.receivers.size()));
  random.data = noise.many(random.data.size());

  const Gather scattered = propagator.born(problem.shot, problem.wavelet, perturbation);
  propagator.forward_for_gradient(problem.shot, problem.wavelet);
  Model gradient = zeros_like(problem.model);
  propagator.backward(random, gradient);

  const double error = std::abs(dot(scattered.data, random.data) - dot(perturbation, gradient));
  EXPECT_GT(norm(scattered.data), 0);
  EXPECT_LT(error, (in_double ? 1e-12 : 1e-5) * norm(scattered.data) * norm(random.data));
}

TEST_P(EveryWaveEquation, HasGradientOfSecondOrderRemainder) {
  if (!in_double) return;  // the double build runs it
  const Problem problem = small_problem(GetParam());
  Propagator propagator(problem.setup);
  propagator.set_model(problem.model);
  const Model gradient = gradient_of_half_square(propagator, problem);
  const double start = half_square(propagator.forward(problem.shot, problem.wavelet));
  Noise noise(5);
  Model direction = zeros_like(problem.model);
  for (auto& [name, field] : direction.properties) {
    const double scale = norm(to_host(problem.model.at(name))) / std::sqrt(double(field.size()));
    std::vector<double> values = noise.many(field.size());
    for (double& value : values) value *= 0.01 * scale;
    from_host(values, field);
  }
  const double slope = dot(gradient, direction);

  const auto remainders = [&](double step) {
    propagator.set_model(moved(problem.model, direction, step));
    const double change = half_square(propagator.forward(problem.shot, problem.wavelet)) - start;
    return std::pair{std::abs(change), std::abs(change - step * slope)};
  };
  auto last = remainders(1);
  for (double step = 0.5; step > 1e-3; step /= 2) {
    const auto next = remainders(step);
    if (step < 0.05) {  // beyond the curvature's own change
      EXPECT_NEAR(std::log2(last.first / next.first), 1, 0.02) << "step " << step;
      EXPECT_NEAR(std::log2(last.second / next.second), 2, 0.02) << "step " << step;
    }
    last = next;
  }
}

/// The double build writes its gradients, the float build compares its own with them; CTest runs them in that
/// order.
TEST_P(EveryWaveEquation, HasTheSameGradientInFloatAndDouble) {
  const Problem problem = small_problem(GetParam());
  Propagator propagator(problem.setup);
  propagator.set_model(problem.model);
  const Model gradient = gradient_of_half_square(propagator, problem);
  std::vector<double> values;
  for (const auto& [name, field] : gradient.properties)
    for (const double value : to_host(field)) values.push_back(value);
  const std::string file = "gradient_" + name_of(GetParam()) + ".f64";
  const std::size_t bytes = values.size() * sizeof(double);
  if (in_double) {
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()), std::streamsize(bytes));
    return;
  }
  std::ifstream in(file, std::ios::binary);
  ASSERT_TRUE(in) << file << " is missing: run test_physics_double in this folder first";
  std::vector<double> reference(values.size());
  in.read(reinterpret_cast<char*>(reference.data()), std::streamsize(bytes));
  EXPECT_LT(relative_l2(values, reference), 1e-4);
}

TEST_P(EveryWaveEquation, IsReciprocal) {
  if (!in_double) return;  // the double build runs it
  Problem problem = small_problem(GetParam());
  Propagator propagator(problem.setup);
  propagator.set_model(problem.model);
  const Position one = problem.shot.source;
  Position other = one;
  other[0] += 0.21 * problem.setup.grid.extent(0);
  other[2] += 0.13 * problem.setup.grid.extent(2);
  const Gather there = propagator.forward({0, one, {other, one}}, problem.wavelet);
  const Gather back = propagator.forward({1, other, {one}}, problem.wavelet);
  double peak = 0, difference = 0;
  for (int sample = 0; sample < problem.setup.time.samples; ++sample) {
    peak = std::max(peak, std::abs(there.trace(0)[sample]));
    difference = std::max(difference, std::abs(there.trace(0)[sample] - back.trace(0)[sample]));
  }
  EXPECT_GT(peak, 0);
  EXPECT_LT(difference, 1e-10 * peak);
}

}  // namespace
}  // namespace fathom::testing
