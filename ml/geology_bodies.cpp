// SPDX-License-Identifier: BSD-3-Clause
#include "ml/geology_bodies.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fathom {

double Lens::operator()(const Position& place) const {
  const double length = std::hypot(1, slope);
  const double dx = place[0] - centre[0], dz = place[2] - centre[2];
  const double along = (dx + slope * dz) / length;
  const double across = (dz - slope * dx) / length - rough(place[0], place[1]);
  const double radius = std::hypot(along / half[0], (place[1] - centre[1]) / half[1], across / half[2]);
  return half[2] * (1 - radius);
}

double Channel::operator()(const Position& place) const {
  const double across = (place[0] - x - axis(place[1], 0)) / half_width;
  const double floor = top + thickness * (1 - across * across);
  return std::min(place[2] - top, floor - place[2]);
}

double Diapir::operator()(const Position& place) const {
  const double dx = place[0] - x - lean * (base - place[2]);
  const double distance = std::hypot(dx, place[1] / stretch_y);
  if (place[2] <= crest) return -std::hypot(distance, crest - place[2]);

  constexpr double head_at = 0.74, head_height = 0.2,
                   foot_height = 0.13;  // shares of the way from base to crest
  const double t = (base - place[2]) / (base - crest);
  const double to_right = 0.5 + 0.5 * dx / (distance + 0.1 * stem);
  const double from_head = (t - head_at) / head_height;
  double width = stem + rough(place[2], place[1]) + pedestal * std::exp(-std::max(t, 0.) / foot_height) +
                 (head_left + (head_right - head_left) * to_right) * std::exp(-from_head * from_head);
  const double crown = std::max(0., t - head_at) / (1 - head_at);
  width *= std::sqrt(1 - crown * crown);
  return std::min(width - distance, base - place[2]);
}

double Pillows::operator()(const Position& place) const {
  const double top = base - thickness - swell(place[0], place[1]);
  return std::min(base - place[2], place[2] - top);
}

LevelSet blend(std::vector<LevelSet> parts, double radius) {
  return [parts = std::move(parts), radius](const Position& place) {
    double level = parts.front()(place);
    for (std::size_t part = 1; part < parts.size(); ++part)
      level = soft_max(level, parts[part](place), radius);
    return level;
  };
}

}  // namespace fathom
