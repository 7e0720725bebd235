// SPDX-License-Identifier: BSD-3-Clause
#include "solver/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr int half_width = 5;
using Window = std::array<double, 2 * half_width + 1>;

Window gaussian_window() {
  constexpr double sigma = 1.5;
  Window window;
  double sum = 0;
  for (int i = -half_width; i <= half_width; ++i)
    sum += window[i + half_width] = std::exp(-0.5 * i * i / (sigma * sigma));
  for (double& weight : window) weight /= sum;
  return window;
}

/// The index inside 0 .. size-1 that an index outside mirrors, edges repeated: c b a | a b c | c b a.
int mirrored(int index, int size) {
  const int folded = ((index % (2 * size)) + 2 * size) % (2 * size);
  return folded < size ? folded : 2 * size - 1 - folded;
}

/// Weighted means over the window around every point: along the columns, then along the rows.
std::vector<double> local_mean(const Image& shape, const std::vector<double>& values, const Window& window) {
  std::vector<double> along(values.size()), mean(values.size());
  for (int pass = 0; pass < 2; ++pass) {
    const std::vector<double>& from = pass == 0 ? values : along;
    std::vector<double>& to = pass == 0 ? along : mean;
    for (int row = 0; row < shape.rows; ++row)
      for (int column = 0; column < shape.columns; ++column) {
        double sum = 0;
        for (int i = -half_width; i <= half_width; ++i) {
          const int other_row = pass == 0 ? row : mirrored(row + i, shape.rows);
          const int other_column = pass == 0 ? mirrored(column + i, shape.columns) : column;
          sum += window[i + half_width] * from[std::size_t(other_row) * shape.columns + other_column];
        }
        to[std::size_t(row) * shape.columns + column] = sum;
      }
  }
  return mean;
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> values(a.size());
  std::transform(a.begin(), a.end(), b.begin(), values.begin(), std::multiplies<>());
  return values;
}

/// A range of cells, ends not included.
struct CellRange {
  std::array<int, 3> begin, end;
};

CellRange bounding_box(const Grid& grid, const std::vector<bool>& frozen) {
  if (frozen.empty()) return {{0, 0, 0}, grid.size};
  CellRange box{grid.size, {0, 0, 0}};
  std::size_t cell = 0;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz, ++cell) {
        if (frozen[cell]) continue;
        const std::array<int, 3> index{ix, iy, iz};
        for (int axis = 0; axis < 3; ++axis) {
          box.begin[axis] = std::min(box.begin[axis], index[axis]);
          box.end[axis] = std::max(box.end[axis], index[axis] + 1);
        }
      }
  return box;
}

/// The x-z slice of a box at one y, z along the columns.
Image slice(const Grid& grid, const std::vector<double>& values, const CellRange& box, int iy) {
  Image image{box.end[0] - box.begin[0], box.end[2] - box.begin[2], {}};
  image.values.reserve(std::size_t(image.rows) * image.columns);
  for (int ix = box.begin[0]; ix < box.end[0]; ++ix) {
    const auto column = values.begin() + (std::ptrdiff_t(ix) * grid.size[1] + iy) * grid.size[2];
    image.values.insert(image.values.end(), column + box.begin[2], column + box.end[2]);
  }
  return image;
}

VelocityErrors errors_over(const Grid& grid, const std::vector<double>& estimate,
                           const std::vector<double>& truth, const std::vector<bool>& frozen,
                           double data_range) {
  double squares = 0, absolutes = 0, norm = 0;
  std::size_t cells = 0;
  for (std::size_t cell = 0; cell < truth.size(); ++cell) {
    if (!frozen.empty() && frozen[cell]) continue;
    const double error = estimate[cell] - truth[cell];
    squares += error * error;
    absolutes += std::abs(error);
    norm += truth[cell] * truth[cell];
    ++cells;
  }
  if (cells == 0)
    throw UserError("every cell of the model is frozen: there is nothing to compare", "freeze fewer cells");
  const CellRange box = bounding_box(grid, frozen);
  double similarity = 0;
  for (int iy = box.begin[1]; iy < box.end[1]; ++iy)
    similarity +=
        structural_similarity(slice(grid, estimate, box, iy), slice(grid, truth, box, iy), data_range);
  return {std::sqrt(squares / norm), std::sqrt(squares / double(cells)), absolutes / double(cells),
          similarity / (box.end[1] - box.begin[1])};
}

}  // namespace

double structural_similarity(const Image& image, const Image& truth, double data_range) {
  if (!(data_range > 0)) return image.values == truth.values ? 1 : 0;
  const Window window = gaussian_window();
  const auto mean = [&](const std::vector<double>& values) { return local_mean(truth, values, window); };
  const std::vector<double> mean_x = mean(image.values), mean_y = mean(truth.values);
  const std::vector<double> mean_xx = mean(product(image.values, image.values));
  const std::vector<double> mean_yy = mean(product(truth.values, truth.values));
  const std::vector<double> mean_xy = mean(product(image.values, truth.values));
  const double c1 = std::pow(0.01 * data_range, 2), c2 = std::pow(0.03 * data_range, 2);
  const int row_margin = truth.rows > 2 * half_width ? half_width : 0;
  const int column_margin = truth.columns > 2 * half_width ? half_width : 0;
  double sum = 0;
  for (int row = row_margin; row < truth.rows - row_margin; ++row)
    for (int column = column_margin; column < truth.columns - column_margin; ++column) {
      const std::size_t i = std::size_t(row) * truth.columns + column;
      const double xx = mean_xx[i] - mean_x[i] * mean_x[i], yy = mean_yy[i] - mean_y[i] * mean_y[i];
      const double xy = mean_xy[i] - mean_x[i] * mean_y[i];
      sum += (2 * mean_x[i] * mean_y[i] + c1) * (2 * xy + c2) /
             ((mean_x[i] * mean_x[i] + mean_y[i] * mean_y[i] + c1) * (xx + yy + c2));
    }
  return sum / (double(truth.rows - 2 * row_margin) * (truth.columns - 2 * column_margin));
}

ModelErrors compare(const Model& estimate, const Model& truth, const std::vector<bool>& frozen) {
  for (const Model* model : {&estimate, &truth})
    if (!model->properties.contains("vp")) throw UserError("a model to compare has no property \"vp\"");
  if (!frozen.empty() && frozen.size() != truth.grid.cells())
    throw UserError("there are " + std::to_string(frozen.size()) +
                    " flags for frozen cells, but the true model has " + std::to_string(truth.grid.cells()) +
                    " cells");
  Model velocity{estimate.grid, {{"vp", estimate.at("vp")}}};
  if (velocity.grid != truth.grid) velocity = interpolate(velocity, truth.grid);
  const std::vector<double> found = to_host(velocity.at("vp")), wanted = to_host(truth.at("vp"));
  const auto [least, most] = std::minmax_element(wanted.begin(), wanted.end());
  const double data_range = *most - *least;
  ModelErrors errors;
  errors.all = errors_over(truth.grid, found, wanted, {}, data_range);
  errors.unfrozen = frozen.empty() ? errors.all : errors_over(truth.grid, found, wanted, frozen, data_range);
  return errors;
}

}  // namespace fathom
