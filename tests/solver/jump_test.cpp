// SPDX-License-Identifier: BSD-3-Clause
#include "solver/jump.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/regularizers/models.hpp"

namespace fathom {
namespace {

constexpr int nx = 3, nz = 33;
const Grid grid{{nx, 1, nz}, {10., 10., 10.}, {}};
const VelocityBounds bounds{1500, 4000};

/// A section at 2000 m/s whose column ix has ix cells of water that are frozen.
struct Section {
  Model before = testing::sampled(grid, [](double, double, double) { return 2000.; });
  std::vector<double> step = std::vector<double>(grid.cells(), 500.);
  std::vector<bool> frozen = std::vector<bool>(grid.cells(), false);

  Section() {
    for (int ix = 0; ix < nx; ++ix)
      for (int iz = 0; iz < ix; ++iz) frozen[std::size_t(ix * nz + iz)] = true;
  }
  /// Velocity after the jump less 2000 m/s.
  std::vector<double> jumped(const JumpChoice& choice, double trust = 1e4) const {
    std::vector<double> change = to_host(Jump({before, step, frozen, bounds, trust}).model(choice).at("vp"));
    for (double& value : change) value -= 2000;
    return change;
  }
};

TEST(Jump, GoesAShareOfTheWayEverywhereButInFrozenCells) {
  const Section section;
  for (const double alpha : {0.5, 1.}) {
    const std::vector<double> change = section.jumped({alpha, 0, 1});
    for (std::size_t cell = 0; cell < change.size(); ++cell)
      EXPECT_NEAR(change[cell], section.frozen[cell] ? 0 : alpha * 500, 1e-2);
  }
}

TEST(Jump, IsCutOffSmoothlyBetweenDepthsBelowTheFirstCellThatMayChange) {
  const Section section;
  const std::vector<double> change = section.jumped({1, 0.25, 0.75});
  for (int ix = 0; ix < nx; ++ix)
    for (int below = 0; below < nz - ix; ++below) {
      const double value = change[std::size_t(ix * nz + ix + below)];
      const bool outside = below < 7 || below > 25, inside = below > 9 && below < 23;
      if (outside || inside) {
        EXPECT_NEAR(value, inside ? 500 : 0, 1e-2) << below;
      } else if (below == 8 || below == 24) {
        EXPECT_NEAR(value, 250, 1e-2) << "on the edges";
      }
    }
  const std::vector<double> above = section.jumped({1, 0, 0.5}), below = section.jumped({1, 0.5, 1});
  for (std::size_t cell = 0; cell < above.size(); ++cell)
    EXPECT_NEAR(above[cell] + below[cell], section.frozen[cell] ? 0 : 500, 1e-2) << "a partition";
}

TEST(Jump, StaysWithinTheTrustAndTheBounds) {
  Section section;
  section.step[4] = -1e9;
  section.step[nz + 20] = 1e9;
  const std::vector<double> change = section.jumped({1, 0, 1}, 300);
  EXPECT_NEAR(change[4], -300, 1e-2);
  EXPECT_NEAR(change[nz + 20], 300, 1e-2);
  EXPECT_NEAR(change[5], 300, 1e-2);
  const std::vector<double> wild = section.jumped({1, 0, 1}, 1e10);
  EXPECT_NEAR(wild[4], bounds.min - 2000, 1e-2);
  EXPECT_NEAR(wild[nz + 20], bounds.max - 2000, 1e-2);
  EXPECT_EQ(Jump({section.before, section.step, section.frozen, bounds, 300}).largest(), 1e9);
  EXPECT_EQ(Jump({section.before, section.step, section.frozen, bounds, 300}).depth(), 320);
}

/// Two shots that like a choice the better the closer it is to one.
std::vector<double> liking(const JumpChoice& best, const JumpChoice& choice) {
  const double far =
      std::abs(choice.alpha - best.alpha) + std::abs(choice.from - best.from) + std::abs(choice.to - best.to);
  return {1 + far, 1.1 + far};
}

TEST(TheSearchForAJump, FindsTheDepthsAndTheAlphaThatTheShotsLikeBest) {
  for (const JumpChoice& best :
       {JumpChoice{0.5, 0, 0.625}, JumpChoice{1, 0.375, 0.875}, JumpChoice{0.5, 0.5, 1}}) {
    const std::vector<double> none = liking(best, {});  // as good as the whole step
    int asked = 0;
    const JumpSearch search = search_jump(
        [&](const JumpChoice& choice) {
          ++asked;
          return liking(best, choice);
        },
        none, 40);
    EXPECT_EQ(search.best, best) << search.best.alpha << " " << search.best.from << " " << search.best.to;
    EXPECT_EQ(search.tried, asked);
    EXPECT_LE(asked, 30);
    EXPECT_TRUE(search.scores.clearly_lower());
  }
}

TEST(TheSearchForAJump, TakesTheWholeStepWhereItIsNearlyAsGoodAsTheBest) {
  const JumpChoice best{1, 0, 0.5};
  const auto search = [&](double none) {
    return search_jump([&](const JumpChoice& choice) { return liking(best, choice); }, {none, none + 0.1},
                       40);
  };
  const JumpSearch near = search(6), far = search(4);  // the whole gains 4.5 of 5, and 2.5 of 3
  EXPECT_EQ(near.best, JumpChoice{});
  EXPECT_EQ(near.scores.with, paired_scores(liking(best, {}), {6, 6.1}).with);
  EXPECT_EQ(far.best, best);
  EXPECT_EQ(far.tried, near.tried);
}

TEST(TheSearchForAJump, KeepsToItsBudget) {
  for (const int most : {0, 2, 5, 9}) {
    int asked = 0;
    const JumpSearch search = search_jump(
        [&](const JumpChoice& choice) {
          ++asked;
          return liking({0.5, 0.375, 0.625}, choice);
        },
        liking({0.5, 0.375, 0.625}, {}), most);
    EXPECT_EQ(asked, std::max(2, most));
    EXPECT_EQ(search.tried, asked);
  }
}

TEST(TheSearchForAJump, EndsSoonWhereJumpsDoHarm) {
  int asked = 0;
  const JumpSearch search = search_jump(
      [&](const JumpChoice&) {
        ++asked;
        return std::vector<double>{2, 3};
      },
      {1, 2}, 40);
  EXPECT_EQ(asked, 2);
  EXPECT_FALSE(search.scores.clearly_lower());
}

TEST(TheSearchForAJump, NeverTakesScoresThatAreNotFinite) {
  const JumpSearch search = search_jump(
      [&](const JumpChoice& choice) {
        return std::vector<double>(
            2, choice.alpha == 1 ? std::nan("") : std::numeric_limits<double>::infinity());
      },
      {1, 2}, 40);
  EXPECT_FALSE(search.scores.clearly_lower());
}

TEST(TheTrust, GrowsAfterAFullStepAndShrinksAfterARejection) {
  EXPECT_EQ(trust_after(1000, true, 1), 1500);
  EXPECT_EQ(trust_after(1000, true, 0.5), 1000);
  EXPECT_EQ(trust_after(1000, false, 1), 500);
  EXPECT_EQ(trust_after(1000, false, 0.5), 500);
}

}  // namespace
}  // namespace fathom
