// SPDX-License-Identifier: BSD-3-Clause
#include "physics/model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace fathom {
namespace {

/// Where a position falls on an axis: a cell and the share of its successor, clamped to the ends.
struct Bracket {
  int below, above;
  double share;
};

std::vector<Bracket> brackets(const Grid& from, const Grid& to, int axis) {
  std::vector<Bracket> result(to.size[axis]);
  for (int index = 0; index < to.size[axis]; ++index) {
    const double place =
        from.active(axis) ? (to.coordinate(axis, index) - from.origin[axis]) / from.spacing[axis] : 0.;
    const double inside = std::clamp(place, 0., double(from.size[axis] - 1));
    const int below = std::min(int(inside), from.size[axis] - 1);
    result[index] = {below, std::min(below + 1, from.size[axis] - 1), inside - below};
  }
  return result;
}

/// Weighted average along one axis with a triangle of half-width `reach` cells, repeated at the ends.
void smooth_axis(std::vector<double>& values, const Grid& grid, int axis, double reach) {
  const int radius = int(std::ceil(reach)) - 1;
  if (radius < 1) return;
  const int length = grid.size[axis];
  const std::size_t stride = axis == 2   ? 1
                             : axis == 1 ? std::size_t(grid.size[2])
                                         : std::size_t(grid.size[1]) * grid.size[2];
  std::vector<double> line(length);
  for (std::size_t start = 0; start < values.size(); ++start) {
    if ((start / stride) % length != 0) continue;
    for (int i = 0; i < length; ++i) line[i] = values[start + i * stride];
    for (int i = 0; i < length; ++i) {
      double sum = 0, weights = 0;
      for (int k = -radius; k <= radius; ++k) {
        const double weight = 1 - std::abs(k) / reach;
        sum += weight * line[std::clamp(i + k, 0, length - 1)];
        weights += weight;
      }
      values[start + i * stride] = sum / weights;
    }
  }
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
  const std::array<std::vector<Bracket>, 3> axes{brackets(model.grid, grid, 0), brackets(model.grid, grid, 1),
                                                 brackets(model.grid, grid, 2)};
  Model result{grid, {}};
  for (const auto& [name, field] : model.properties) {
    const std::vector<double> values = to_host(field);
    const auto at = [&](int ix, int iy, int iz) {
      return values[(std::size_t(ix) * model.grid.size[1] + iy) * model.grid.size[2] + iz];
    };
    const auto along_z = [&](int ix, int iy, const Bracket& z) {
      return (1 - z.share) * at(ix, iy, z.below) + z.share * at(ix, iy, z.above);
    };
    std::vector<double> out;
    out.reserve(grid.cells());
    for (const Bracket& x : axes[0])
      for (const Bracket& y : axes[1])
        for (const Bracket& z : axes[2]) {
          const double near =
              (1 - y.share) * along_z(x.below, y.below, z) + y.share * along_z(x.below, y.above, z);
          const double far =
              (1 - y.share) * along_z(x.above, y.below, z) + y.share * along_z(x.above, y.above, z);
          out.push_back((1 - x.share) * near + x.share * far);
        }
    result[name] = make_field(name, grid);
    from_host(out, result[name]);
  }
  return result;
}

Model resample(const Model& model, const Grid& grid) {
  if (model.grid == grid) return clone(model);
  Model smoothed = clone(model);
  for (auto& [name, field] : smoothed.properties) {
    std::vector<double> values = to_host(field);
    for (int axis = 0; axis < 3; ++axis)
      if (model.grid.active(axis) && grid.active(axis))
        smooth_axis(values, model.grid, axis, grid.spacing[axis] / model.grid.spacing[axis]);
    from_host(values, field);
  }
  return interpolate(smoothed, grid);
}

}  // namespace fathom
