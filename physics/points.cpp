// SPDX-License-Identifier: BSD-3-Clause
#include "physics/points.hpp"

#include <cmath>
#include <map>
#include <string>

#include "physics/error.hpp"
#include "physics/windowed_sinc.hpp"

namespace fathom {
namespace {

constexpr int half_width = 4;
constexpr double kaiser_b = 4.14;

/// The cells along one axis of the padded grid that a coordinate is spread over, with their weights.
std::map<int, double> spread(const Domain& domain, int axis, double coordinate) {
  const Grid& padded = domain.padded();
  if (!padded.active(axis)) return {{0, 1.}};
  const double place = (coordinate - padded.origin[axis]) / padded.spacing[axis];
  const double nearest = std::round(place);
  std::map<int, double> weights;
  const bool images = axis == 2 && domain.free_surface();
  const auto add = [&](int cell, double weight) {
    if (images && cell == 0) return;
    if (images && cell < 0) {
      weights[-cell] -= weight;
    } else if (cell >= 0 && cell < padded.size[axis]) {
      weights[cell] += weight;
    }
  };
  if (std::abs(place - nearest) < 1e-6) {
    add(int(nearest), 1.);
  } else {
    const int below = int(std::floor(place));
    for (int cell = below - half_width + 1; cell <= below + half_width; ++cell)
      add(cell, windowed_sinc(place - cell, half_width, kaiser_b));
  }
  return weights;
}

void require_inside(const Grid& model, const Position& position) {
  static constexpr const char* names = "xyz";
  for (int axis = 0; axis < 3; ++axis) {
    if (!model.active(axis)) continue;
    const double slack = 1e-6 * model.spacing[axis];
    if (position[axis] >= model.origin[axis] - slack && position[axis] <= model.last(axis) + slack) continue;
    throw UserError(std::string("a source or receiver at ") + names[axis] + " = " +
                        std::to_string(position[axis]) + " m lies outside the model",
                    std::string("keep it within ") + std::to_string(model.origin[axis]) + " to " +
                        std::to_string(model.last(axis)) + " m");
  }
}

template <class View, class T>
View to_view(const std::string& label, const std::vector<T>& values) {
  View view(label, values.size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t i = 0; i < values.size(); ++i) host(i) = typename View::value_type(values[i]);
  Kokkos::deep_copy(view, host);
  return view;
}

std::vector<std::vector<Companion>> each_alone(const std::vector<Position>& positions) {
  std::vector<std::vector<Companion>> points;
  for (const Position& position : positions) points.push_back({{position, 1.}});
  return points;
}

}  // namespace

Points::Points(const Domain& domain, const std::vector<Position>& positions)
    : Points(domain, each_alone(positions)) {}

Points Points::source_of(const Domain& domain, const Shot& shot) {
  std::vector<Companion> places = shot.companions;
  places.insert(places.begin(), {shot.source, 1.});
  return Points(domain, std::vector<std::vector<Companion>>{places});
}

Points::Points(const Domain& domain, const std::vector<std::vector<Companion>>& points)
    : count_(int(points.size())) {
  struct Share {
    int point;
    double weight;
  };
  std::map<int, std::vector<Share>> by_cell;
  std::map<int, int> plain_of;
  std::vector<int> begin{0}, cells;
  std::vector<double> weights;
  for (int point = 0; point < count_; ++point) {
    for (const auto& [position, amplitude] : points[point]) {
      require_inside(domain.model(), position);
      const auto xs = spread(domain, 0, position[0]), ys = spread(domain, 1, position[1]),
                 zs = spread(domain, 2, position[2]);
      for (const auto& [ix, wx] : xs)
        for (const auto& [iy, wy] : ys)
          for (const auto& [iz, wz] : zs) {
            const int cell = int(domain.index(ix, iy, iz));
            const double share = amplitude * (wx * wy * wz);
            cells.push_back(cell);
            weights.push_back(share);
            by_cell[cell].push_back({point, share});
            plain_of[cell] = (ix * domain.padded().size[1] + iy) * domain.pitch() + iz;
          }
    }
    begin.push_back(int(cells.size()));
  }
  point_begin_ = to_view<Indices>("point_begin", begin);
  point_cell_ = to_view<Indices>("point_cell", cells);
  point_weight_ = to_view<Numbers>("point_weight", weights);

  std::vector<int> cell, plain, cell_begin{0}, cell_point;
  std::vector<double> cell_weight;
  for (const auto& [where, shares] : by_cell) {
    cell.push_back(where);
    plain.push_back(plain_of[where]);
    for (const Share& share : shares) {
      cell_point.push_back(share.point);
      cell_weight.push_back(share.weight);
    }
    cell_begin.push_back(int(cell_point.size()));
  }
  cell_ = to_view<Indices>("cell", cell);
  cell_plain_ = to_view<Indices>("cell_plain", plain);
  cell_begin_ = to_view<Indices>("cell_begin", cell_begin);
  cell_point_ = to_view<Indices>("cell_point", cell_point);
  cell_weight_ = to_view<Numbers>("cell_weight", cell_weight);
}

void Points::sample(const Field& field, Real* values) const {
  const Real* u = field.data();
  const Indices begin = point_begin_, cell = point_cell_;
  const Numbers weight = point_weight_;
  Kokkos::parallel_for(
      "sample", Kokkos::RangePolicy<>(0, count_), KOKKOS_LAMBDA(int point) {
        Real sum = 0;
        for (int entry = begin(point); entry < begin(point + 1); ++entry)
          sum += weight(entry) * u[cell(entry)];
        values[point] = sum;
      });
}

void Points::inject(const Field& field, const Field& scale_field, const Real* values, Real factor,
                    Snapshot snapshot) const {
  Real* u = field.data();
  const Real* scale = scale_field.data();
  const Indices cells = cell_, plain = cell_plain_, begin = cell_begin_, point = cell_point_;
  const Numbers weight = cell_weight_;
  Kokkos::parallel_for(
      "inject", Kokkos::RangePolicy<>(0, int(cells.size())), KOKKOS_LAMBDA(int entry) {
        Real sum = 0;
        for (int share = begin(entry); share < begin(entry + 1); ++share)
          sum += weight(share) * values[point(share)];
        const Real increment = factor * scale[cells(entry)] * sum;
        u[cells(entry)] += increment;
        if (snapshot) snapshot.values[plain(entry)] += increment;
      });
}

}  // namespace fathom
