// SPDX-License-Identifier: BSD-3-Clause

// The exact form of the variation: its prox, cell by cell and by the primal-dual iteration, and its
// projection.

#include "regularizers/proximal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/regularizers/models.hpp"

namespace fathom::testing {
namespace {

constexpr double tight = in_double ? 1e-6 : 1e-4;
constexpr ProximalLimits to_the_end{tight, 20000};

Field filled(const Grid& grid, double value) {
  return sampled_field(grid, [value](double, double, double) { return value; });
}

Guidance steered_down(const Grid& grid, double p) {
  return {grid, {}, {filled(grid, 0), filled(grid, 0), filled(grid, p)}, {}, {}};
}

/// min_z h(z) + rho/2 |z - v|^2 = shrink(v - P/rho, Theta/rho), and no other z is lower.
TEST(ProxOfACell, ShrinksWhatIsLeftBesidesTheSteering) {
  const Grid grid{{4, 3, 5}, {10., 14., 8.}, {}};
  const Variation::Balls balls = Variation(rough_guidance(grid)).balls();
  const std::vector<double> theta = to_host(balls.theta), px = to_host(balls.p.x), py = to_host(balls.p.y),
                            pz = to_host(balls.p.z);
  Noise noise(1);
  int zeros = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const int ix = trial % 4, iy = trial % 3, iz = trial % 5;
    const std::size_t cell = std::size_t((ix * 3 + iy) * 5 + iz);
    const double rho = std::exp(noise());
    const CellVector v{Real(noise()), Real(noise()), Real(noise())};
    const CellVector z = (v * Real(rho) - balls.closest(v * Real(rho), 1, ix, iy, iz)) * Real(1 / rho);
    const double w[3] = {v.x - px[cell] / rho, v.y - py[cell] / rho, v.z - pz[cell] / rho};
    const double shrunk = std::max(0., 1 - theta[cell] / rho / std::hypot(w[0], w[1], w[2]));
    EXPECT_NEAR(z.x, shrunk * w[0], in_double ? 1e-14 : 1e-5);
    EXPECT_NEAR(z.y, shrunk * w[1], in_double ? 1e-14 : 1e-5);
    EXPECT_NEAR(z.z, shrunk * w[2], in_double ? 1e-14 : 1e-5);
    zeros += shrunk == 0;
    const auto value = [&](double x, double y, double zz) {
      return theta[cell] * std::hypot(x, y, zz) + px[cell] * x + py[cell] * y + pz[cell] * zz +
             rho / 2 * (std::pow(x - v.x, 2) + std::pow(y - v.y, 2) + std::pow(zz - v.z, 2));
    };
    const double least = value(z.x, z.y, z.z);
    for (int other = 0; other < 20; ++other) {
      const double size = std::pow(10., -3 * std::abs(noise()));
      EXPECT_GE(value(z.x + size * noise(), z.y + size * noise(), z.z + size * noise()), least - 1e-6);
    }
  }
  EXPECT_GT(zeros, 20);
  EXPECT_LT(zeros, 280);
}

/// A noisy block in a gradient, with fixed cells on top, weights over a decade and a half, and a box that
/// matters.
ProximalProblem noisy_block(const Grid& grid) {
  Noise noise(2);
  ProximalProblem problem;
  problem.grid = grid;
  problem.centre = sampled_field(grid, [&](double x, double, double z) {
    return 2 + 5e-4 * z + (x > 150 && z > 120 && z < 240 ? 0.5 : 0) + 0.1 * noise();
  });
  const double volume = grid.cell_volume();
  problem.weight = sampled_field(grid, [&](double x, double, double z) {
    return volume * std::exp(-z / 100) * (1 + 0.3 * std::sin(x / 60));
  });
  problem.lower = sampled_field(grid, [](double, double, double z) { return z < 30 ? 2. : 1.95; });
  problem.upper = sampled_field(grid, [](double, double, double z) { return z < 30 ? 2. : 2.2; });
  return problem;
}

const Grid flat{{41, 1, 36}, {10., 10., 10.}, {}};
const Grid deep{{15, 12, 14}, {20., 25., 22.}, {}};

struct ProximalVariant {
  bool three_d, guided;
};

class PrimalDual : public ::testing::TestWithParam<ProximalVariant> {
 protected:
  Grid grid_ = GetParam().three_d ? deep : flat;
  Variation variation_{GetParam().guided ? Variation(rough_guidance(grid_)) : Variation()};
  double lambda_ = GetParam().three_d ? 1. : 0.4;

  double objective(const ProximalProblem& problem, const Field& v) const {
    const std::vector<double> values = to_host(v), centre = to_host(problem.centre),
                              weight = to_host(problem.weight);
    double sum = lambda_ * variation_.value(v, grid_);
    for (std::size_t cell = 0; cell < values.size(); ++cell)
      sum += 0.5 * weight[cell] * std::pow(values[cell] - centre[cell], 2);
    return sum;
  }
};

INSTANTIATE_TEST_SUITE_P(Dimensions, PrimalDual,
                         ::testing::Values(ProximalVariant{false, false}, ProximalVariant{false, true},
                                           ProximalVariant{true, false}, ProximalVariant{true, true}),
                         [](const auto& info) {
                           return std::string(info.param.three_d ? "3d" : "2d") +
                                  (info.param.guided ? "_guided" : "");
                         });

TEST_P(PrimalDual, ClosesTheGapInsideTheBox) {
  const ProximalProblem problem = noisy_block(grid_);
  ProximalMemory memory;
  const ProximalResult result = minimise_variation(variation_, lambda_, problem, to_the_end, memory);
  EXPECT_LE(result.gap, tight);
  EXPECT_LT(result.iterations, to_the_end.iterations);
  EXPECT_NEAR(result.value, objective(problem, result.v), 1e-5 * result.value);
  EXPECT_LT(result.variation, 0.7 * variation_.value(problem.centre, grid_));
  const std::vector<double> v = to_host(result.v), lower = to_host(problem.lower),
                            upper = to_host(problem.upper);
  int at_bounds = 0, fixed = 0;
  for (std::size_t cell = 0; cell < v.size(); ++cell) {
    EXPECT_GE(v[cell], lower[cell]);
    EXPECT_LE(v[cell], upper[cell]);
    fixed += lower[cell] == upper[cell];
    at_bounds += lower[cell] < upper[cell] && (v[cell] == lower[cell] || v[cell] == upper[cell]);
  }
  EXPECT_GT(fixed, 0);
  EXPECT_GT(at_bounds, 0);
}

/// The gap bounds how much lower anything else can be.
TEST_P(PrimalDual, IsLowerThanAnyNeighbour) {
  const ProximalProblem problem = noisy_block(grid_);
  ProximalMemory memory;
  const ProximalResult result = minimise_variation(variation_, lambda_, problem, to_the_end, memory);
  const std::vector<double> v = to_host(result.v), lower = to_host(problem.lower),
                            upper = to_host(problem.upper);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Noise noise(seed);
    const double size = std::pow(10., -1. - seed % 4);
    std::vector<double> other = v;
    for (std::size_t cell = 0; cell < v.size(); ++cell)
      other[cell] = std::clamp(v[cell] + size * noise(), lower[cell], upper[cell]);
    const Field field = make_field("other", grid_);
    from_host(other, field);
    EXPECT_GE(objective(problem, field), result.value * (1 - 1.01 * tight));
  }
}

TEST_P(PrimalDual, StartsWhereTheLastOneEnded) {
  const ProximalProblem problem = noisy_block(grid_);
  ProximalMemory memory;
  const int cold = minimise_variation(variation_, lambda_, problem, to_the_end, memory).iterations;
  const ProximalResult warm = minimise_variation(variation_, lambda_, problem, to_the_end, memory);
  EXPECT_LE(warm.gap, tight);
  EXPECT_LE(warm.iterations, std::max(20, cold / 3)) << "of " << cold;
}

TEST_P(PrimalDual, OfAWeightOfZeroIsTheCentreInTheBox) {
  const ProximalProblem problem = noisy_block(grid_);
  ProximalMemory memory;
  minimise_variation(variation_, lambda_, problem, {}, memory);  // leaves something to be forgotten
  const ProximalResult result = minimise_variation(variation_, 0, problem, {}, memory);
  const std::vector<double> v = to_host(result.v), centre = to_host(problem.centre),
                            lower = to_host(problem.lower), upper = to_host(problem.upper);
  for (std::size_t cell = 0; cell < v.size(); ++cell)
    EXPECT_EQ(v[cell], std::clamp(centre[cell], lower[cell], upper[cell]));
}

TEST_P(PrimalDual, ProjectsOntoAVariationAndNoFurther) {
  const ProximalProblem problem = noisy_block(grid_);
  ProximalMemory memory;
  const ProximalResult free = minimise_variation(variation_, 0, problem, {}, memory);
  for (const double share : {0.8, 0.5}) {
    const double bound = share * free.variation;
    const ProximalResult projected =
        project_onto_variation(variation_, bound, problem, {1e-5, 20000}, memory);
    EXPECT_NEAR(projected.variation / bound, 1, 1.1e-3) << share;
    EXPECT_GT(memory.lambda, 0);
    // The closest point of the set: so it is that of the penalty with the multiplier found.
    ProximalMemory another;
    const ProximalResult penalised =
        minimise_variation(variation_, memory.lambda, problem, {1e-5, 20000}, another);
    EXPECT_LT(relative_l2(to_host(projected.v), to_host(penalised.v)), 1e-3);
  }
}

TEST_P(PrimalDual, LeavesAloneWhatLiesWithinTheBound) {
  const ProximalProblem problem = noisy_block(grid_);
  ProximalMemory memory;
  const ProximalResult free = minimise_variation(variation_, 0, problem, {}, memory);
  const ProximalResult projected =
      project_onto_variation(variation_, 1.01 * free.variation, problem, {}, memory);
  EXPECT_EQ(to_host(projected.v), to_host(free.v));
  EXPECT_EQ(projected.iterations, 0);
}

/// Two plateaus of n1 and n2 cells in one dimension, W = h: each moves towards the other by
/// lambda (Theta + p) / (n h) where the values rise with depth, by lambda (Theta - p) / (n h) where they
/// fall.
void expect_plateaus(double above, double below, double p, int refinement) {
  const int n1 = 8 * refinement, n2 = 12 * refinement;
  const double h = 20. / refinement, lambda = 8;
  const Grid grid{{1, 1, n1 + n2}, {20., 20., h}, {}};
  ProximalProblem problem;
  problem.grid = grid;
  problem.centre =
      sampled_field(grid, [&](double, double, double z) { return z < (n1 - 0.5) * h ? above : below; });
  problem.weight = filled(grid, h);
  problem.lower = filled(grid, -10);
  problem.upper = filled(grid, 10);
  ProximalMemory memory;
  const ProximalResult result = minimise_variation(Variation(steered_down(grid, p)), lambda, problem,
                                                   {in_double ? 1e-10 : 1e-6, 100000}, memory);
  const double rise = below > above ? 1 : -1, pull = lambda * (1 + rise * p) / h;
  const std::vector<double> v = to_host(result.v);
  EXPECT_NEAR(v[std::size_t(n1 / 2)], above + rise * pull / n1, 2e-3) << p << " " << refinement;
  EXPECT_NEAR(v[std::size_t(n1 + n2 / 2)], below - rise * pull / n2, 2e-3) << p << " " << refinement;
}

TEST(SteeredColumn, KeepsAnIncreaseThatIsCheapAndFlattensADecreaseThatIsDear) {
  for (const double p : {-0.8, 0., 0.8}) {
    expect_plateaus(2, 3, p, 1);
    expect_plateaus(3, 2, p, 1);
  }
}

/// The same lambda on half the spacing moves the plateaus by as much.
TEST(SteeredColumn, NeedsTheSameWeightOnAnyGrid) {
  for (const int refinement : {1, 2, 4}) expect_plateaus(2, 3, -0.5, refinement);
}

}  // namespace
}  // namespace fathom::testing
