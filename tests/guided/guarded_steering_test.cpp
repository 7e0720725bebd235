// SPDX-License-Identifier: BSD-3-Clause

// When an inversion whose guards are on takes a regularizer as its guide steers it, and when it fades.

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "regularizers/denoiser.hpp"
#include "tests/guided/guarded_line.hpp"

namespace fathom {
namespace {

TEST(Steering, IsTriedOnceMoreOnlyAfterItWasAcceptedAndFadesToPhysics) {
  const Outcome outcome = guided(edges_the_wrong_way, {}, ", guards: {unguided: physics}");
  const Fates& fates = outcome.result.guide.steering;
  EXPECT_LE(fates.rejected, 1);
  EXPECT_GE(fates.accepted + fates.rejected, 1);
  EXPECT_LE(fates.accepted + fates.rejected, 2) << "the last of three stages is physics alone";
  EXPECT_EQ(outcome.reports.back().regularization, 0);
}

TEST(Steering, LeavesThePlainRegularizerInTheLastStageWhereTrialsDoNotMind) {
  const Changes noisy{{"noise_snr: 30", "noise_snr: 10"}};
  const Outcome outcome = guided(edges_the_right_way, noisy);
  EXPECT_EQ(outcome.result.guide.steering.accepted, 3) << outcome.said;
  EXPECT_GT(outcome.reports.back().regularization, 0) << outcome.said;
  // Its weight does not fade with the guide.
  const Outcome plain = guided(edges_the_right_way, noisy, ", guards: {unguided: plain}");
  EXPECT_EQ(outcome.result.regularizer_weight, plain.result.regularizer_weight);
}

TEST(Steering, OfARegularizerThatIsTooStrongLeavesPhysicsAlone) {
  const Outcome outcome = guided(edges_the_right_way, {}, "", 10);
  EXPECT_EQ(outcome.result.guide.steering.rejected, 1) << outcome.said;
  EXPECT_EQ(outcome.reports.back().regularization, 0) << outcome.said;
}

/// What a denoiser would change of a model that has another velocity than the truth.
class TowardsTheTruth final : public Denoiser {
 public:
  explicit TowardsTheTruth(std::vector<double> truth) : truth_(std::move(truth)) {}
  double value_and_gradient(const std::vector<double>& velocity, std::vector<double>& slopes) const override {
    constexpr double unit = 1000;
    double value = 0;
    for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
      const double still = (truth_[cell] - velocity[cell]) / unit;
      value += 0.5 * still * still;
      slopes[cell] -= still / unit;
    }
    return value;
  }

 private:
  std::vector<double> truth_;
};

class Denoising final : public Guide {
 public:
  Guidance advise(const Situation& situation) const override {
    return {situation.velocity.grid, {}, {}, {}, {}};
  }
  std::shared_ptr<const Denoiser> denoiser(const Situation& situation) const override {
    return std::make_shared<TowardsTheTruth>(to_host(truth_of(situation).at("vp")));
  }
  bool wants_gradient() const override { return true; }
};

TEST(Steering, ByADenoiserFadesToPhysicsHoweverRightItIs) {
  Case the_case = case_of({{"inversion:\n", "inversion:\n  regularizer: {kind: denoiser, weight: 0.1}\n"}});
  the_case.learned = std::make_shared<Denoising>();
  const Outcome outcome = invert(std::move(the_case));
  ASSERT_EQ(outcome.proposals.size(), 2u) << outcome.said;
  for (const Proposal& proposal : outcome.proposals) EXPECT_TRUE(proposal.accepted) << outcome.said;
  EXPECT_EQ(outcome.proposals[0].strength, 1);
  EXPECT_EQ(outcome.proposals[1].strength, 0.5);
  EXPECT_EQ(outcome.reports.back().regularization, 0) << outcome.said;
}

/// A weight that grows threefold from stage to stage: what is right at first is too much in the end, and a
/// third of that costs no more than the half percent that a regularizer may once it was liked.
TEST(Steering, IsTriedWeakerOnceWhereItWasRightInAStageBefore) {
  const Outcome outcome = guided(edges_the_right_way, {{"noise_snr: 30", "noise_snr: 10"}}, ", decay: 3");
  ASSERT_EQ(outcome.proposals.size(), 4u) << outcome.said;
  for (int number : {0, 1, 2}) EXPECT_EQ(outcome.proposals[number].strength, 1) << outcome.said;
  const Proposal &strong = outcome.proposals[2], &weak = outcome.proposals[3];
  EXPECT_FALSE(strong.accepted) << outcome.said;
  EXPECT_EQ(weak.stage, strong.stage);
  EXPECT_EQ(weak.strength, 0.3);
  EXPECT_TRUE(weak.accepted) << outcome.said;
  EXPECT_GT(weak.pilot.with, weak.pilot.without);
  EXPECT_LE(weak.pilot.with, 1.005 * weak.pilot.without);
  EXPECT_EQ(weak.pilot.without, strong.pilot.without) << "one pilot without serves both";
}

}  // namespace
}  // namespace fathom
