// SPDX-License-Identifier: BSD-3-Clause

#include "physics/model.hpp"

#include <gtest/gtest.h>

#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

/// The model that holds f(x, y, z) in every cell.
template <class F>
Model model_of(const Grid& grid, const F& f) {
  std::vector<double> values;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz)
        values.push_back(f(grid.coordinate(0, ix), grid.coordinate(1, iy), grid.coordinate(2, iz)));
  Model model{grid, {}};
  model["vp"] = make_field("vp", grid);
  from_host(values, model["vp"]);
  return model;
}

void expect_near(const Model& found, const Model& expected, double relative) {
  ASSERT_EQ(found.grid, expected.grid);
  EXPECT_LT(relative_l2(to_host(found.at("vp")), to_host(expected.at("vp"))), relative);
}

constexpr double precision = in_double ? 1e-14 : 1e-6;
const Grid box{{12, 10, 9}, {10., 20., 5.}, {100., -30., 0.}};

double linear(double x, double y, double z) {
  return 1500 + 0.7 * x - 0.4 * y + 2.1 * z;
}

TEST(Interpolation, ReproducesLinearFunctions) {
  const Grid inside{{17, 11, 23}, {5.3, 13., 1.7}, {103., -25., 0.5}};
  expect_near(interpolate(model_of(box, linear), inside), model_of(inside, linear), precision);
  const Grid plane = grid_2d(20, 15, 10), finer = grid_2d(39, 29, 5);
  expect_near(interpolate(model_of(plane, linear), finer), model_of(finer, linear), precision);
}

TEST(Interpolation, KeepsTheModelOnItsOwnGridAndAtItsOwnPoints) {
  const Model rough = random_model(box, {{"vp", "m/s", 300, 9000}}, 1);
  expect_near(interpolate(rough, box), rough, 1e-30);
  Grid part = box;
  part.size = {4, 3, 5};
  part.origin = {120., 10., 10.};
  const std::vector<double> found = to_host(interpolate(rough, part).at("vp"));
  const auto all = Kokkos::create_mirror_view(rough.at("vp"));
  Kokkos::deep_copy(all, rough.at("vp"));
  EXPECT_NEAR(found.front(), all(2, 2, 2), 1e-3);
  EXPECT_NEAR(found.back(), all(5, 4, 6), 1e-3);
}

TEST(Interpolation, IsConstantBeyondTheEdges) {
  const Grid plane = grid_2d(5, 4, 10), wider = grid_2d(15, 14, 10, -50, -50);
  const Model expected = model_of(wider, [&](double x, double, double z) {
    return linear(std::clamp(x, 0., 40.), 0, std::clamp(z, 0., 30.));
  });
  expect_near(interpolate(model_of(plane, linear), wider), expected, precision);
}

/// Of a velocity whose compressibility is linear.
double softening(double x, double y, double z) {
  return 1e5 / std::sqrt(linear(x, y, z));
}

TEST(Resampling, KeepsConstantsAndLinearCompressibilityInside) {
  const Grid fine = grid_2d(101, 81, 5), coarse = grid_2d(26, 21, 20);
  const auto constant = [](double, double, double) { return 2000.; };
  expect_near(resample(model_of(fine, constant), coarse), model_of(coarse, constant), precision);
  const Grid inside = grid_2d(24, 19, 20, 20, 20);
  expect_near(resample(model_of(fine, softening), inside), model_of(inside, softening), precision);
}

/// Layers of one cell alternate: linear interpolation onto every fourth cell would see only one kind.
TEST(Resampling, AveragesLayersThatTheCoarserGridCannotHold) {
  const Grid fine = grid_2d(9, 81, 5), coarse = grid_2d(3, 21, 20);
  const Model layers =
      model_of(fine, [](double, double, double z) { return std::lround(z / 5) % 2 ? 1500. : 2500.; });
  for (const double value : to_host(interpolate(layers, coarse).at("vp"))) EXPECT_NEAR(value, 2500, 1e-3);
  const std::vector<double> averaged = to_host(resample(layers, coarse).at("vp"));
  const double effective = 1 / std::sqrt((std::pow(1500, -2) + std::pow(2500, -2)) / 2);
  for (int iz = 1; iz < 20; ++iz) EXPECT_NEAR(averaged[std::size_t(21 + iz)], effective, 1e-3) << iz;
}

/// Layers of a medium with density: 1 / (rho v^2) and rho have the means of their parts.
TEST(Resampling, AveragesCompressibilityAndDensity) {
  const Grid fine = grid_2d(9, 81, 5), coarse = grid_2d(3, 21, 20);
  Model layers =
      model_of(fine, [](double, double, double z) { return std::lround(z / 5) % 2 ? 1500. : 2500.; });
  layers["rho"] = model_of(fine, [](double, double, double z) {
                    return std::lround(z / 5) % 2 ? 1000. : 2200.;
                  }).at("vp");
  const Model averaged = resample(layers, coarse);
  const double density = 1600,
               softness = (1 / (1000 * std::pow(1500, 2)) + 1 / (2200 * std::pow(2500, 2))) / 2;
  EXPECT_NEAR(to_host(averaged.at("rho"))[31], density, 1e-3);
  EXPECT_NEAR(to_host(averaged.at("vp"))[31], 1 / std::sqrt(density * softness), 1e-3);
}

/// The integral of 1 / v^2 down a column, which waves that are long against the cells feel.
TEST(Resampling, KeepsTheDepthOfAHardSeaFloorBetweenItsPoints) {
  const Grid fine = grid_2d(3, 401, 5);
  for (const double floor : {1000., 1010., 1015.}) {
    const Model earth =
        model_of(fine, [floor](double, double, double z) { return z < floor ? 1500. : 3500.; });
    const Grid coarse = grid_2d(3, 51, 40);
    const auto softness = [](const Model& model) {
      const std::vector<double> vp = to_host(model.at("vp"));
      const int nz = model.grid.size[2];
      double sum = 0;
      for (int iz = 0; iz < nz; ++iz)
        sum += (iz == 0 || iz == nz - 1 ? 0.5 : 1.) * model.grid.spacing[2] /
               std::pow(vp[std::size_t(nz + iz)], 2);
      return sum;
    };
    EXPECT_NEAR(softness(resample(earth, coarse)), softness(earth), 1e-6 * softness(earth)) << floor;
  }
}

TEST(Resampling, OntoAFinerGridIsInterpolation) {
  const Grid coarse = grid_2d(11, 9, 20), fine = grid_2d(41, 33, 5);
  const Model rough = random_model(coarse, {{"vp", "m/s", 300, 9000}}, 2);
  expect_near(resample(rough, fine), interpolate(rough, fine), 1e-30);
}

TEST(Models, AreClonedDeeplyAndZeroedAlike) {
  Model model = homogeneous(box, 2000);
  const Model copy = clone(model), zeros = zeros_like(model);
  Kokkos::deep_copy(model["vp"], Real(1));
  EXPECT_EQ(to_host(copy.at("vp")).front(), 2000);
  EXPECT_EQ(zeros.grid, box);
  EXPECT_EQ(norm(zeros), 0);
}

/// A field with Domain's pitch, as one on the padded grid.
Model without_pitch(const Domain& domain, const Model& pitched) {
  const Grid& grid = domain.padded();
  Model plain{grid, {}};
  for (const auto& [name, field] : pitched.properties) {
    const std::vector<double> all = to_host(field);
    std::vector<double> values;
    for (std::size_t place = 0; place < all.size(); ++place)
      if (int(place % std::size_t(domain.pitch())) < grid.size[2]) values.push_back(all[place]);
    plain[name] = make_field(name, grid);
    from_host(values, plain[name]);
  }
  return plain;
}

class EveryDomain : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Surface, EveryDomain, ::testing::Bool());

TEST_P(EveryDomain, FoldsWithTheTransposeOfPadding) {
  for (const Grid& grid : {box, grid_2d(17, 13, 10)}) {
    BoundaryOptions boundary;
    boundary.width = 5;
    boundary.free_surface = GetParam();
    const Domain domain(grid, boundary, 4);
    Noise noise(3);
    Model inner{grid, {}}, outer{domain.padded(), {}};
    inner["vp"] = make_field("vp", grid);
    outer["vp"] = domain.make_padded("vp");
    from_host(noise.many(grid.cells()), inner["vp"]);
    from_host(noise.many(domain.padded_values()), outer["vp"]);
    Model folded = zeros_like(inner);
    domain.fold(outer, folded);
    const Model padded = without_pitch(domain, domain.pad(inner)), other = without_pitch(domain, outer);
    EXPECT_LT(std::abs(dot(padded, other) - dot(inner, folded)),
              (in_double ? 1e-13 : 1e-5) * norm(padded) * norm(other));
  }
}

TEST_P(EveryDomain, PadsWithTheEdgeValues) {
  BoundaryOptions boundary;
  boundary.width = 5;
  boundary.free_surface = GetParam();
  const Grid grid = grid_2d(17, 13, 10);
  const Domain domain(grid, boundary, 4);
  EXPECT_EQ(domain.low(2), GetParam() ? 0 : 5);
  EXPECT_EQ(domain.low(1), 0) << "a 2-D model has no strips along y";
  const Model model = model_of(grid, linear);
  expect_near(without_pitch(domain, domain.pad(model)), interpolate(model, domain.padded()), precision);
}

}  // namespace
}  // namespace fathom::testing
