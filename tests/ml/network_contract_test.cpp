// SPDX-License-Identifier: BSD-3-Clause

// What a network is shown, and how its answer becomes a guidance: with networks made up here, without
// LibTorch.

#include "ml/network_contract.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "ml/learned_guide.hpp"
#include "ml/network_denoiser.hpp"
#include "physics/error.hpp"
#include "tests/ml/made_up.hpp"

namespace fathom {
namespace {

const Grid section = grid_2d(45, 38, 20);

/// A network that is a function.
class Made final : public Network {
 public:
  explicit Made(std::function<Images(const Images&)> function) : function_(std::move(function)) {}
  Images apply(const Images& inputs) const override { return function_(inputs); }
  Images pull_back(const Images&, const Images&) const override { throw RunError("it has no gradient"); }

 private:
  std::function<Images(const Images&)> function_;
};

/// One that answers with a constant a channel, whatever it is shown.
Made constant(const std::array<float, output_channels>& values) {
  return Made([values](const Images& inputs) {
    Images answer(output_channels, inputs.nx, inputs.nz);
    for (int channel = 0; channel < output_channels; ++channel)
      std::fill_n(answer.channel(channel), answer.cells(), values[std::size_t(channel)]);
    return answer;
  });
}

TEST(NetworkInputs, AreInTheUnitsOfTheContract) {
  const Images inputs = network_inputs(situation_on(section));
  ASSERT_EQ(inputs.channels, int(input_channels));
  ASSERT_EQ(inputs.nx, 45);
  ASSERT_EQ(inputs.nz, 38);
  const int ix = 20, iz = 15;
  const double velocity = 1800. + 20 * iz;
  EXPECT_NEAR(inputs.at(input_velocity, ix, iz), (velocity - 3000) / 1000, 1e-6);
  EXPECT_NEAR(inputs.at(input_update, ix, iz), 100. / 500, 1e-6);
  EXPECT_NEAR(inputs.at(input_depth, ix, iz), (iz - 5) * 0.02, 1e-6);
  EXPECT_EQ(inputs.at(input_depth, ix, 3), 0);
  EXPECT_NEAR(inputs.at(input_illumination, ix, iz), (3 - 1.5) / 3, 1e-5);
  EXPECT_NEAR(inputs.at(input_lower_edge, ix, iz), 10 * 3 * 20 / velocity, 1e-6);
  EXPECT_NEAR(inputs.at(input_upper_edge, ix, iz), 10 * 8 * 20 / velocity, 1e-6);
  EXPECT_EQ(inputs.at(input_frozen, ix, 4), 1);
  EXPECT_EQ(inputs.at(input_frozen, ix, 5), 0);
}

TEST(NetworkInputs, HaveUnitRootMeanSquareWhateverTheUnitsOfGradientAndImage) {
  const Images inputs = network_inputs(situation_on(section));
  for (const int channel : {int(input_descent), int(input_image)}) {
    double sum = 0, count = 0;
    for (int ix = 0; ix < inputs.nx; ++ix)
      for (int iz = 5; iz < inputs.nz; ++iz) {
        sum += std::pow(inputs.at(channel, ix, iz), 2);
        ++count;
      }
    EXPECT_NEAR(std::sqrt(sum / count), 1, 1e-3) << channel;
    EXPECT_EQ(inputs.at(channel, 20, 2), 0) << "frozen cells have no say";
  }
}

TEST(NetworkInputs, AreZeroWhereNothingIsKnown) {
  Situation bare;
  bare.velocity = situation_on(section).velocity;
  bare.frozen.assign(section.cells(), false);
  const Images inputs = network_inputs(bare);
  for (const int channel : {int(input_update), int(input_descent), int(input_image)})
    for (std::size_t cell = 0; cell < inputs.cells(); ++cell) EXPECT_EQ(inputs.channel(channel)[cell], 0);
}

TEST(NetworkInputs, RefuseWhatIsNoSection) {
  Situation deep = situation_on(section);
  deep.velocity.grid.size = {45, 2, 19};
  EXPECT_THROW(network_inputs(deep), UserError);
}

TEST(Padding, RepeatsTheLastRowAndColumnUpToTheStrideAndIsCutOffAgain) {
  const Images inputs = network_inputs(situation_on(section)), grown = padded(inputs);
  EXPECT_EQ(grown.nx, 48);
  EXPECT_EQ(grown.nz, 48);
  EXPECT_EQ(grown.at(0, 47, 47), inputs.at(0, 44, 37));
  EXPECT_EQ(grown.at(2, 47, 10), inputs.at(2, 44, 10));
  EXPECT_EQ(cut(grown, 45, 38), inputs);
  EXPECT_EQ(padded(Images(1, 3, 100)).nx, smallest_image);
}

TEST(Guidance, FollowsFromEdgesNormalsAndConfidenceWithSteeringBelowTheta) {
  const Situation situation = situation_on(section);
  GuideOptions options;
  options.gamma = 0.9;
  options.theta_min = 0.1;
  options.largest_jump = 400;
  const Made network = constant({0.6f, -2, 0.75f, 3, 4, 0.5f});  // a normal longer than 1
  const Guidance guidance = guidance_of(ask(network, network_inputs(situation)), situation, options);
  const std::size_t rock = 20 * 38 + 20, water = 20 * 38 + 2;
  const double theta = 0.1 + 0.9 * 0.25;
  EXPECT_NEAR(to_host(guidance.theta)[rock], theta, 1e-6);
  EXPECT_NEAR(to_host(guidance.p.x)[rock], -0.9 * 0.5 * theta * 0.6, 1e-6);
  EXPECT_NEAR(to_host(guidance.p.z)[rock], -0.9 * 0.5 * theta * 0.8, 1e-6);
  EXPECT_NEAR(to_host(guidance.reference)[rock], 2200 + 400, 1e-3) << "the jump is bounded";
  EXPECT_NEAR(to_host(guidance.reference)[water], 1500, 1e-3) << "frozen cells do not jump";
}

TEST(NetworkGuide, TapersItsSteering) {
  const Situation situation = situation_on(section);
  const NetworkGuide guide(std::make_unique<Made>(constant({0, 0, 1, 0.6f, 0.8f, 1})), {});
  const Guidance guidance = guide.advise(situation);
  EXPECT_TRUE(guidance.abstained.empty());
  EXPECT_EQ(to_host(guidance.p.x)[0], 0);
  EXPECT_EQ(to_host(guidance.p.z)[20 * 38 + 4], 0) << "in the water";
  EXPECT_LT(to_host(guidance.p.z)[20 * 38 + 20], 0);
}

TEST(NetworkGuide, AbstainsWhereItIsNowhereConfidentOfWhatMayChange) {
  const Situation situation = situation_on(section);
  GuideOptions options;
  options.least_confidence = 0.3;
  const auto abstains = [&](float in_water, float in_rock) {
    const auto answer = [=](const Images& inputs) {
      Images images = constant({0.2f, 0, 1, 0, 1, in_rock}).apply(inputs);
      for (int ix = 0; ix < images.nx; ++ix) images.at(output_confidence, ix, 2) = in_water;
      return images;
    };
    const Guidance guidance = NetworkGuide(std::make_unique<Made>(answer), options).advise(situation);
    EXPECT_EQ(guidance.abstained.empty(), guidance.weighted());
    return guidance.abstained.find("confidence") != std::string::npos;
  };
  EXPECT_TRUE(abstains(0, 0.29f));
  EXPECT_TRUE(abstains(1, 0.29f)) << "water does not change";
  EXPECT_FALSE(abstains(0, 0.31f));
}

TEST(NetworkGuide, AbstainsFromWhatIsStrangeUnlessItsModelComesOfAJumpThatDataLiked) {
  Situation situation = situation_on(section);
  const std::vector<double> features = features_of(network_inputs(situation));
  std::vector<std::vector<double>> trained_on(3, features);
  for (std::size_t one = 0; one < trained_on.size(); ++one)
    for (double& feature : trained_on[one]) feature += 10 + 0.1 * double(one);
  const NetworkGuide guide(std::make_unique<Made>(constant({0.2f, 0, 1, 0, 1, 1})), {},
                           familiarity_with(trained_on));
  const Guidance stranger = guide.advise(situation);
  EXPECT_NE(stranger.abstained.find("unlike those"), std::string::npos) << stranger.abstained;
  EXPECT_EQ(stranger.reference.size(), 0u);
  situation.proven = true;
  const Guidance proven = guide.advise(situation);
  EXPECT_TRUE(proven.abstained.empty()) << proven.abstained;
  EXPECT_GT(proven.reference.size(), 0u);
}

TEST(NetworkGuide, AbstainsAndSaysWhyWhenTheAnswerIsNone) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Situation situation = situation_on(section);
  std::vector<Made> bad{constant({nan, 0, 0, 0, 0, 0}), constant({0, 0, 0, 0, INFINITY, 0}),
                        constant({0, 0, 1.5f, 0, 0, 0}),
                        Made([](const Images& inputs) { return Images(3, inputs.nx, inputs.nz); }),
                        Made([](const Images&) -> Images { throw RunError("out of order"); })};
  for (Made& network : bad) {
    const NetworkGuide guide(std::make_unique<Made>(std::move(network)), {});
    const Guidance guidance = guide.advise(situation);
    EXPECT_FALSE(guidance.abstained.empty());
    EXPECT_FALSE(guidance.weighted());
    EXPECT_FALSE(guidance.steered());
    EXPECT_EQ(guidance.reference.size(), 0u);
  }
}

std::string reason_against(const Made& network) {
  try {
    require_contract(network, "x.pt");
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

TEST(Contract, IsKeptByAFunctionOfTheRightShapeAndRange) {
  EXPECT_EQ(reason_against(constant({0.1f, -1, 0.5f, 0, 1, 0.5f})), "");
}

TEST(Contract, IsBrokenByWrongShapesRangesAndMoods) {
  int asked = 0;
  const std::vector<std::pair<Made, std::string>> bad{
      {Made([](const Images& inputs) { return Images(2, inputs.nx, inputs.nz); }), "2 channels"},
      {Made([](const Images& inputs) { return Images(output_channels, inputs.nx / 2, inputs.nz); }),
       "16 x 48"},
      {constant({0, 0, 2, 0, 0, 0}), "probability"},
      {constant({NAN, 0, 0, 0, 0, 0}), "not finite"},
      {Made([&](const Images& inputs) {
         Images answer(output_channels, inputs.nx, inputs.nz);
         answer.values[0] = float(++asked);
         return answer;
       }),
       "differently"},
      {Made([](const Images&) -> Images { throw RunError("wrong number of channels"); }), "wrong number"}};
  for (const auto& [network, word] : bad) {
    const std::string reason = reason_against(network);
    EXPECT_NE(reason.find(word), std::string::npos) << word << " in: " << reason;
    EXPECT_NE(reason.find("remedy"), std::string::npos) << reason;
    EXPECT_EQ(reason.rfind("x.pt", 0), 0u) << reason;
  }
}

TEST(LearnedGuides, AreKnownByNameInEveryBuild) {
  EXPECT_TRUE(is_learned("torchscript"));
  EXPECT_TRUE(is_learned("network"));
  EXPECT_FALSE(is_learned("hinge"));
  if (has_learner()) return;
  try {
    learned_guides().make("torchscript", {{}, "x.pt", {}});
    FAIL() << "there is no LibTorch to make it with";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("libtorch-dev"), std::string::npos);
  }
}

TEST(NetworkDenoiser, IsOfNoHelpWhereTheNetworkNoLongerAnswersWithNumbers) {
  const auto nothing = std::make_shared<Made>(constant({NAN, 0, 0.5, 0, 1, 0.5}));
  const Situation situation = situation_on(section);
  std::vector<double> slopes(section.cells(), 3.);
  const NetworkDenoiser denoiser(nothing, situation);
  EXPECT_EQ(denoiser.value_and_gradient(to_host(situation.velocity.at("vp")), slopes),
            std::numeric_limits<double>::infinity());
  EXPECT_EQ(slopes, std::vector<double>(section.cells(), 3.));
}

/// Answers with a residual that is one channel of its question, a cell further along x and z.
class Looking final : public Network {
 public:
  explicit Looking(int channel) : channel_(channel) {}
  Images apply(const Images& inputs) const override {
    Images answer(output_channels, inputs.nx, inputs.nz);
    for (int ix = 0; ix < inputs.nx; ++ix)
      for (int iz = 0; iz < inputs.nz; ++iz)
        answer.at(output_residual, ix, iz) = inputs.at(channel_, next(ix, inputs.nx), next(iz, inputs.nz));
    return answer;
  }
  Images pull_back(const Images& inputs, const Images& change) const override {
    Images pull(inputs.channels, inputs.nx, inputs.nz);
    for (int ix = 0; ix < inputs.nx; ++ix)
      for (int iz = 0; iz < inputs.nz; ++iz)
        pull.at(channel_, next(ix, inputs.nx), next(iz, inputs.nz)) += change.at(output_residual, ix, iz);
    return pull;
  }

 private:
  static int next(int place, int size) { return std::min(place + 1, size - 1); }
  int channel_;
};

TEST(PullBack, IsTheTransposeOfAskWithItsPadding) {
  const Looking network(input_image);
  Images inputs(input_channels, 45, 38), change(output_channels, 45, 38);
  for (std::size_t i = 0; i < inputs.values.size(); ++i) inputs.values[i] = std::sin(0.7f * float(i));
  for (std::size_t i = 0; i < change.values.size(); ++i)
    change.values[i] = std::cos(0.3f * float(i * i % 97));
  const Images answer = ask(network, inputs), pull = pull_back(network, inputs, change);
  double there = 0, back = 0, size = 0;
  for (std::size_t i = 0; i < answer.values.size(); ++i) there += double(answer.values[i]) * change.values[i];
  for (std::size_t i = 0; i < pull.values.size(); ++i) {
    back += double(pull.values[i]) * inputs.values[i];
    size += std::abs(double(pull.values[i]) * inputs.values[i]);
  }
  EXPECT_NEAR(there, back, 1e-6 * size);
}

TEST(NetworkDenoiser, PullsEachChannelThatShowsTheVelocityBackToIt) {
  const Situation situation = situation_on(section);
  const std::vector<double> velocity = to_host(situation.velocity.at("vp"));
  for (const int channel : {input_velocity, input_update, input_lower_edge, input_upper_edge}) {
    const NetworkDenoiser denoiser(std::make_shared<AnySize>(std::make_unique<Looking>(channel)), situation);
    std::vector<double> slopes(velocity.size(), 0.), ignored(velocity.size(), 0.);
    denoiser.value_and_gradient(velocity, slopes);
    double slope = 0;
    for (const double value : slopes) slope += value;
    const auto value_at = [&](double step) {
      std::vector<double> raised = velocity;
      for (double& v : raised) v += step;
      return denoiser.value_and_gradient(raised, ignored);
    };
    EXPECT_NEAR((value_at(2) - value_at(-2)) / 4, slope, 1e-3 * std::abs(slope)) << input_names[channel];
    EXPECT_NE(slope, 0);
  }
}

}  // namespace
}  // namespace fathom
