// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/divergence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "regularizers/difference.hpp"

namespace fathom {
namespace {

constexpr int value_bins = 64, angle_bins = 32;
constexpr double largest_value = 4;
constexpr double least_share = 1e-6;
constexpr int window_side = 24;
constexpr double left_out = -1;

/// The four cubic B-splines that reach a place between two knots, `t` of the way from one to the next.
std::array<double, 4> splines(double t) {
  const double u = 1 - t;
  return {u * u * u / 6, (4 - 6 * t * t + 3 * t * t * t) / 6, (4 - 6 * u * u + 3 * u * u * u) / 6,
          t * t * t / 6};
}

/// Shares that sum to 1, none of them zero.
std::vector<double> normalised(std::vector<double> counts) {
  double sum = 0;
  for (const double count : counts) sum += count;
  double all = 0;
  for (double& count : counts) all += count = (sum > 0 ? count / sum : 0.) + least_share;
  for (double& count : counts) count /= all;
  return counts;
}

/// Adds a number to the bins around a place in units of bins, the centre of bin k at k. `bin_at` maps bins
/// beyond the ends to those that take them up.
template <class F>
void add(std::vector<double>& counts, double place, double weight, const F& bin_at) {
  const double below = std::floor(place);
  const std::array<double, 4> parts = splines(place - below);
  for (int k = 0; k < 4; ++k) counts[std::size_t(bin_at(int(below) - 1 + k))] += weight * parts[k];
}

/// Brings the lit cells to mean 0 and mean square 1; false when they are all the same.
bool standardise(std::vector<double>& values, const std::vector<bool>& lit) {
  double sum = 0, squares = 0, cells = 0;
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (lit[cell]) sum += values[cell], ++cells;
  const double mean = cells > 0 ? sum / cells : 0;
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (lit[cell]) squares += (values[cell] - mean) * (values[cell] - mean);
  if (!(squares > 0)) return false;
  const double rms = std::sqrt(squares / cells);
  for (double& value : values) value = (value - mean) / rms;
  return true;
}

/// Number of windows along an axis, cells of each, and cells from one to the next.
struct Windows {
  int count, side, stride;

  explicit Windows(int cells)
      : count(1), side(std::min(cells, window_side)), stride(std::max(1, window_side / 2)) {
    if (cells > side) count = (cells - side + stride - 1) / stride + 1;
  }
  /// The last window ends where the axis does.
  int begin(int number, int cells) const { return std::min(number * stride, cells - side); }
};

/// An image with what is needed of its gradient.
struct Picture {
  std::vector<double> values;          // standardised
  std::vector<double> angles, slopes;  // orientation (from down, towards x in 2-D) and size of the gradient

  Picture(const Field& image, const Grid& grid, const std::vector<bool>& lit) : values(to_host(image)) {
    contrasted = standardise(values, lit);
    const VectorField gradient = differences_of(image, grid);
    const std::vector<double> x = to_host(gradient.x), y = to_host(gradient.y), z = to_host(gradient.z);
    for (std::size_t cell = 0; cell < x.size(); ++cell) {
      const double sideways = grid.active(1) ? std::hypot(x[cell], y[cell]) : x[cell];
      angles.push_back(std::atan2(sideways, z[cell]));
      slopes.push_back(std::hypot(x[cell], y[cell], z[cell]));
    }
  }
  bool contrasted = false;
};

std::vector<double> picked(const std::vector<double>& all, const std::vector<std::size_t>& cells) {
  std::vector<double> some;
  some.reserve(cells.size());
  for (const std::size_t cell : cells) some.push_back(all[cell]);
  return some;
}

std::vector<double> values_in(const Picture& picture, const std::vector<std::size_t>& cells) {
  return histogram_of_values(picked(picture.values, cells));
}

std::vector<double> orientations_in(const Picture& picture, const std::vector<std::size_t>& cells) {
  return histogram_of_angles(picked(picture.angles, cells), picked(picture.slopes, cells));
}

/// Sums over the windows that count, with their values for the map.
class Tally {
 public:
  void add(double value) { sum_ += value, ++count_, map_.push_back(value); }
  void skip() { map_.push_back(left_out); }
  double mean() const { return count_ > 0 ? sum_ / count_ : std::numeric_limits<double>::quiet_NaN(); }
  Field map(const Grid& grid) const {
    const Field field = make_field("divergence", grid);
    from_host(map_, field);
    return field;
  }

 private:
  double sum_ = 0;
  int count_ = 0;
  std::vector<double> map_;
};

/// The lit cells of a window.
std::vector<std::size_t> lit_cells(const Grid& grid, const std::vector<bool>& lit,
                                   const std::array<int, 3>& begin, const std::array<Windows, 3>& windows) {
  std::vector<std::size_t> cells;
  for (int ix = begin[0]; ix < begin[0] + windows[0].side; ++ix)
    for (int iy = begin[1]; iy < begin[1] + windows[1].side; ++iy)
      for (int iz = begin[2]; iz < begin[2] + windows[2].side; ++iz) {
        const std::size_t cell =
            (std::size_t(ix) * std::size_t(grid.size[1]) + std::size_t(iy)) * std::size_t(grid.size[2]) +
            std::size_t(iz);
        if (lit[cell]) cells.push_back(cell);
      }
  return cells;
}

/// A cell a window. The last ones may lie closer to the one before than the others do.
Grid grid_of_windows(const Grid& grid, const std::array<Windows, 3>& windows) {
  Grid map = grid;
  for (int axis = 0; axis < 3; ++axis) {
    map.size[axis] = windows[axis].count;
    map.spacing[axis] = windows[axis].stride * grid.spacing[axis];
    map.origin[axis] += 0.5 * (windows[axis].side - 1) * grid.spacing[axis];
  }
  return map;
}

}  // namespace

double half_jeffreys(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0;
  for (std::size_t k = 0; k < p.size(); ++k) sum += (p[k] - q[k]) * std::log(p[k] / q[k]);
  return 0.5 * sum;
}

double jensen_shannon(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    const double mean = 0.5 * (p[k] + q[k]);
    sum += p[k] * std::log(p[k] / mean) + q[k] * std::log(q[k] / mean);
  }
  return 0.5 * sum;
}

std::vector<double> histogram_of_values(const std::vector<double>& numbers) {
  std::vector<double> counts(value_bins, 0.);
  constexpr double bins_per_unit = value_bins / (2 * largest_value);
  for (const double number : numbers)
    add(counts, (std::clamp(number, -largest_value, largest_value) + largest_value) * bins_per_unit - 0.5, 1,
        [](int bin) { return std::clamp(bin, 0, value_bins - 1); });
  return normalised(std::move(counts));
}

std::vector<double> histogram_of_angles(const std::vector<double>& angles,
                                        const std::vector<double>& weights) {
  std::vector<double> counts(angle_bins, 0.);
  constexpr double bins_per_radian = angle_bins / (2 * std::numbers::pi);
  for (std::size_t i = 0; i < angles.size(); ++i)
    add(counts, angles[i] * bins_per_radian, weights[i],
        [](int bin) { return ((bin % angle_bins) + angle_bins) % angle_bins; });
  return normalised(std::move(counts));
}

Divergence divergence_between(const Field& image, const Field& reflectivity, const Grid& grid,
                              const std::vector<bool>& lit) {
  const Picture first(image, grid, lit), second(reflectivity, grid, lit);
  const std::array<Windows, 3> windows{Windows(grid.size[0]), Windows(grid.size[1]), Windows(grid.size[2])};
  const std::size_t cells_of_window =
      std::size_t(windows[0].side) * std::size_t(windows[1].side) * std::size_t(windows[2].side);
  Tally jeffreys, shannon, orientation;
  for (int wx = 0; wx < windows[0].count; ++wx)
    for (int wy = 0; wy < windows[1].count; ++wy)
      for (int wz = 0; wz < windows[2].count; ++wz) {
        const std::vector<std::size_t> cells =
            lit_cells(grid, lit,
                      {windows[0].begin(wx, grid.size[0]), windows[1].begin(wy, grid.size[1]),
                       windows[2].begin(wz, grid.size[2])},
                      windows);
        if (2 * cells.size() < cells_of_window || !first.contrasted || !second.contrasted) {
          for (Tally* tally : {&jeffreys, &shannon, &orientation}) tally->skip();
          continue;
        }
        const std::vector<double> p = values_in(first, cells), q = values_in(second, cells);
        jeffreys.add(half_jeffreys(p, q));
        shannon.add(jensen_shannon(p, q));
        orientation.add(half_jeffreys(orientations_in(first, cells), orientations_in(second, cells)));
      }
  const Grid map = grid_of_windows(grid, windows);
  return {jeffreys.mean(),
          shannon.mean(),
          orientation.mean(),
          {map,
           {{"half_jeffreys", jeffreys.map(map)},
            {"jensen_shannon", shannon.map(map)},
            {"orientation", orientation.map(map)}}}};
}

}  // namespace fathom
