// SPDX-License-Identifier: BSD-3-Clause
#include "physics/model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace fathom {
namespace {

/// A new value along an axis: neighbouring old ones, from `first` on, with their weights.
struct WeightedSum {
  int first;
  std::vector<double> weights;
};

/// In cells of the grid: 0 is its first point.
double place_on(const Grid& grid, int axis, double coordinate) {
  return grid.active(axis) ? (coordinate - grid.origin[axis]) / grid.spacing[axis] : 0.;
}

/// What is linear between the points and constant beyond them, at a place.
WeightedSum at_place(double place, int points) {
  const double inside = std::clamp(place, 0., double(points - 1));
  const int below = std::min(int(inside), points - 1);
  const double share = inside - below;
  if (below + 1 == points) return {below, {1}};
  return {below, {1 - share, share}};
}

/// The integral of a point's share, which falls from 1 at the point to 0 at its neighbours, up to a place.
double share_up_to(double place) {
  if (place <= -1) return 0;
  if (place <= 0) return (1 + place) * (1 + place) / 2;
  return place < 1 ? 1 - (1 - place) * (1 - place) / 2 : 1;
}

/// The mean of the same between two places.
WeightedSum between(double begin, double end, int points) {
  const double last = points - 1, from = std::clamp(begin, 0., last), to = std::clamp(end, 0., last);
  const int first = int(from), behind = std::min(int(std::ceil(to)), points - 1);
  WeightedSum row{first, {}};
  for (int point = first; point <= behind; ++point)
    row.weights.push_back(share_up_to(to - point) - share_up_to(from - point));
  row.weights.front() += from - begin;
  row.weights.back() += end - to;
  for (double& weight : row.weights) weight /= end - begin;
  return row;
}

bool is_coarser(const Grid& to, const Grid& from, int axis) {
  return from.active(axis) && to.active(axis) && to.spacing[axis] > from.spacing[axis];
}

std::vector<WeightedSum> rows_of(const Grid& from, const Grid& to, int axis, bool averaged) {
  std::vector<WeightedSum> rows;
  const double half = to.spacing[axis] / 2;
  for (int index = 0; index < to.size[axis]; ++index) {
    const double here = to.coordinate(axis, index);
    rows.push_back(
        averaged && is_coarser(to, from, axis)
            ? between(place_on(from, axis, here - half), place_on(from, axis, here + half), from.size[axis])
            : at_place(place_on(from, axis, here), from.size[axis]));
  }
  return rows;
}

/// Applies rows along an axis of values whose last index is the fastest.
std::vector<double> along(const std::vector<double>& values, std::array<int, 3>& shape, int axis,
                          const std::vector<WeightedSum>& rows) {
  const std::size_t old_length = std::size_t(shape[axis]);
  std::size_t stride = 1, blocks = 1;
  for (int other = 0; other < 3; ++other)
    (other < axis ? blocks : stride) *= std::size_t(other == axis ? 1 : shape[other]);
  std::vector<double> result(blocks * rows.size() * stride, 0.);
  for (std::size_t block = 0; block < blocks; ++block)
    for (std::size_t index = 0; index < rows.size(); ++index)
      for (std::size_t k = 0; k < rows[index].weights.size(); ++k) {
        const double* from =
            values.data() + (block * old_length + std::size_t(rows[index].first) + k) * stride;
        double* to = result.data() + (block * rows.size() + index) * stride;
        for (std::size_t i = 0; i < stride; ++i) to[i] += rows[index].weights[k] * from[i];
      }
  shape[axis] = int(rows.size());
  return result;
}

std::vector<double> brought_to(const Grid& to, std::vector<double> values, const Grid& from, bool averaged) {
  std::array<int, 3> shape{from.size[0], from.size[1], from.size[2]};
  for (int axis = 0; axis < 3; ++axis) values = along(values, shape, axis, rows_of(from, to, axis, averaged));
  return values;
}

using Values = std::map<std::string, std::vector<double>>;

/// Puts the compressibility 1 / (rho v^2) in the place of vp, the density being 1 where there is none; or
/// back.
void exchange_for_compressibility(Values& properties, bool back) {
  const auto found = properties.find("vp"), density = properties.find("rho");
  if (found == properties.end()) return;
  for (std::size_t cell = 0; cell < found->second.size(); ++cell) {
    double& value = found->second[cell];
    const double rho = density == properties.end() ? 1 : density->second[cell];
    value = back ? 1 / std::sqrt(rho * value) : 1 / (rho * value * value);
  }
}

Values values_of(const Model& model) {
  Values result;
  for (const auto& [name, field] : model.properties) result[name] = to_host(field);
  return result;
}

Model model_of(const Values& properties, const Grid& grid) {
  Model result{grid, {}};
  for (const auto& [name, values] : properties) {
    result[name] = make_field(name, grid);
    from_host(values, result[name]);
  }
  return result;
}

}  // namespace

Model zeros_like(const Model& model) {
  Model zeros{model.grid, {}};
  for (const auto& [name, field] : model.properties) zeros[name] = make_field(name, model.grid);
  return zeros;
}

Model clone(const Model& model) {
  Model copy{model.grid, {}};
  for (const auto& [name, field] : model.properties) copy[name] = clone(field);
  return copy;
}

Model interpolate(const Model& model, const Grid& grid) {
  if (model.grid == grid) return clone(model);
  Values properties = values_of(model);
  for (auto& [name, values] : properties) values = brought_to(grid, std::move(values), model.grid, false);
  return model_of(properties, grid);
}

Model resample(const Model& model, const Grid& grid) {
  if (!is_coarser(grid, model.grid, 0) && !is_coarser(grid, model.grid, 1) &&
      !is_coarser(grid, model.grid, 2))
    return interpolate(model, grid);
  Values properties = values_of(model);
  exchange_for_compressibility(properties, false);
  for (auto& [name, values] : properties) values = brought_to(grid, std::move(values), model.grid, true);
  exchange_for_compressibility(properties, true);
  return model_of(properties, grid);
}

}  // namespace fathom
