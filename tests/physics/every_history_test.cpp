// SPDX-License-Identifier: BSD-3-Clause

// Every history against the full one, for every registered wave equation, in every order, dimension and with
// either surface.

#include <gtest/gtest.h>

#include "tests/physics/homogeneous.hpp"
#include "tests/physics/problem.hpp"

namespace fathom::testing {
namespace {

class EveryHistory : public ::testing::TestWithParam<Variant> {};

INSTANTIATE_TEST_SUITE_P(Registry, EveryHistory, ::testing::ValuesIn(every_variant()),
                         [](const auto& info) { return name_of(info.param); });

/// Room between the layers for a wavefield that is run backwards.
Problem roomy_problem(const Variant& variant) {
  Problem problem = small_problem(variant);
  if (variant.three_d) {
    const int reach = (variant.equation == "acoustic" ? 1 : 2) * variant.order / 2;
    for (int& cells : problem.setup.grid.size) cells = std::max(cells, 2 * reach + 6);
    problem.setup.time.samples = 13;
    problem.wavelet.resize(13);
    problem.model = random_model(problem.setup.grid, Propagator(problem.setup).properties(), 1);
  }
  problem.setup.receivers = int(problem.shot.receivers.size());
  problem.setup.options.imaging_interval = 1;
  return problem;
}

/// All properties of the gradient of half the squared gather, of the second shot in a row and as it is read
/// for the second time.
std::vector<double> gradient_of(const Problem& problem, const PropagatorOptions& options) {
  PropagatorSetup setup = problem.setup;
  setup.options = options;
  Propagator propagator(setup);
  propagator.set_model(problem.model);
  std::vector<double> first, values;
  for (int shot = 0; shot < 2; ++shot) {
    const Gather gather = propagator.forward_for_gradient(problem.shot, problem.wavelet);
    for (int reading = 0; reading < 1 + shot; ++reading) {
      Model gradient = zeros_like(problem.model);
      propagator.backward(gather, gradient);
      values.clear();
      for (const auto& [name, field] : gradient.properties)
        for (const double value : to_host(field)) values.push_back(value);
      if (first.empty()) first = values;
      EXPECT_EQ(values, first) << options.history;
    }
  }
  return values;
}

std::vector<double> gradient_of(const Problem& problem, const std::string& history) {
  PropagatorOptions options = problem.setup.options;
  options.history = history;
  return gradient_of(problem, options);
}

TEST_P(EveryHistory, HasTheBitsOfTheFullOneWhenItComputesTheWavefieldAgain) {
  const Problem problem = roomy_problem(GetParam());
  PropagatorOptions options = problem.setup.options;
  const std::vector<double> full = gradient_of(problem, "full");
  EXPECT_EQ(gradient_of(problem, "thinned"), full);
  PropagatorSetup setup = problem.setup;
  setup.options.history = options.history = "checkpointing";
  setup.options.memory_budget = 1;
  const Propagator tightest(setup);
  const double least = tightest.least_memory_budget();
  const double state = sizeof(Real) * double(tightest.history().history->shape().state_values);
  for (const int states : {0, 1, 3}) {  // blocks of a step; with no state, all of them from the start
    if (states == 0 && GetParam().three_d) continue;
    options.memory_budget = least + (states + 0.01) * state;
    EXPECT_EQ(gradient_of(problem, options), full) << states << " states";
  }
}

TEST_P(EveryHistory, HasTheFullGradientToRoundingWhenItRunsTheWavefieldBackwards) {
  const Problem problem = roomy_problem(GetParam());
  const double error =
      report("relative_l2", relative_l2(gradient_of(problem, "boundary"), gradient_of(problem, "full")));
  EXPECT_LT(error, in_double ? 1e-10 : 1e-3);
}

TEST_P(EveryHistory, HasTheFullGradientNearlyWhenItIsLossy) {
  const Problem problem = roomy_problem(GetParam());
  const std::vector<double> full = gradient_of(problem, "full");
  for (const std::string& name : histories().names()) {
    if (name != "half" && name != "zfp") continue;
    const std::vector<double> lossy = gradient_of(problem, name);
    const double cosine = dot(lossy, full) / (norm(lossy) * norm(full));
    report("one_minus_cosine_" + name, 1 - cosine);
    EXPECT_GT(cosine, 0.999) << name;
  }
}

TEST_P(EveryHistory, KnowsTheSizeOfAState) {
  const Variant& variant = GetParam();
  const Problem problem = roomy_problem(variant);
  const auto equation =
      wave_equations().make(variant.equation, Propagator(problem.setup).domain(), variant.order);
  equation->prepare({0.001, 2800, 25, 1e-8});
  const Wavefield u = equation->at_rest();
  double values = double(u.now.size() + u.before.size());
  for (const Field& memory : u.memory) values += double(memory.size());
  EXPECT_EQ(equation->wavefield_values(), values);
}

}  // namespace
}  // namespace fathom::testing
