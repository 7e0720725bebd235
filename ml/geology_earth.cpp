// SPDX-License-Identifier: BSD-3-Clause
#include "ml/geology_earth.hpp"

#include <algorithm>
#include <cmath>

namespace fathom {

double Compaction::velocity(double burial) const {
  return min + (max - min) * std::pow(std::max(burial, 0.) / depth, exponent);
}

Column::Column(Random& random, const Style& style) {
  double top = -style.reach, deviation = random.normal();
  while (top < style.reach) {
    const bool hard = random.chance(style.hard_streaks);
    layers_.push_back({top, hard ? random.uniform(1.5, 3) * style.contrast
                                 : style.contrast * std::clamp(deviation, -2., 2.)});
    const double shape = std::clamp(random.normal(), -2., 2.);
    top += style.thickness * std::exp(style.spread * (shape - style.spread / 2));
    deviation = style.persistence * deviation +
                std::sqrt(1 - style.persistence * style.persistence) * random.normal();
  }
}

const Column::Layer& Column::at(double depth) const {
  const auto below = std::upper_bound(layers_.begin(), layers_.end(), depth,
                                      [](double z, const Layer& layer) { return z < layer.top; });
  return below == layers_.begin() ? layers_.front() : *(below - 1);
}

Earth::Origin Earth::origin(const Position& place) const {
  Position before = place;
  for (const Chapter& chapter : chapters) {
    for (const Movement& movement : chapter.movements) before = movement(before);
    if (!chapter.base || before[2] < chapter.base(before[0], before[1])) return {&chapter, before};
  }
  return {&chapters.back(), before};
}

double Earth::rock(const Origin& origin, const Position& place, double floor) const {
  const Chapter& chapter = *origin.chapter;
  const Position& then = origin.laid_down;
  const Column::Layer& layer = chapter.column.at(then[2]);
  double factor = 1 + layer.contrast;
  for (const Inclusion& inclusion : chapter.inclusions)
    if (inclusion.shape(then) > 0) {
      if (inclusion.velocity > 0) return inclusion.velocity;
      factor *= inclusion.factor;
      break;
    }
  for (const Gas& gas : chapter.gas)
    if (layer.top == gas.top) {
      const double along = (place[0] - gas.x) / gas.reach;
      if (place[2] < gas.crest + gas.column * (1 - along * along)) factor *= gas.factor;
    }
  const double burial = chapter.present_share * (place[2] - floor) +
                        (1 - chapter.present_share) * (layer.top - chapter.datum + chapter.erosion);
  const double velocity = compaction.velocity(burial) * factor * (1 + chapter.texture(then));
  return std::clamp(velocity, min_velocity, max_velocity);
}

double Earth::velocity(const Position& place) const {
  const double floor = sea_floor ? sea_floor(place[0], place[1]) : 0;
  if (sea_floor && place[2] < floor) return water_velocity;
  for (const Body& body : bodies)
    if (body.shape(place) > 0) return body.velocity;
  return rock(origin(place), place, floor);
}

}  // namespace fathom
