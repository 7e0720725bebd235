// SPDX-License-Identifier: BSD-3-Clause

// The network that comes with the program: that it is what is said of it, and what it does to a section of
// salt that it has not seen.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "io/config.hpp"
#include "io/sha256.hpp"
#include "ml/network_shape.hpp"
#include "solver/inversion.hpp"
#include "solver/metrics.hpp"
#include "solver/network_file.hpp"
#include "solver/recipe.hpp"
#include "solver/simulation.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

/// A second's work for each stage; no low frequencies, and a start that knows of no salt.
const std::string salt_section = R"(title: a body of salt
truth:
  generate: {kind: salt, seed: 57, width: 4800, depth: 2400, spacing: 40, water_depth: 0}
start:
  linear: {top: 1800, bottom: 3600}
survey:
  sources:   {first: [120, 80], last: [4680, 80], count: 10}
  receivers: {first: [80, 80], last: [4720, 80], count: 59}
  wavelet:   {frequency: 4.5}
  duration: 2.8
  sampling: 0.004
data:
  simulate: {spacing: 30, order: 8, width: 12, noise_snr: 30}
physics:
  boundary: {width: 12}
inversion:
  divergence: false
  bounds: {min: 1450, max: 4900}
  optimizer: {method: adam, adam: {batch: 4, step: 30}}
  stages:
    - {min_frequency: 2.5, max_frequency: 4, iterations: 25, spacing: 60}
    - {min_frequency: 2.5, max_frequency: 6, iterations: 25}
)";

struct Ended {
  double error = 0;
  InversionResult result;
};

Ended run_of_salt(const Changes& changes) {
  const Scratch scratch;
  const Case the_case = load_text(scratch, changed(salt_section, changes));
  Communicator alone;
  Gathers observed = observed_data(the_case, alone, [](int, int) {});
  Ended ended;
  ended.result = Inversion(the_case, alone, std::move(observed), {}).run(std::nullopt);
  ended.error = compare(ended.result.model, *the_case.truth, {}).all.rmse_m_s;
  return ended;
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(TheShippedNetwork, IsWhatItsRecipeAndItsChecksumSay) {
  const std::string path = shipped_network(), folder = path.substr(0, path.rfind('/'));
  const TrainedNetwork network = read_network(path);
  RecipeOptions recipe;
  Config::from_file(folder + "/recipe.yaml").read(recipe);
  EXPECT_EQ(network.recipe, to_yaml(recipe_of_round(recipe, recipe.on_policy.rounds)));
  EXPECT_TRUE(network.familiarity.known());
  EXPECT_LT(network.weights.size(), 1000000u);
  EXPECT_EQ(contents_of(path + ".sha256"), sha256(contents_of(path)) + "  network.h5\n");
}

TEST(TheShippedNetwork, FillsSaltThatItHasNotSeen) {
  // More iterations of the plain one, for what images and pilots cost.
  const Ended plain = run_of_salt({{"iterations: 25, spacing", "iterations: 50, spacing"},
                                   {"max_frequency: 6, iterations: 25", "max_frequency: 6, iterations: 50"}});
  const Ended guided = run_of_salt(
      {{"inversion:\n", "inversion:\n  regularizer: {kind: total_variation, guide: {kind: network}}\n"}});
  EXPECT_GE(guided.result.guide.jumps.accepted, 1);
  EXPECT_LT(guided.error, 0.85 * plain.error);
  EXPECT_LE(double(guided.result.pde_solves), 1.05 * double(plain.result.pde_solves));
}

/// The last stage without a guide is another thing: here it has its say to the end.
const Changes denoised = {{"inversion:\n",
                           "inversion:\n  regularizer: {kind: denoiser, weight: 0.1, guards: {mode: off}, "
                           "guide: {kind: network}}\n"}};

TEST(TheShippedNetwork, AsAPriorIsTheSameInARunThatWasBrokenOff) {
  const Scratch scratch;
  const Case the_case = load_text(scratch, changed(salt_section, denoised));
  Communicator alone;
  const Gathers observed = observed_data(the_case, alone, [](int, int) {});
  std::vector<Checkpoint> checkpoints;
  std::vector<double> penalties;
  InversionObserver observer;
  observer.on_checkpoint = [&](const Checkpoint& checkpoint) { checkpoints.push_back(checkpoint); };
  observer.on_iteration = [&](const IterationReport& report, const Model&) {
    penalties.push_back(report.regularization);
  };
  const InversionResult whole = Inversion(the_case, alone, observed, observer).run(std::nullopt);
  ASSERT_GE(checkpoints.size(), 9u);
  for (const double penalty : penalties) EXPECT_GT(penalty, 0);
  for (const std::size_t broken_off : {2u, 8u}) {  // in both stages
    const InversionResult rest = Inversion(the_case, alone, observed, {}).run(checkpoints[broken_off]);
    EXPECT_EQ(to_host(rest.model.at("vp")), to_host(whole.model.at("vp"))) << broken_off;
  }
}

}  // namespace
}  // namespace fathom
