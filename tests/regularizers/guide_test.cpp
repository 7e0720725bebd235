// SPDX-License-Identifier: BSD-3-Clause

// Guides that need no network, and the oracle.

#include "regularizers/guide.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "regularizers/oracle.hpp"
#include "regularizers/variation.hpp"
#include "tests/regularizers/models.hpp"

namespace fathom::testing {
namespace {

const Grid flat{{40, 1, 36}, {20., 20., 20.}, {}};
const Grid deep{{14, 12, 16}, {20., 20., 20.}, {}};

std::vector<bool> frozen_rows(const Grid& grid, int rows) {
  std::vector<bool> frozen(grid.cells());
  for (std::size_t cell = 0; cell < frozen.size(); ++cell) frozen[cell] = int(cell) % grid.size[2] < rows;
  return frozen;
}

/// Water over rock that becomes faster across a plane, then slower across another.
double two_interfaces(double, double, double z) {
  return z < 70 ? 1500 : z < 190 ? 2000 : z < 290 ? 3000 : 2400;
}

Situation situation_of(const Grid& grid) {
  return {sampled(grid, two_interfaces), frozen_rows(grid, 4), {}};
}

GuideParts parts_of(const Grid& grid) {
  GuideParts parts;
  parts.given = rough_guidance(grid);
  parts.given.confidence = sampled_field(grid, [](double, double, double z) { return z > 200 ? 1. : 0.5; });
  return parts;
}

std::size_t cell_of(const Grid& grid, int ix, int iy, int iz) {
  return (std::size_t(ix) * grid.size[1] + iy) * grid.size[2] + iz;
}

class EveryGuide : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Registry, EveryGuide, ::testing::ValuesIn(guides().names()),
                         [](const auto& info) { return info.param; });

TEST_P(EveryGuide, KeepsThetaInItsRangeAndTheSteeringFinite) {
  for (const Grid& grid : {flat, deep}) {
    const Guidance guidance = guides().make(GetParam(), parts_of(grid))->advise(situation_of(grid));
    EXPECT_EQ(guidance.grid, grid);
    if (guidance.weighted())
      for (const double theta : to_host(guidance.theta)) {
        EXPECT_GT(theta, 0);
        EXPECT_LE(theta, 1);
      }
    for (int axis = 0; axis < 3 && guidance.steered(); ++axis)
      for (const double p : to_host(guidance.p[axis])) EXPECT_TRUE(std::isfinite(p));
  }
}

TEST_P(EveryGuide, AnswersTheSameToTheSameSituation) {
  const auto guide = guides().make(GetParam(), parts_of(flat));
  const Guidance once = guide->advise(situation_of(flat)), again = guide->advise(situation_of(flat));
  ASSERT_EQ(once.steered(), again.steered());
  for (int axis = 0; axis < 3 && once.steered(); ++axis)
    EXPECT_EQ(to_host(once.p[axis]), to_host(again.p[axis]));
}

TEST(Taper, LeavesNoSteeringAcrossBoundariesNorInNorBesideFrozenCells) {
  for (const Grid& grid : {flat, deep}) {
    Guidance guidance = rough_guidance(grid);
    const int rows = 4, cells = 3;
    taper_steering(guidance, frozen_rows(grid, rows), cells);
    const Guidance before = rough_guidance(grid);
    int touched = 0, untouched = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const std::vector<double> p = to_host(guidance.p[axis]), was = to_host(before.p[axis]);
      for (int ix = 0; ix < grid.size[0]; ++ix)
        for (int iy = 0; iy < grid.size[1]; ++iy)
          for (int iz = 0; iz < grid.size[2]; ++iz) {
            const std::size_t cell = cell_of(grid, ix, iy, iz);
            const int place = axis == 0 ? ix : axis == 1 ? iy : iz, length = grid.size[axis];
            const int from_face = std::min(place, length - 2 - place);
            if (from_face <= 0 || iz < rows) {
              EXPECT_EQ(p[cell], 0) << axis << " " << ix << " " << iy << " " << iz;
              ++touched;
            }
            if (from_face >= cells && iz >= rows + cells) {
              EXPECT_EQ(p[cell], was[cell]) << axis << " " << ix << " " << iy << " " << iz;
              ++untouched;
            }
          }
    }
    EXPECT_GT(touched, 100);
    EXPECT_GT(untouched, 100);
  }
}

TEST(Hinge, SteersAlikeEverywhereAndSoExertsNoForceInside) {
  GuideParts parts;
  parts.options.gamma = 0.8;
  const Guidance hinge = guides().make("hinge", parts)->advise(situation_of(flat));
  for (const double p : to_host(hinge.p.z)) EXPECT_EQ(p, Real(-0.8));
  const std::vector<double> force = to_host(divergence_of(hinge.p, flat));
  for (int ix = 0; ix < flat.size[0]; ++ix)
    for (int iz = 1; iz + 1 < flat.size[2]; ++iz) EXPECT_NEAR(force[cell_of(flat, ix, 0, iz)], 0, in_double ? 1e-15 : 1e-7);
}

TEST(Structure, MakesTheJumpsOfTheModelCheapTheWayTheyGo) {
  for (const Grid& grid : {flat, deep}) {
    const Situation situation = situation_of(grid);
    const Guidance guidance = guides().make("structure", {})->advise(situation);
    const std::vector<double> p = to_host(guidance.p.z), theta = to_host(guidance.theta);
    const int ix = grid.size[0] / 2, iy = grid.size[1] / 2;
    const std::size_t up = cell_of(grid, ix, iy, 9), between = cell_of(grid, ix, iy, 12);
    EXPECT_LT(p[up], -0.5 * theta[up]) << "faster below: the edge between rows 9 and 10";
    EXPECT_LT(theta[up], 0.3);
    if (grid.size[2] > 20) {
      const std::size_t down = cell_of(grid, ix, iy, 14);
      EXPECT_GT(p[down], 0.3 * theta[down]) << "slower below: the edge between rows 14 and 15";
    }
    EXPECT_LT(std::abs(p[between]), 0.05);
    EXPECT_GT(theta[between], 0.9);
  }
}

TEST(Structure, TakesTheSignFromTheImageWhereTheModelIsSmooth) {
  Situation situation{sampled(flat, [](double, double, double) { return 2500.; }), frozen_rows(flat, 0), {}};
  const auto dipping = [](double x, double depth, double sign) {
    const double distance = (depth - 300 - 0.3 * (x - 400)) / 60;
    return sign * (1 - distance * distance) * std::exp(-distance * distance / 2);
  };
  for (const double sign : {1., -1.}) {
    situation.image = sampled_field(flat, [&](double x, double, double z) { return dipping(x, z, sign); });
    const Guidance guidance = guides().make("structure", {})->advise(situation);
    const std::size_t cell = cell_of(flat, 20, 0, 15);
    const double px = to_host(guidance.p.x)[cell], pz = to_host(guidance.p.z)[cell];
    const double theta = to_host(guidance.theta)[cell];
    EXPECT_LT(sign * pz, -0.5 * theta);
    EXPECT_NEAR(px / pz, -0.3, 0.06) << "along the normal of the dip";
  }
}

TEST(Structure, SaysNothingAboutAConstantModelWithoutAnImage) {
  const Situation situation{
      sampled(flat, [](double, double, double) { return 2500.; }), frozen_rows(flat, 0), {}};
  const Guidance guidance = guides().make("structure", {})->advise(situation);
  for (const double theta : to_host(guidance.theta)) EXPECT_EQ(theta, 1);
  for (int axis = 0; axis < 3; ++axis)
    for (const double p : to_host(guidance.p[axis])) EXPECT_EQ(p, 0);
}

TEST(GivenGuide, CountsForAsMuchAsItsConfidence) {
  GuideParts parts = parts_of(flat);
  const std::vector<double> theta = to_host(parts.given.theta), p = to_host(parts.given.p.x);
  const Guidance guidance = guides().make("given", parts)->advise(situation_of(flat));
  const std::size_t half = cell_of(flat, 20, 0, 10), full = cell_of(flat, 20, 0, 20);
  EXPECT_NEAR(to_host(guidance.theta)[half], 1 - 0.5 * (1 - theta[half]), 1e-6);
  EXPECT_NEAR(to_host(guidance.theta)[full], theta[full], 1e-6);
  EXPECT_NEAR(to_host(guidance.p.x)[half], 0.5 * p[half], 1e-6);
  EXPECT_NEAR(to_host(guidance.p.x)[full], p[full], 1e-6);
}

TEST(GivenGuide, IsBroughtToTheGridThatItIsAskedOn) {
  GuideParts parts;
  parts.given = {flat, {}, {}, {}, {}};
  const auto ramp = [](double x, double, double z) { return 0.3 + 5e-4 * x - 2e-4 * z; };
  parts.given.theta = sampled_field(flat, ramp);
  parts.given.reference =
      sampled_field(flat, [&](double x, double y, double z) { return 3000 * ramp(x, y, z); });
  const Grid coarse = with_spacing(flat, 40);
  const Guidance guidance =
      guides().make("given", parts)->advise({sampled(coarse, two_interfaces), frozen_rows(coarse, 0), {}});
  EXPECT_FALSE(guidance.steered());
  const std::size_t inside = cell_of(coarse, 10, 0, 10);
  EXPECT_NEAR(to_host(guidance.theta)[inside], ramp(400, 0, 400), 1e-5);
  EXPECT_NEAR(to_host(guidance.reference)[inside], 3000 * ramp(400, 0, 400), 0.1);
}

/// R of the truth itself, of its mirror image, and of the truth without a guide.
std::array<double, 3> variations(const Model& truth, const OracleOptions& options) {
  Model mirrored = clone(truth);
  std::vector<double> values = to_host(truth.at("vp"));
  for (double& value : values) value = -value;
  from_host(values, mirrored["vp"]);
  const Variation guided(oracle(truth, options));
  return {guided.value(truth.at("vp"), truth.grid), guided.value(mirrored.at("vp"), truth.grid),
          Variation().value(truth.at("vp"), truth.grid)};
}

TEST(Oracle, MakesTheTrueJumpsCheapAndTheirMirrorImagesDear) {
  const auto [truth, mirrored, plain] = variations(sampled(flat, two_interfaces), {});
  EXPECT_NEAR(truth / plain, 0.05, 0.01);
  EXPECT_NEAR(mirrored / plain, 1.95, 0.01);
}

TEST(Oracle, IsWorthLessBlurredOrWithWrongSigns) {
  Noise noise(1);
  const Model truth =
      sampled(deep, [&](double x, double y, double z) { return two_interfaces(x, y, z) + 50 * noise(); });
  const double exact = variations(truth, {})[0], plain = variations(truth, {})[2];
  EXPECT_GT(variations(truth, {.blur = 2})[0], 2 * exact);
  EXPECT_NEAR(variations(truth, {.flip = 0.5})[0], plain, 0.1 * plain);
  EXPECT_NEAR(variations(truth, {.flip = 1})[0], variations(truth, {})[1], 1e-5 * plain);
  EXPECT_NE(variations(truth, {.flip = 0.5})[0], variations(truth, {.flip = 0.5, .seed = 2})[0]);
}

}  // namespace
}  // namespace fathom::testing
