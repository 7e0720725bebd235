// SPDX-License-Identifier: BSD-3-Clause
#include "solver/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "physics/error.hpp"

namespace fathom {
namespace {

Model velocity(const Grid& grid, const std::function<double(int, int, int)>& value) {
  std::vector<double> values;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz) values.push_back(value(ix, iy, iz));
  Model model{grid, {{"vp", make_field("vp", grid)}}};
  from_host(values, model["vp"]);
  return model;
}

double layered(int ix, int, int iz) {
  return 1500 + 20. * iz + 300 * std::sin(0.4 * ix) * std::cos(0.3 * iz);
}
double rippled(int ix, int, int iz) {
  return layered(ix, 0, iz) + 100 * std::sin(0.7 * ix + 0.5 * iz);
}

Image image(int rows, int columns, const std::function<double(int, int, int)>& value) {
  Image made{rows, columns, {}};
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) made.values.push_back(value(row, 0, column));
  return made;
}

// The expected values come from SciPy's gaussian_filter(sigma=1.5, truncate=3.5, mode="reflect") in the
// formula of Wang et al., cropped as scikit-image crops.
TEST(StructuralSimilarity, IsThatOfAnIndependentImplementation) {
  const auto similarity = [](int rows, int columns, double data_range) {
    return structural_similarity(image(rows, columns, rippled), image(rows, columns, layered), data_range);
  };
  EXPECT_NEAR(similarity(24, 31, 1000), 0.830783563301282, 1e-9);
  EXPECT_NEAR(similarity(24, 31, 200), 0.8231203459606125, 1e-9);
  EXPECT_NEAR(similarity(11, 11, 1000), 0.5659474501994758, 1e-9);
}

TEST(StructuralSimilarity, MirrorsImagesThatAreSmallerThanItsWindow) {
  EXPECT_NEAR(structural_similarity(image(40, 7, rippled), image(40, 7, layered), 1000), 0.7801709630273408,
              1e-9);
  EXPECT_NEAR(structural_similarity(image(4, 3, rippled), image(4, 3, layered), 1000), 0.9334209144651231,
              1e-9);
}

TEST(StructuralSimilarity, IsOneForEqualImagesAndSymmetric) {
  const Image a = image(20, 20, rippled), b = image(20, 20, layered);
  EXPECT_NEAR(structural_similarity(a, a, 500), 1, 1e-12);
  EXPECT_NEAR(structural_similarity(a, b, 500), structural_similarity(b, a, 500), 1e-12);
  EXPECT_EQ(structural_similarity(a, a, 0), 1);
  EXPECT_EQ(structural_similarity(a, b, 0), 0);
}

TEST(ModelErrors, AreZeroForTheTruth) {
  const Model truth = velocity(grid_2d(30, 20, 10), layered);
  const ModelErrors errors = compare(truth, truth);
  EXPECT_EQ(errors.all.relative_l2, 0);
  EXPECT_EQ(errors.unfrozen.rmse_m_s, 0);
  EXPECT_EQ(errors.unfrozen.mae_m_s, 0);
  EXPECT_NEAR(errors.unfrozen.ssim, 1, 1e-12);
}

TEST(ModelErrors, AreThoseOfTheirDefinitions) {
  const Grid grid = grid_2d(2, 2, 10);
  const Model truth = velocity(grid, [](int ix, int, int iz) { return ix + iz == 0 ? 3000 : 4000; });
  const Model estimate = velocity(grid, [](int ix, int, int iz) { return ix + iz == 0 ? 3400 : 3900; });
  const ModelErrors errors = compare(estimate, truth, {true, false, false, false});
  EXPECT_NEAR(errors.all.mae_m_s, 175, 1e-9);
  EXPECT_NEAR(errors.all.rmse_m_s, std::sqrt((400. * 400 + 3 * 100 * 100) / 4), 1e-9);
  EXPECT_NEAR(errors.all.relative_l2, std::sqrt((16. + 3) / (900 + 3 * 1600)), 1e-12);
  EXPECT_NEAR(errors.unfrozen.mae_m_s, 100, 1e-9);
  EXPECT_NEAR(errors.unfrozen.rmse_m_s, 100, 1e-9);
  EXPECT_NEAR(errors.unfrozen.relative_l2, 1 / 40., 1e-12);
}

TEST(ModelErrors, InterpolateTheEstimateOntoTheTruthsGrid) {
  const auto gradient = [](double spacing) {
    return [spacing](int ix, int, int iz) { return 1500 + 0.5 * iz * spacing + 0.2 * ix * spacing; };
  };
  const Model truth = velocity(grid_2d(41, 21, 10), gradient(10));
  const Model estimate = velocity(grid_2d(21, 11, 20), gradient(20));
  EXPECT_LT(compare(estimate, truth).all.rmse_m_s, 1e-3);
  EXPECT_NEAR(compare(estimate, truth).all.ssim, 1, 1e-6);
}

TEST(ModelErrors, TakeTheSimilarityOfTheBoxThatIsNotFrozen) {
  const Grid grid = grid_2d(24, 40, 10);
  const int water = 9;
  const auto below = [](const auto& value) {
    return [&value](int ix, int iy, int iz) { return iz < water ? 1500. : value(ix, iy, iz - water); };
  };
  const Model truth = velocity(grid, below(layered));
  const Model estimate = velocity(grid, below(rippled));
  std::vector<bool> frozen(grid.cells());
  for (std::size_t cell = 0; cell < frozen.size(); ++cell) frozen[cell] = int(cell) % 40 < water;
  const std::vector<double> wanted = to_host(truth.at("vp"));
  const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
  const ModelErrors errors = compare(estimate, truth, frozen);
  EXPECT_NEAR(errors.unfrozen.ssim,
              structural_similarity(image(24, 31, rippled), image(24, 31, layered), *most - *least), 1e-4);
  EXPECT_NE(errors.all.ssim, errors.unfrozen.ssim);
}

TEST(ModelErrors, AverageTheSimilarityOfSlicesInThreeDimensions) {
  const Grid grid{{15, 2, 16}, {10, 10, 10}, {0, 0, 0}};
  const Model truth = velocity(grid, layered);
  const Model estimate = velocity(
      grid, [](int ix, int iy, int iz) { return iy == 0 ? layered(ix, iy, iz) : rippled(ix, iy, iz); });
  const std::vector<double> wanted = to_host(truth.at("vp"));
  const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
  const double other = structural_similarity(image(15, 16, rippled), image(15, 16, layered), *most - *least);
  EXPECT_NEAR(compare(estimate, truth).all.ssim, (1 + other) / 2, 1e-4);
}

TEST(ModelErrors, RejectWhatCannotBeCompared) {
  const Model truth = velocity(grid_2d(4, 4, 10), layered);
  EXPECT_THROW(compare(Model{truth.grid, {}}, truth), UserError);
  EXPECT_THROW(compare(truth, truth, std::vector<bool>(3)), UserError);
  EXPECT_THROW(compare(truth, truth, std::vector<bool>(16, true)), UserError);
}

}  // namespace
}  // namespace fathom
