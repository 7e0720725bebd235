// SPDX-License-Identifier: BSD-3-Clause
#include "solver/objective.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <tuple>

#include "solver/parameterization.hpp"
#include "solver/shot_batches.hpp"
#include "tests/objective/several_shots.hpp"
#include "tests/physics/taylor.hpp"

namespace fathom::testing {
namespace {

/// One of several ranks that run one after the other in one process. The first time, each notes what it puts
/// into every sum; the second time it gets the totals that MPI would give it.
class RankInTurn final : public Communicator {
 public:
  using Sums = std::vector<std::vector<double>>;  // one entry a call

  RankInTurn(int rank, int size) : rank_(rank), size_(size) {}
  RankInTurn(int rank, int size, Sums totals) : rank_(rank), size_(size), totals_(std::move(totals)) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void sum(double* values, std::size_t count) override {
    const std::size_t call = shares.size();
    shares.emplace_back(values, values + count);
    if (totals_.empty()) return;
    ASSERT_EQ(totals_.at(call).size(), count);
    std::copy(totals_[call].begin(), totals_[call].end(), values);
  }

  Sums shares;

 private:
  int rank_, size_;
  Sums totals_;
};

/// All that an objective answers.
struct Answers {
  double value = 0, misfit = 0;
  std::vector<double> gradient, illumination;
  std::int64_t solves = 0;
  int shots = 0;
};

Answers ask(SeveralShots& shots, Communicator& communicator) {
  Answers answers;
  Gathers own;  // a rank holds the data of its shots only
  for (const int shot : shots_of_rank(communicator, int(shots.survey.shots.size())))
    own.emplace(shot, shots.observed.at(shot));
  DataObjective objective({communicator, shots.propagator, shots.survey, own, *shots.misfit, shots.window});
  objective.on_shot = [&](int, int) { ++answers.shots; };
  answers.value = objective.value_and_gradient(shots.model(), answers.gradient, &answers.illumination);
  answers.misfit = objective.misfit_of(objective.predict(shots.model()));
  answers.solves = objective.solves();
  return answers;
}

TEST(ShotsOfRank, AreEveryShotOnce) {
  for (int ranks = 1; ranks <= 7; ++ranks)
    for (int shots = 0; shots <= 9; ++shots) {
      std::vector<int> times(shots, 0);
      std::size_t fewest = 10, most = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const std::vector<int> mine = shots_of_rank(RankInTurn(rank, ranks), shots);
        for (const int shot : mine) ++times.at(shot);
        fewest = std::min(fewest, mine.size());
        most = std::max(most, mine.size());
      }
      EXPECT_EQ(times, std::vector<int>(shots, 1)) << ranks << " ranks";
      EXPECT_LE(most, fewest + 1) << ranks << " ranks, " << shots << " shots";
    }
}

TEST(DataObjective, IsTheSameOnAnyNumberOfRanks) {
  constexpr int count = 5;
  SeveralShots shots(count);
  const Answers alone = ask(shots, shots.alone);
  EXPECT_EQ(alone.shots, count);
  EXPECT_EQ(alone.solves, 3 * count);
  for (const int ranks : {2, 3, 5}) {
    RankInTurn::Sums totals;
    for (int rank = 0; rank < ranks; ++rank) {
      RankInTurn communicator(rank, ranks);
      ask(shots, communicator);
      totals.resize(communicator.shares.size());
      for (std::size_t call = 0; call < totals.size(); ++call) {
        totals[call].resize(communicator.shares[call].size(), 0.);
        for (std::size_t i = 0; i < totals[call].size(); ++i) totals[call][i] += communicator.shares[call][i];
      }
    }
    int done = 0;
    for (int rank = 0; rank < ranks; ++rank) {
      RankInTurn communicator(rank, ranks, totals);
      const Answers together = ask(shots, communicator);
      EXPECT_NEAR(together.value, alone.value, 1e-12 * alone.value);
      EXPECT_NEAR(together.misfit, alone.misfit, 1e-12 * alone.misfit);
      EXPECT_LT(relative_l2(together.gradient, alone.gradient), 1e-12);
      EXPECT_LT(relative_l2(together.illumination, alone.illumination), 1e-12);
      EXPECT_EQ(together.solves, alone.solves) << "those of all ranks count";
      done += together.shots;
    }
    EXPECT_EQ(done, count);
  }
}

struct Estimate {
  double value = 0;
  std::vector<double> gradient;
  std::int64_t solves = 0;
  int shots = 0;
};

Estimate estimate(SeveralShots& shots, Communicator& communicator, const std::vector<ShotGroup>& batch,
                  double weight) {
  Estimate result;
  Gathers own;
  for (const int shot : shots_of_rank(communicator, int(shots.survey.shots.size())))
    own.emplace(shot, shots.observed.at(shot));
  DataObjective objective({communicator, shots.propagator, shots.survey, own, *shots.misfit, shots.window});
  objective.on_shot = [&](int, int) { ++result.shots; };
  result.value = objective.estimate(shots.model(), batch, weight, result.gradient);
  result.solves = objective.solves();
  return result;
}

/// What the sums over the ranks come to.
RankInTurn::Sums totals_of(SeveralShots& shots, const std::vector<ShotGroup>& batch, double weight,
                           int ranks) {
  RankInTurn::Sums totals;
  // A sum that depends on a sum before it is right when that one was: energy, borrowed gathers, gradient.
  for (int pass = 0; pass < 2; ++pass) {
    RankInTurn::Sums sums;
    for (int rank = 0; rank < ranks; ++rank) {
      RankInTurn communicator(rank, ranks, totals);
      estimate(shots, communicator, batch, weight);
      sums.resize(communicator.shares.size());
      for (std::size_t call = 0; call < sums.size(); ++call) {
        sums[call].resize(communicator.shares[call].size(), 0.);
        for (std::size_t i = 0; i < sums[call].size(); ++i) sums[call][i] += communicator.shares[call][i];
      }
    }
    totals = sums;
  }
  return totals;
}

TEST(DataObjective, EstimatesTheSameFromABatchOnAnyNumberOfRanks) {
  SeveralShots shots(5);
  const std::vector<ShotGroup> batch{{{1, 1.}}, {{2, 1.}}, {{4, 1.}}};
  const Estimate alone = estimate(shots, shots.alone, batch, 2);
  EXPECT_EQ(alone.solves, 6);
  for (const int ranks : {2, 3, 5}) {
    const RankInTurn::Sums totals = totals_of(shots, batch, 2, ranks);
    EXPECT_EQ(totals.size(), 3) << "shots 2 and 4 are worked on where they are not at home";
    for (int rank = 0; rank < ranks; ++rank) {
      RankInTurn communicator(rank, ranks, totals);
      const Estimate together = estimate(shots, communicator, batch, 2);
      EXPECT_NEAR(together.value, alone.value, 1e-12 * alone.value);
      EXPECT_LT(relative_l2(together.gradient, alone.gradient), 1e-12);
      EXPECT_EQ(together.solves, 6);
      EXPECT_EQ(together.shots, rank == 0 ? (ranks == 2 ? 2 : 1) : rank < 3 ? 1 : 0) << "dealt out evenly";
    }
  }
}

TEST(DataObjective, IsTheMeanOfTheEstimatesFromTheBatchesOfAnEpoch) {
  SeveralShots shots(5);
  DataObjective objective = shots.objective();
  std::vector<double> gradient, part;
  const double value = objective.value_and_gradient(shots.model(), gradient);
  const ShotBatches batches(5, 2, 3, 0);
  double mean = 0;
  std::vector<double> mean_gradient(gradient.size(), 0.);
  for (int turn = 0; turn < batches.per_epoch(); ++turn) {
    mean += objective.estimate(shots.model(), batches(turn), batches.weight(), part) / batches.per_epoch();
    for (std::size_t cell = 0; cell < part.size(); ++cell)
      mean_gradient[cell] += part[cell] / batches.per_epoch();
  }
  EXPECT_NEAR(mean, value, 1e-12 * value);
  EXPECT_LT(relative_l2(mean_gradient, gradient), 1e-12);
  EXPECT_EQ(objective.solves(), 2 * 5 * 2);
}

/// All the ways to give signs to shots that are set off in two groups, the first of each being positive.
std::vector<std::vector<ShotGroup>> every_encoding() {
  std::vector<std::vector<ShotGroup>> all;
  for (const double a : {1., -1.})
    for (const double b : {1., -1.})
      for (const double c : {1., -1.}) all.push_back({{{0, 1.}, {2, a}, {4, b}}, {{1, 1.}, {3, c}}});
  return all;
}

TEST(DataObjective, IsTheMeanOverAllSignsOfShotsSetOffTogether) {
  SeveralShots shots(5, false, "least_squares", true);
  DataObjective objective = shots.objective();
  std::vector<double> gradient, part;
  const double value = objective.value_and_gradient(shots.model(), gradient);
  const auto encodings = every_encoding();
  double mean = 0;
  std::vector<double> mean_gradient(gradient.size(), 0.);
  for (const std::vector<ShotGroup>& groups : encodings) {
    mean += objective.estimate(shots.model(), groups, 1, part) / double(encodings.size());
    for (std::size_t cell = 0; cell < part.size(); ++cell)
      mean_gradient[cell] += part[cell] / double(encodings.size());
  }
  const double tolerance = in_double ? 1e-12 : 1e-5;
  EXPECT_NEAR(mean, value, tolerance * value);
  EXPECT_LT(relative_l2(mean_gradient, gradient), tolerance);
  EXPECT_EQ(objective.solves(), 2 * 5 + 8 * 2 * 2) << "a group is a shot";
}

TEST(DataObjective, SetsOffTheSameShotsTogetherOnAnyNumberOfRanks) {
  SeveralShots shots(5, false, "least_squares", true);
  const std::vector<ShotGroup> groups = every_encoding()[5];
  const Estimate alone = estimate(shots, shots.alone, groups, 1);
  EXPECT_EQ(alone.solves, 4);
  for (const int ranks : {2, 3}) {
    const RankInTurn::Sums totals = totals_of(shots, groups, 1, ranks);
    for (int rank = 0; rank < ranks; ++rank) {
      RankInTurn communicator(rank, ranks, totals);
      const Estimate together = estimate(shots, communicator, groups, 1);
      EXPECT_NEAR(together.value, alone.value, 1e-12 * alone.value);
      EXPECT_LT(relative_l2(together.gradient, alone.gradient), in_double ? 1e-12 : 1e-6);
      EXPECT_EQ(together.shots, rank < 2 ? 1 : 0);
    }
  }
}

TEST(DataObjective, OfSomeShotsIsThatOfASurveyWithoutTheOthers) {
  SeveralShots shots(5), kept(5);
  const std::vector<int> some{0, 2, 3};
  const std::vector<ShotGroup> batch{{{1, 1.}}, {{2, 1.}}};
  DataObjective objective(
      {shots.alone, shots.propagator, shots.survey, shots.observed, *shots.misfit, shots.window, some});
  kept.survey.shots.clear();
  kept.observed.clear();
  for (const int shot : some) {
    kept.observed.emplace(int(kept.survey.shots.size()), shots.observed.at(shot));
    kept.survey.shots.push_back(shots.survey.shots[std::size_t(shot)]);
  }
  DataObjective smaller = kept.objective();
  std::vector<double> gradient, expected;
  EXPECT_EQ(objective.value_and_gradient(shots.model(), gradient),
            smaller.value_and_gradient(shots.model(), expected));
  EXPECT_EQ(gradient, expected);
  EXPECT_EQ(objective.estimate(shots.model(), batch, 1.5, gradient),
            smaller.estimate(shots.model(), batch, 1.5, expected));
  EXPECT_EQ(gradient, expected);
  EXPECT_EQ(objective.shots(), 3);
  EXPECT_EQ(objective.solves(), 2 * (3 + 2));
  EXPECT_EQ(objective.predict(shots.model()).size(), 3u);
}

TEST(DataObjective, IsTheSumOfTheValueOfEachShotOnAnyRanks) {
  SeveralShots shots(5);
  const std::vector<int> some{0, 1, 2, 4};
  const auto value_of_each = [&](Communicator& communicator) {
    DataObjective objective(
        {communicator, shots.propagator, shots.survey, shots.observed, *shots.misfit, shots.window, some});
    const std::vector<double> values = objective.value_of_each(shots.model());
    EXPECT_EQ(objective.solves(), 4);
    return values;
  };
  const std::vector<double> alone = value_of_each(shots.alone);
  ASSERT_EQ(alone.size(), 4u);
  DataObjective objective(
      {shots.alone, shots.propagator, shots.survey, shots.observed, *shots.misfit, shots.window, some});
  const double value = objective.misfit_of(objective.predict(shots.model()));
  EXPECT_NEAR(std::accumulate(alone.begin(), alone.end(), 0.), value, 1e-14 * value);
  for (const int ranks : {2, 3}) {
    RankInTurn::Sums totals;
    for (int rank = 0; rank < ranks; ++rank) {
      RankInTurn communicator(rank, ranks);
      value_of_each(communicator);
      if (totals.empty()) totals = RankInTurn::Sums(communicator.shares.size());
      for (std::size_t call = 0; call < totals.size(); ++call) {
        totals[call].resize(communicator.shares[call].size());
        for (std::size_t i = 0; i < totals[call].size(); ++i) totals[call][i] += communicator.shares[call][i];
      }
    }
    for (int rank = 0; rank < ranks; ++rank) {
      RankInTurn communicator(rank, ranks, totals);
      const std::vector<double> together = value_of_each(communicator);
      for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(together[i], alone[i], 1e-14 * alone[i]);
    }
  }
}

TEST(DataObjective, IsTheSumOverItsShots) {
  SeveralShots shots(3);
  std::vector<double> gradient;
  const double value = shots.objective().value_and_gradient(shots.model(), gradient);

  double sum = 0, energies = 0;
  std::vector<double> gradients(gradient.size(), 0.);
  for (int shot = 0; shot < 3; ++shot) {
    // Values are relative to the misfit of predicting nothing.
    Gather observed = shots.observed.at(shot), ignored;
    for (std::size_t i = 0; i < observed.data.size(); ++i)
      observed.data[i] *= shots.window[i % shots.window.size()];
    const double energy =
        shots.misfit->value_and_adjoint_source(Gather(observed.time, observed.receivers), observed, ignored);
    Survey alone = shots.survey;
    alone.shots = {shots.survey.shots[shot]};
    const Gathers its_data{{0, shots.observed.at(shot)}};
    DataObjective objective({shots.alone, shots.propagator, alone, its_data, *shots.misfit, shots.window});
    std::vector<double> its_gradient;
    sum += energy * objective.value_and_gradient(shots.model(), its_gradient);
    for (std::size_t cell = 0; cell < gradients.size(); ++cell)
      gradients[cell] += energy * its_gradient[cell];
    energies += energy;
  }
  for (double& slope : gradients) slope /= energies;
  EXPECT_NEAR(value, sum / energies, 1e-12 * value);
  EXPECT_LT(relative_l2(gradient, gradients), 1e-12);
}

TEST(DataObjective, IsOneForAPredictionOfNothingAndZeroForTheData) {
  SeveralShots shots(2);
  const DataObjective objective = shots.objective();
  EXPECT_EQ(objective.misfit_of(shots.observed), 0);
  Gathers nothing = shots.observed;
  for (auto& [shot, gather] : nothing) std::fill(gather.data.begin(), gather.data.end(), 0.);
  EXPECT_DOUBLE_EQ(objective.misfit_of(nothing), 1);
}

TEST(DataObjective, HasTheValueOfItsPrediction) {
  SeveralShots shots(2);
  DataObjective objective = shots.objective();
  std::vector<double> gradient;
  const double value = objective.value_and_gradient(shots.model(), gradient);
  EXPECT_NEAR(objective.misfit_of(objective.predict(shots.model())), value,
              (in_double ? 1e-12 : 1e-5) * value);
}

TEST(DataObjective, DoesNotSeeWhatTheWindowHides) {
  SeveralShots shots(2);
  std::fill(shots.window.end() - 20, shots.window.end(), 0.);
  std::vector<double> gradient, with_noise;
  const double value = shots.objective().value_and_gradient(shots.model(), gradient);
  for (auto& [shot, gather] : shots.observed)
    for (int receiver = 0; receiver < gather.receivers; ++receiver)
      for (int sample = gather.time.samples - 20; sample < gather.time.samples; ++sample)
        gather.trace(receiver)[sample] += 1e3;
  EXPECT_EQ(shots.objective().value_and_gradient(shots.model(), with_noise), value);
  EXPECT_EQ(with_noise, gradient);
}

TEST(DataObjective, RejectsDataThatIsZeroEverywhere) {
  SeveralShots shots(2);
  for (auto& [shot, gather] : shots.observed) std::fill(gather.data.begin(), gather.data.end(), 0.);
  EXPECT_THROW(shots.objective(), UserError);
}

using Choice = std::tuple<std::string, std::string, bool>;  // misfit, parameterization, free surface

class EveryObjective : public ::testing::TestWithParam<Choice> {};

INSTANTIATE_TEST_SUITE_P(Registries, EveryObjective,
                         ::testing::Combine(::testing::ValuesIn(misfits().names()),
                                            ::testing::ValuesIn(parameterizations().names()),
                                            ::testing::Bool()),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_" + std::get<1>(info.param) +
                                  (std::get<2>(info.param) ? "_free_surface" : "");
                         });

TEST_P(EveryObjective, HasGradientOfSecondOrderRemainder) {
  if (!in_double) return;  // the double build runs it
  const auto& [misfit, name, free_surface] = GetParam();
  SeveralShots shots(3, free_surface, misfit);
  const auto parameter = parameterizations().make(name);
  DataObjective objective = shots.objective();
  const std::vector<double> velocity = shots.velocity();

  std::vector<double> gradient;
  objective.value_and_gradient(shots.model(), gradient);
  Noise noise(5);
  double slope = 0;
  std::vector<double> direction(velocity.size());  // up to 1 % of the parameter, uphill everywhere
  for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
    const double pulled_back = gradient[cell] * parameter->velocity_slope(velocity[cell]);
    direction[cell] = std::copysign(0.01 * parameter->from_velocity(velocity[cell]) * noise(), pulled_back);
    slope += pulled_back * direction[cell];
  }
  const auto along = [&](double step) {
    std::vector<double> moved = velocity;
    for (std::size_t cell = 0; cell < moved.size(); ++cell)
      moved[cell] = parameter->to_velocity(parameter->from_velocity(velocity[cell]) + step * direction[cell]);
    return objective.misfit_of(objective.predict(shots.with_velocity(moved)));
  };
  EXPECT_TRUE(has_second_order_remainder(along, slope, 0.05));
}

}  // namespace
}  // namespace fathom::testing
