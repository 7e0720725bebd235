// SPDX-License-Identifier: BSD-3-Clause

// What guides that mean well or ill can do to an inversion whose guards are on.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "ml/geology_random.hpp"
#include "ml/learned_guide.hpp"
#include "ml/learner.hpp"
#include "ml/mirror.hpp"
#include "ml/network_shape.hpp"
#include "physics/error.hpp"
#include "tests/guided/guarded_line.hpp"

namespace fathom {
namespace {

Guidance everywhere(const Grid& grid, double theta, const std::function<double(int, std::size_t)>& p,
                    const std::function<double(std::size_t)>& reference) {
  Guidance guidance{grid, make_field("theta", grid), make_vector_field("p", grid),
                    make_field("reference", grid), make_field("confidence", grid)};
  std::vector<double> values(grid.cells(), theta);
  from_host(values, guidance.theta);
  from_host(std::vector<double>(grid.cells(), 1.), guidance.confidence);
  for (int axis = 0; axis < 3; axis += 2) {
    for (std::size_t cell = 0; cell < values.size(); ++cell) values[cell] = p(axis, cell);
    from_host(values, guidance.p[axis]);
  }
  for (std::size_t cell = 0; cell < values.size(); ++cell) values[cell] = reference(cell);
  from_host(values, guidance.reference);
  return guidance;
}

std::vector<double> velocity_of(const Situation& situation) {
  return to_host(situation.velocity.at("vp"));
}

double nowhere(int, std::size_t) {
  return 0;
}

Answering::Answer random_values(std::uint64_t seed) {
  return [seed](const Situation& situation) {
    Random random(seed, "adversary");
    const std::vector<double> velocity = velocity_of(situation);
    std::vector<double> p[3], reference;
    for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
      for (const int axis : {0, 2}) p[axis].push_back(random.uniform(-0.6, 0.6));
      reference.push_back(velocity[cell] + random.uniform(-800, 800));
    }
    return everywhere(
        situation.velocity.grid, 1, [&](int axis, std::size_t cell) { return p[axis][cell]; },
        [&](std::size_t cell) { return reference[cell]; });
  };
}

Guidance constant(const Situation& situation, double value) {
  return everywhere(
      situation.velocity.grid, value, [&](int, std::size_t) { return value; },
      [&](std::size_t) { return value; });
}

Guidance zeros(const Situation& situation) {
  return constant(situation, 0);
}

Guidance no_numbers(const Situation& situation) {
  return constant(situation, std::nan(""));
}

Guidance wild_reference(const Situation& situation) {
  const std::vector<double> velocity = velocity_of(situation);
  return everywhere(situation.velocity.grid, 1, nowhere,
                    [&](std::size_t cell) { return cell % 2 ? 1e5 : velocity[cell]; });
}

/// Twice as wrong as the model is.
Guidance away_from_the_truth(const Situation& situation) {
  const std::vector<double> velocity = velocity_of(situation), truth = to_host(truth_of(situation).at("vp"));
  return everywhere(situation.velocity.grid, 1, nowhere,
                    [&](std::size_t cell) { return 2 * velocity[cell] - truth[cell]; });
}

/// A network whose heads are as loud as its other layers, untrained.
Answering::Answer random_network(std::uint64_t seed) {
  const NetworkShape shape;
  std::vector<float> weights = initial_weights(shape, seed);
  std::size_t begin = 0;
  for (const NetworkLayer& layer : layers_of(shape)) {
    for (std::size_t i = 0; i < layer.parameters(); ++i) weights[begin + i] *= float(1 / layer.gain);
    begin += layer.parameters();
  }
  const auto guide = std::make_shared<NetworkGuide>(
      std::make_unique<MirrorMean>(learner().make_network(shape, weights)), GuideOptions{});
  return [guide](const Situation& situation) { return guide->advise(situation); };
}

/// How far to the truth.
Answering::Answer towards_the_truth(double share) {
  return [share](const Situation& situation) {
    const std::vector<double> velocity = velocity_of(situation),
                              truth = to_host(truth_of(situation).at("vp"));
    return everywhere(situation.velocity.grid, 1, nowhere, [&](std::size_t cell) {
      return velocity[cell] + share * (truth[cell] - velocity[cell]);
    });
  };
}

struct Adversary {
  std::string name;
  Answering::Answer answer;
};

/// Held to what the same case is without its guide: physics alone, or with the regularizer that it asks for.
TEST(AdversarialGuides, DoNoHarmAndCostLittle) {
  const Changes longer{{"max_frequency: 3, iterations: 6", "max_frequency: 3, iterations: 12"},
                       {"max_frequency: 4, iterations: 6", "max_frequency: 4, iterations: 12"},
                       {"max_frequency: 5, iterations: 6", "max_frequency: 5, iterations: 12"}};
  Changes with_regularizer = longer;
  with_regularizer.emplace_back("inversion:\n",
                                "inversion:\n  regularizer: {kind: total_variation, weight: 0.01}\n");
  const Outcome plain = unguided(longer), regularized = unguided(with_regularizer);
  std::vector<Adversary> adversaries{{"edges the wrong way", edges_the_wrong_way},
                                     {"zeros", zeros},
                                     {"no numbers", no_numbers},
                                     {"a wild reference", wild_reference},
                                     {"away from the truth", away_from_the_truth}};
  for (const std::uint64_t seed : {1, 2, 3}) {
    adversaries.push_back({fmt::format("random values {}", seed), random_values(seed)});
    adversaries.push_back({fmt::format("a random network {}", seed), random_network(seed)});
  }
  for (const Adversary& adversary : adversaries) {
    const Outcome outcome = guided(adversary.answer, longer);
    const GuideRecord& record = outcome.result.guide;
    SCOPED_TRACE(adversary.name + "\n" + outcome.said);
    EXPECT_LE(outcome.misfit(), 1.01 * plain.misfit());
    EXPECT_EQ(record.jumps.accepted, 0);
    EXPECT_LE(outcome.error(), 1.05 * (record.steering.accepted > 0 ? regularized.error() : plain.error()));
    if (record.steering.accepted == 0) {
      EXPECT_LE(double(outcome.result.pde_solves), 1.05 * double(plain.result.pde_solves));
    }
    EXPECT_EQ(record.proposals(), std::int64_t(outcome.proposals.size()));
  }
}

/// Two iterations cannot tell them from edges that are right.
TEST(AdversarialGuides, DoNotSteer) {
  const Changes noisy{{"noise_snr: 30", "noise_snr: 10"}};
  const Outcome right = guided(edges_the_right_way, noisy), wrong = guided(edges_the_wrong_way, noisy);
  EXPECT_GT(right.result.guide.steering.accepted, 0) << "the plain regularizer is tried";
  EXPECT_EQ(to_host(right.result.model.at("vp")), to_host(wrong.result.model.at("vp")));
}

TEST(AGuideThatCannotBeUsed, AbstainsAndIsNotTried) {
  const Outcome outcome = guided(no_numbers);
  EXPECT_EQ(outcome.result.guide.abstained, 3) << "at each stage's start";
  EXPECT_EQ(outcome.result.guide.solves, 0);
  EXPECT_TRUE(outcome.proposals.empty());
  EXPECT_NE(outcome.said.find("warning: the guide says nothing: "), std::string::npos);
  // Eight shots are inverted in the stages before, ten in the last.
  std::int64_t last = 0;
  for (const IterationReport& report : outcome.reports) {
    if (report.iteration > 0) {
      EXPECT_EQ(report.pde_solves - last, 2 * (report.stage < 2 ? 8 : 10) * report.evaluations)
          << "stage " << report.stage << ", iteration " << report.iteration;
    }
    last = report.pde_solves;
  }
  EXPECT_EQ(outcome.reports.back().regularization, 0) << "physics alone";
  EXPECT_FALSE(outcome.result.regularizer_value.has_value());
  const Outcome plain = guided(no_numbers, {}, ", guards: {unguided: plain}");
  EXPECT_GT(plain.reports.back().regularization, 0);
  EXPECT_TRUE(plain.result.regularizer_value.has_value());
}

TEST(AJumpToTheTruth, IsTakenFromAStartThatIsFarFromItAndLeavesFrozenCellsAsTheyAre) {
  const Changes quiet{from_afar[0], {"noise_snr: 30", "noise_snr: 50"}};
  const Outcome alone = unguided(quiet);
  const Outcome jumped = guided(
      [](const Situation& situation) {
        Guidance guidance = towards_the_truth(1)(situation);
        std::vector<double> reference = to_host(guidance.reference);
        for (std::size_t cell = 0; cell < reference.size(); ++cell)
          if (situation.frozen[cell]) reference[cell] += 500;
        from_host(reference, guidance.reference);
        Kokkos::deep_copy(guidance.p.z, Real(-0.3));  // steers, too
        return guidance;
      },
      quiet);
  ASSERT_FALSE(jumped.proposals.empty());
  const Proposal& first = jumped.proposals.front();
  EXPECT_TRUE(first.accepted) << jumped.said;
  EXPECT_EQ(first.choice, (JumpChoice{1, 0, 1}));
  EXPECT_LT(first.scores.with, 0.1 * first.scores.without);
  EXPECT_LE(jumped.error(), 0.7 * alone.error()) << jumped.said;
  EXPECT_LE(jumped.misfit(), alone.misfit());
  for (const Proposal& proposal : jumped.proposals)
    EXPECT_EQ(proposal.stage == 0, proposal.kind == Proposal::Kind::jump && &proposal == &first)
        << "a stage that begins with a jump is not steered";
  // Three scores at least of two shots, and two iterations of eight that were not gone on from.
  EXPECT_GE(first.solves, 3 * 2 + 2 * 2 * 8);
  for (const char* name : {"before", "reference", "confidence", "accepted"})
    EXPECT_TRUE(first.fields.properties.count(name)) << name;
  const Case the_case = case_of(quiet);
  const std::vector<bool> frozen = frozen_cells(the_case.start, the_case.options.inversion.freeze);
  const std::vector<double> start = to_host(the_case.start.at("vp")),
                            end = to_host(jumped.result.model.at("vp"));
  for (std::size_t cell = 0; cell < frozen.size(); ++cell) {
    if (frozen[cell]) {
      ASSERT_EQ(end[cell], start[cell]);
    }
  }
}

/// The truth above and a little off it below: held-out shots like its upper part a little better at once.
TEST(AJumpThatIsRightAboveAndRoughlySoBelow, IsTakenAsAWhole) {
  const Changes quiet{from_afar[0], {"noise_snr: 30", "noise_snr: 50"}};
  const Outcome outcome = guided(
      [](const Situation& situation) {
        Guidance guidance = towards_the_truth(1)(situation);
        std::vector<double> reference = to_host(guidance.reference);
        const std::size_t nz = std::size_t(situation.velocity.grid.size[2]);
        for (std::size_t cell = 0; cell < reference.size(); ++cell)
          if (cell % nz > nz / 2) reference[cell] += 200;
        from_host(reference, guidance.reference);
        return guidance;
      },
      quiet, ", guards: {scan: 0.3, steering: false, probation: 4}");
  ASSERT_FALSE(outcome.proposals.empty());
  const Proposal& first = outcome.proposals.front();
  EXPECT_TRUE(first.accepted) << outcome.said;
  EXPECT_EQ(first.choice, JumpChoice{}) << outcome.said;
  EXPECT_GT(first.tried, 2) << outcome.said;
  // The stage goes on from the whole, one report an iteration, the first of the model after the jump.
  ASSERT_EQ(outcome.reports.size(), 3u * 7);
  for (std::size_t row = 1; row < 7; ++row)
    EXPECT_LT(outcome.reports[row].misfit, outcome.reports[row - 1].misfit);
  EXPECT_EQ(to_host(outcome.models[0].at("vp")), to_host(first.model.at("vp")));
}

/// What the optimizer finds by itself in two iterations is ahead of it at first, and has nothing to add.
TEST(AJumpThatOnlyTakesTheFirstSteps, IsCaughtUpWithAndRejected) {
  const Changes quiet{from_afar[0], {"noise_snr: 30", "noise_snr: 60"}};
  const Outcome alone = unguided(quiet);
  const auto head_start = [&](const Situation& situation) {
    const std::vector<double> reference =
        to_host(resample(alone.models[2], situation.velocity.grid).at("vp"));
    return everywhere(situation.velocity.grid, 1, nowhere, [&](std::size_t cell) { return reference[cell]; });
  };
  const Outcome hasty = guided(head_start, quiet, ", guards: {probation: 2}");
  ASSERT_FALSE(hasty.proposals.empty());
  EXPECT_TRUE(hasty.proposals.front().accepted) << hasty.said;
  const Outcome patient = guided(head_start, quiet);
  ASSERT_FALSE(patient.proposals.empty());
  const Proposal& first = patient.proposals.front();
  EXPECT_FALSE(first.accepted) << patient.said;
  EXPECT_EQ(first.scores.with, hasty.proposals.front().scores.with);
  EXPECT_EQ(patient.result.guide.refuted, 1);
  EXPECT_EQ(patient.proposals.size(), 1u) << "a guide whose jump was refuted is not asked again";
  // The run without it goes on where it was: one report an iteration, each misfit below the one before.
  ASSERT_EQ(patient.reports.size(), 3u * 7);
  for (std::size_t row = 0; row < 7; ++row) {
    EXPECT_EQ(patient.reports[row].iteration, int(row));
    if (row > 0) {
      EXPECT_LT(patient.reports[row].misfit, patient.reports[row - 1].misfit);
    }
  }
  EXPECT_GT(first.solves, 2 * 2 * 8) << "it took more than two iterations to tell";
  // No regularizer is tried after it, either: trials have cost enough.
  const auto steers_too = [&](const Situation& situation) {
    Guidance guidance = head_start(situation);
    Kokkos::deep_copy(guidance.p.z, Real(-0.3));
    return guidance;
  };
  EXPECT_EQ(guided(steers_too, quiet).proposals.size(), 1u);
  // And to the same end as with a guide that says nothing.
  const Outcome without = guided(no_numbers, quiet);
  EXPECT_EQ(to_host(patient.result.model.at("vp")), to_host(without.result.model.at("vp")));
}

/// Below what it has to stay below, but above half: it goes on only where it keeps its lead.
TEST(AJump, ThatHasLostGroundAboveHalfOfTheMisfitWithoutItIsGivenUp) {
  const Outcome outcome = guided(towards_the_truth(1), {from_afar[0], {"noise_snr: 30", "noise_snr: 34"}});
  ASSERT_FALSE(outcome.proposals.empty());
  const std::vector<double>& course = outcome.proposals.front().course;
  ASSERT_EQ(course.size(), 2u) << outcome.said;
  EXPECT_LT(course[0], 0.5);
  EXPECT_GT(course[1], 0.5);
  EXPECT_LT(course[1], 0.6);
  EXPECT_FALSE(outcome.proposals.front().accepted);
}

const Changes far_and_stochastic{
    from_afar[0],
    {"  divergence: false\n",
     "  divergence: false\n  optimizer: {method: adam, adam: {batch: 4, step: 30}}\n"}};

/// It need not be far ahead, if it stays so: each stage after has the more from it.
TEST(AJump, ThatKeepsALeadThatIsSmallIsTaken) {
  const Outcome alone = unguided(far_and_stochastic);
  const Outcome outcome = guided(towards_the_truth(0.2), far_and_stochastic, ", guards: {steering: false}");
  ASSERT_FALSE(outcome.proposals.empty());
  const Proposal& first = outcome.proposals.front();
  EXPECT_TRUE(first.accepted) << outcome.said;
  for (const double ratio : first.course) {
    EXPECT_GT(ratio, 0.6) << outcome.said;
    EXPECT_LT(ratio, 0.9) << outcome.said;
  }
  EXPECT_LT(outcome.error(), alone.error()) << outcome.said;
}

/// A guide whose say in the first stage is worth a jump, and whose say in the second is another's.
Answering::Answer most_of_the_way_then(const Answering::Answer& later) {
  return [later](const Situation& situation) {
    if (situation.max_frequency < 3.5) return towards_the_truth(0.6)(situation);
    return situation.max_frequency < 4.5 ? later(situation) : zeros(situation);
  };
}

/// Nearer to the truth than the model is, and too fast: waves that arrive early hide at once what is right.
Guidance the_truth_too_fast(const Situation& situation) {
  Guidance guidance = towards_the_truth(1)(situation);
  std::vector<double> reference = to_host(guidance.reference);
  for (std::size_t cell = 0; cell < reference.size(); ++cell)
    if (!situation.frozen[cell]) reference[cell] *= 1.03;
  from_host(reference, guidance.reference);
  return guidance;
}

TEST(AJumpOfAGuideThatProvedRight, IsFlownAsAWholeWhateverHeldOutShotsSayAtOnce) {
  const std::string jumps_alone = ", guards: {steering: false}";
  std::vector<bool> proven;
  const auto answer = most_of_the_way_then(the_truth_too_fast);
  const Outcome outcome = guided(
      [&](const Situation& situation) {
        proven.push_back(situation.proven);
        return answer(situation);
      },
      far_and_stochastic, jumps_alone);
  EXPECT_EQ(proven, (std::vector<bool>{false, true, true})) << "the guide is told";
  ASSERT_EQ(outcome.proposals.size(), 2u) << outcome.said;
  const Proposal &first = outcome.proposals[0], &second = outcome.proposals[1];
  EXPECT_TRUE(first.accepted && !first.proven) << outcome.said;
  EXPECT_FALSE(second.scores.clearly_lower()) << outcome.said;
  EXPECT_TRUE(second.accepted && second.proven) << outcome.said;
  EXPECT_EQ(second.choice, JumpChoice{});
  EXPECT_EQ(second.tried, 1);
  EXPECT_EQ(second.course.size(), 1u) << "a pilot is enough";
  EXPECT_LE(second.pilot.with, second.pilot.without);
  const Outcome once = guided(most_of_the_way_then(zeros), far_and_stochastic, jumps_alone);
  EXPECT_LT(outcome.error(), once.error()) << outcome.said;
}

TEST(AJumpOfAGuideThatProvedRight, IsRejectedWhereItThenGoesWrong) {
  const Outcome once = guided(most_of_the_way_then(zeros), far_and_stochastic);
  for (const Adversary& adversary : {Adversary{"random values", random_values(1)},
                                     {"a wild reference", wild_reference},
                                     {"away from the truth", away_from_the_truth}}) {
    const Outcome outcome = guided(most_of_the_way_then(adversary.answer), far_and_stochastic);
    SCOPED_TRACE(adversary.name + "\n" + outcome.said);
    ASSERT_GE(outcome.proposals.size(), 2u);
    EXPECT_TRUE(outcome.proposals[0].accepted);
    EXPECT_TRUE(outcome.proposals[1].proven);
    EXPECT_FALSE(outcome.proposals[1].accepted);
    EXPECT_EQ(outcome.result.guide.refuted, 1);
    EXPECT_LE(outcome.misfit(), 1.01 * once.misfit());
    EXPECT_LE(outcome.error(), 1.05 * once.error());
  }
}

TEST(AJump, IsNotFlownWhereAPilotWithoutItIsFarAhead) {
  const Outcome outcome = guided(towards_the_truth(0.2), from_afar);
  ASSERT_FALSE(outcome.proposals.empty());
  const Proposal& first = outcome.proposals.front();
  EXPECT_TRUE(first.scores.clearly_lower()) << "it is tempting: " << outcome.said;
  EXPECT_FALSE(first.accepted);
  EXPECT_TRUE(std::isnan(first.pilot.with));
  EXPECT_TRUE(first.course.empty()) << "there was no flight";
}

TEST(AGuardedStochasticInversion, GoesOnFromThePilotThatWon) {
  const Outcome outcome =
      guided(towards_the_truth(0.5),
             {from_afar[0],
              {"  divergence: false\n",
               "  divergence: false\n  optimizer: {method: adam, adam: {batch: 4, step: 10}}\n"}});
  ASSERT_FALSE(outcome.proposals.empty());
  EXPECT_TRUE(outcome.proposals.front().accepted) << outcome.said;
  // All iterations are reported once.
  ASSERT_EQ(outcome.reports.size(), 3u * 7);
  for (std::size_t row = 0; row < outcome.reports.size(); ++row)
    EXPECT_EQ(outcome.reports[row].iteration, int(row % 7));
  EXPECT_LT(outcome.misfit(), outcome.result.data.initial_misfit);
}

/// Where the limit of PDE solves has no room for a trial, the stages pay for it alike.
TEST(AGuardedStochasticInversion, SharesWhatATrialTookOverItsStages) {
  Changes changes{from_afar[0],
                  {"  divergence: false\n",
                   "  divergence: false\n  optimizer: {method: adam, adam: {batch: 4, step: 10}}\n"}};
  for (const char* frequency : {"3", "4", "5"})
    changes.emplace_back(fmt::format("max_frequency: {}, iterations: 6", frequency),
                         fmt::format("max_frequency: {}, iterations: 24", frequency));
  const std::int64_t limit = unguided(changes).result.pde_solves;
  changes.emplace_back("  divergence: false\n",
                       fmt::format("  divergence: false\n  max_solves: {}\n", limit));
  const auto once = [](const Situation& situation) {
    return situation.max_frequency < 3.5 ? towards_the_truth(0.5)(situation) : zeros(situation);
  };
  const Outcome outcome = guided(once, changes, ", guards: {steering: false}");
  EXPECT_TRUE(outcome.proposals.at(0).accepted) << outcome.said;
  EXPECT_LE(outcome.result.pde_solves, limit);
  EXPECT_GE(outcome.result.pde_solves, limit - 20) << "an iteration, and what trials did not take";
  const std::vector<StageReport>& stages = outcome.result.stages;
  EXPECT_LT(stages[0].iterations, 24) << outcome.said;
  EXPECT_GT(stages[0].iterations, 12) << "those of its trial";
  for (const StageReport& stage : {stages[1], stages[2]})
    EXPECT_NEAR(stage.iterations, 13, 2) << outcome.said;
}

TEST(TooFewShots, AreRefused) {
  EXPECT_THROW(guided(zeros, {{"count: 10", "count: 3"}}), UserError);
}

}  // namespace
}  // namespace fathom
