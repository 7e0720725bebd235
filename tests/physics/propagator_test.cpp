// SPDX-License-Identifier: BSD-3-Clause

#include "physics/propagator.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "physics/error.hpp"
#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The message of the error that an action throws.
template <class Error, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Propagator propagator_of(const Problem& problem) {
  Propagator propagator(problem.setup);
  propagator.set_model(problem.model);
  return propagator;
}

TEST(Propagator, NamesShotStepAndPlaceOfAWavefieldThatIsNotFinite) {
  Problem problem = small_problem({});
  Propagator propagator = propagator_of(problem);
  problem.wavelet[20] = nan;
  const std::string message =
      message_of<RunError>([&] { propagator.forward(problem.shot, problem.wavelet); });
  EXPECT_TRUE(contains(message, "forward wavefield of shot 7")) << message;
  EXPECT_TRUE(contains(message, "step ")) << message;
  EXPECT_TRUE(contains(message, " m, ")) << message;
}

TEST(Propagator, NamesTheShotOfAnAdjointSourceThatIsNotFinite) {
  const Problem problem = small_problem({});
  Propagator propagator = propagator_of(problem);
  Gather residual = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  residual.data[3] = nan;
  Model gradient = zeros_like(problem.model);
  const std::string message = message_of<RunError>([&] { propagator.backward(residual, gradient); });
  EXPECT_TRUE(contains(message, "adjoint wavefield of shot 7")) << message;
}

TEST(Propagator, RejectsAGridTooSmallForItsStencil) {
  Problem problem = small_problem({});
  problem.setup.grid.size = {31, 1, 7};
  const std::string message = message_of<UserError>([&] { Propagator propagator(problem.setup); });
  EXPECT_TRUE(contains(message, "7 cells")) << message;
  EXPECT_TRUE(contains(message, "at least 8 cells for order 8")) << message;
  problem.setup.grid.size = {31, 1, 8};
  EXPECT_NO_THROW(Propagator{problem.setup});
  problem.setup.grid.size = {1, 31, 31};
  EXPECT_THROW(Propagator{problem.setup}, UserError) << "a 2-D grid lies in the x-z plane";
}

TEST(Propagator, RejectsOrdersThatDoNotExist) {
  Problem problem = small_problem({});
  for (const int order : {3, 6}) {
    problem.setup.options.order = order;
    EXPECT_THROW(Propagator{problem.setup}, UserError) << order;
  }
}

TEST(Propagator, RejectsVelocitiesThatAreTooFastOrNoVelocities) {
  const Problem problem = small_problem({});
  Propagator propagator(problem.setup);
  for (const double bad : {2900., 0., -1500., nan, std::numeric_limits<double>::infinity()}) {
    Model model = clone(problem.model);
    std::vector<double> values = to_host(model.at("vp"));
    values[17] = bad;
    from_host(values, model["vp"]);
    EXPECT_THROW(propagator.set_model(model), UserError) << bad;
  }
  EXPECT_NO_THROW(propagator.set_model(homogeneous(problem.setup.grid, problem.setup.fastest)));
  const std::string message =
      message_of<UserError>([&] { propagator.set_model(homogeneous(problem.setup.grid, 2900)); });
  EXPECT_TRUE(contains(message, "2900")) << message;
  EXPECT_TRUE(contains(message, "2800")) << message;
}

TEST(Propagator, TakesAStepThatDividesTheSurveySamplingAndIsStable) {
  const Problem problem = small_problem({});
  const Propagator propagator(problem.setup);
  EXPECT_DOUBLE_EQ(propagator.time_step() * propagator.substeps(), problem.setup.time.step);
  const Grid& grid = problem.setup.grid;
  const double per_metre = std::hypot(1 / grid.spacing[0], 1 / grid.spacing[2]);
  const double courant = problem.setup.fastest * propagator.time_step() * per_metre;
  EXPECT_LE(courant, 0.9 * stability_limit(8) * (1 + 1e-9));
  EXPECT_GT(courant * (propagator.substeps() + 1) / propagator.substeps(), 0.9 * stability_limit(8) * 0.5);
}

TEST(Propagator, RejectsATimeStepThatIsNotStable) {
  Problem problem = small_problem({});
  problem.setup.options.time_step = 0.0035;
  const std::string message = message_of<UserError>([&] { Propagator propagator(problem.setup); });
  EXPECT_TRUE(contains(message, "unstable")) << message;
  problem.setup.options.time_step = 0.0015;
  EXPECT_DOUBLE_EQ(Propagator(problem.setup).time_step(), problem.setup.time.step / 3);
}

TEST(Propagator, CountsForwardBackwardAndBornSolves) {
  const Problem problem = small_problem({});
  Propagator propagator = propagator_of(problem);
  EXPECT_EQ(propagator.solves(), 0);
  propagator.forward(problem.shot, problem.wavelet);
  EXPECT_EQ(propagator.solves(), 1);
  const Gather gather = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  EXPECT_EQ(propagator.solves(), 2);
  Model gradient = zeros_like(problem.model);
  propagator.backward(gather, gradient);
  EXPECT_EQ(propagator.solves(), 3);
  propagator.born(problem.shot, problem.wavelet, problem.model);
  EXPECT_EQ(propagator.solves(), 4);
}

TEST(Propagator, RecordsTheSameWhetherOrNotAGradientFollows) {
  const Problem problem = small_problem({});
  Propagator propagator = propagator_of(problem);
  const Gather plain = propagator.forward(problem.shot, problem.wavelet);
  const Gather kept = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  EXPECT_GT(norm(plain.data), 0);
  EXPECT_LT(relative_l2(kept.data, plain.data), in_double ? 1e-14 : 1e-5);  // two kernels, rounded apart
  EXPECT_EQ(plain.data, propagator.forward(problem.shot, problem.wavelet).data) << "nothing is left over";
}

/// Between forward_for_gradient() and backward() other shots may be simulated, for a line search or a score.
TEST(Propagator, GoesBackwardFromTheShotItKept) {
  const Problem problem = small_problem({});
  Propagator propagator = propagator_of(problem);
  const Gather gather = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  Model direct = zeros_like(problem.model), late = zeros_like(problem.model);
  const std::vector<double> wavelet = propagator.backward(gather, direct);
  const Shot other{8, problem.shot.receivers[1], {problem.shot.source}};
  propagator.forward_for_gradient(problem.shot, problem.wavelet);
  propagator.forward(other, problem.wavelet);
  EXPECT_EQ(propagator.backward(gather, late), wavelet);
  EXPECT_EQ(to_host(late.at("vp")), to_host(direct.at("vp")));
}

TEST(Propagator, AddsToTheGradientItIsGiven) {
  const Problem problem = small_problem({});
  Propagator propagator = propagator_of(problem);
  const Gather gather = propagator.forward_for_gradient(problem.shot, problem.wavelet);
  Model once = zeros_like(problem.model), twice = zeros_like(problem.model),
        light = zeros_like(problem.model);
  propagator.backward(gather, once);
  propagator.backward(gather, twice);
  propagator.backward(gather, twice, &light);
  std::vector<double> doubled = to_host(once.at("vp"));
  for (double& value : doubled) value *= 2;
  EXPECT_LT(relative_l2(to_host(twice.at("vp")), doubled), 1e-6);
  for (const double value : to_host(light.at("vp")))
    EXPECT_GE(value, 0) << "illumination is a sum of squares";
  EXPECT_GT(norm(light), 0);
}

TEST(Propagator, ForecastsMoreMemoryForAGradient) {
  Problem problem = small_problem({});
  const Propagator propagator(problem.setup);
  EXPECT_GT(propagator.memory_bytes(10, false), 3. * propagator.domain().padded().cells() * sizeof(Real));
  EXPECT_GT(propagator.memory_bytes(10, true), propagator.memory_bytes(10, false));
  EXPECT_GT(propagator.memory_bytes(1000, false), propagator.memory_bytes(10, false));
}

}  // namespace
}  // namespace fathom::testing
