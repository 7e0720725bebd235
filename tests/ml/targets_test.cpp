// SPDX-License-Identifier: BSD-3-Clause
#include "ml/targets.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace fathom {
namespace {

const Grid section = grid_2d(24, 20, 10);

Model made(const std::function<double(int ix, int iz)>& velocity) {
  std::vector<double> values;
  for (int ix = 0; ix < section.size[0]; ++ix)
    for (int iz = 0; iz < section.size[2]; ++iz) values.push_back(velocity(ix, iz));
  Model model{section, {{"vp", make_field("vp", section)}}};
  from_host(values, model["vp"]);
  return model;
}

TEST(Target, IsTheWayFromTheVelocityToTheTruth) {
  const std::vector<bool> frozen(section.cells(), false);
  const Target target = target_of(made([](int, int iz) { return 2000. + iz; }),
                                  made([](int ix, int) { return 2500. - ix; }), frozen);
  EXPECT_NEAR(target.images.at(Target::residual, 7, 9), (2009. - 2493.) / 1000, 1e-6);
  for (std::size_t cell = 0; cell < section.cells(); ++cell)
    EXPECT_EQ(target.images.channel(Target::edge)[cell], 0) << "1 m/s a cell is no edge";
}

TEST(Target, HasTheEdgesOfTheTruthWithNormalsTowardsTheFasterRock) {
  const std::vector<bool> frozen(section.cells(), false);
  const Model slope = made([](int ix, int iz) { return 4 * iz - 3 * ix > 5 ? 3000. : 2000.; });
  const Target target = target_of(slope, slope, frozen);
  double edges = 0, nx = 0, nz = 0;
  for (int ix = 2; ix < 22; ++ix)
    for (int iz = 2; iz < 18; ++iz) {
      const float x = target.images.at(Target::normal_x, ix, iz),
                  z = target.images.at(Target::normal_z, ix, iz);
      const float edge = target.images.at(Target::edge, ix, iz);
      EXPECT_NEAR(std::hypot(x, z), edge, 1e-6);
      edges += edge;
      nx += x;
      nz += z;
    }
  EXPECT_GT(edges, 20);
  EXPECT_NEAR(nx / nz, -0.75, 0.15);
  EXPECT_GT(nz, 0);
}

TEST(Target, HasEdgesACellOrTwoThickHoweverGradualTheChange) {
  const std::vector<bool> frozen(section.cells(), false);
  for (const double width : {0.1, 1., 2.5}) {
    const Model ramp = made([&](int, int iz) { return 2500 + 600 * std::tanh((iz - 9.4) / width); });
    const Target target = target_of(ramp, ramp, frozen);
    for (int ix = 0; ix < section.size[0]; ++ix) {
      double edges = 0;
      for (int iz = 0; iz < section.size[2]; ++iz) edges += double(target.images.at(Target::edge, ix, iz));
      EXPECT_GE(edges, 1) << width;
      EXPECT_LE(edges, 3) << width;
      EXPECT_EQ(target.images.at(Target::edge, ix, 9), 1) << width;
    }
  }
}

TEST(Target, DoesNotCountFrozenCells) {
  std::vector<bool> frozen(section.cells(), false);
  frozen[5] = true;
  const Model any = made([](int, int) { return 2000.; });
  const Target target = target_of(any, any, frozen);
  EXPECT_EQ(target.images.channel(Target::weight)[5], 0);
  EXPECT_EQ(target.images.channel(Target::weight)[6], 1);
}

}  // namespace
}  // namespace fathom
