// SPDX-License-Identifier: BSD-3-Clause

// Salt basins and thrust belts.

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/geology_kinds.hpp"

namespace fathom {
namespace {

Diapir random_diapir(Random& random, const Setting& setting, double base) {
  const double depth = setting.depth;
  Diapir diapir;
  diapir.x = random.uniform(0.3, 0.7) * setting.width;
  diapir.base = base;
  diapir.crest = setting.water_depth + random.uniform(0.1, 0.3) * depth;
  diapir.lean = random.uniform(-0.3, 0.3);
  diapir.stem = random.uniform(0.1, 0.28) * depth;
  diapir.pedestal = random.uniform(0.2, 0.5) * depth;
  diapir.head_left = random.uniform(-0.02, 0.35) * depth;
  diapir.head_right = random.uniform(-0.02, 0.35) * depth;
  diapir.stretch_y = random.uniform(0.9, 2);
  diapir.rough = Undulation(
      random, {.rms = 0.016 * depth, .shortest = 0.15 * depth, .longest = 0.7 * depth, .obliquity = 1});
  return diapir;
}

/// A sheet of salt that flowed out of the head of a diapir.
Lens random_tongue(Random& random, const Setting& setting, const Diapir& diapir) {
  const double depth = setting.depth, side = random.sign();
  const double reach = random.uniform(0.45, 0.9) * depth, thickness = random.uniform(0.05, 0.085) * depth;
  const double z = diapir.crest + 0.25 * (diapir.base - diapir.crest) + thickness;
  const double axis = diapir.x + diapir.lean * (diapir.base - z);
  Lens tongue;
  tongue.centre = {axis + side * 0.8 * reach, 0, z};
  tongue.half = {reach, reach, thickness};
  tongue.slope = -side * random.uniform(0.05, 0.15);  // it climbs as it spreads
  tongue.rough = Undulation(random, {.rms = 0.014 * depth, .shortest = 0.4 * depth, .longest = depth});
  return tongue;
}

/// All salt above the base of its source layer.
LevelSet random_salt(Random& random, const Setting& setting, const Diapir& diapir) {
  const double depth = setting.depth;
  Pillows pillows;
  pillows.base = diapir.base;
  pillows.thickness = random.uniform(0, 0.05) * depth;
  pillows.swell = Undulation(random, {.rms = 0.03 * depth, .shortest = 0.9 * depth, .longest = 2.5 * depth});
  std::vector<LevelSet> parts{diapir, pillows};
  if (random.chance(0.45)) parts.push_back(random_tongue(random, setting, diapir));
  const LevelSet salt = blend(std::move(parts), 0.015 * depth);
  return [salt, base = diapir.base](const Position& place) { return std::min(salt(place), base - place[2]); };
}

Drag drag_around(Random& random, const Setting& setting, const Diapir& diapir) {
  Drag drag;
  drag.x = diapir.x;
  drag.lean = diapir.lean;
  drag.base = diapir.base;
  drag.radius = diapir.stem + 0.7 * std::max({diapir.head_left, diapir.head_right, 0.1 * setting.depth});
  drag.stretch_y = diapir.stretch_y;
  drag.uplift = random.uniform(0.08, 0.16) * setting.depth;
  drag.rim = random.uniform(0.02, 0.06) * setting.depth;
  drag.still = setting.water_depth;
  drag.full = diapir.crest + 0.4 * setting.depth;
  return drag;
}

/// Traces of thrusts where they started, counted from the foreland, and the slip on each: a thrust carries
/// the older ones behind it towards the foreland.
struct Thrust {
  double start, slip;
};

std::vector<Thrust> random_thrusts(Random& random, const Setting& setting) {
  const double across = setting.width / setting.depth;
  const int count = std::clamp(int(std::lround(across * random.uniform(0.8, 1.2))), 2, 8);
  std::vector<Thrust> thrusts;
  double carried = 0;
  for (int number = 0; number < count; ++number) {
    const double now = setting.width * (0.05 + 0.85 * (number + random.uniform(0.1, 0.7)) / count);
    const double slip = random.uniform(0.2, 0.6) * setting.depth;
    thrusts.push_back({now + carried, slip});
    carried += slip;
  }
  return thrusts;
}

}  // namespace

std::unique_ptr<Earth> make_salt(const GeologyOptions& options) {
  const Setting setting(options, {1600, 4000, 4400, 4600, 0.035, 0.008, 0.1});
  const double depth = setting.depth;
  Random random = setting.random("structure");
  const Diapir diapir = random_diapir(random, setting, random.uniform(0.8, 0.95) * depth);

  Chapter basin, deep;
  Fold fold;  // minibasins deepen while they fill
  fold.shape = Undulation(
      random, {.rms = random.uniform(0.015, 0.04) * depth, .shortest = depth, .longest = 3 * depth});
  fold.dip_x = random.uniform(-0.04, 0.04);
  fold.x = setting.width / 2;
  fold.still = setting.water_depth;
  fold.full = 0.8 * depth;
  const double slide = diapir.base - 0.35 * depth;
  basin.movements = {Detached{drag_around(random, setting, diapir), slide, diapir.base},
                     Detached{fold, slide, diapir.base}};
  basin.base = [base = diapir.base](double, double) { return base; };
  basin.column = setting.column("basin", {.spread = 0.5, .contrast = 0.055});
  basin.datum = setting.water_depth;
  basin.present_share = 0.65;
  basin.texture = setting.heterogeneity("basin texture");

  Fold tilt;
  tilt.shape = Undulation(random, {.rms = 0.015 * depth, .shortest = depth, .longest = 3 * depth});
  tilt.dip_x = random.uniform(-0.08, 0.08);
  tilt.x = setting.width / 2;
  deep.movements = {tilt};
  deep.column = setting.column("deep", {.spread = 0.4, .contrast = 0.04});
  deep.erosion = 0.15 * depth;
  deep.datum = setting.water_depth;
  deep.texture = setting.heterogeneity("deep texture");

  Earth earth = setting.ground(random.uniform(0.6, 0.8));
  earth.bodies = {{random_salt(random, setting, diapir), setting.body_velocity}};
  earth.chapters = {std::move(basin), std::move(deep)};
  return std::make_unique<Earth>(std::move(earth));
}

std::unique_ptr<Earth> make_thrust(const GeologyOptions& options) {
  const Setting setting(options, {2300, 5900, 5500, 6000, 0.04, 0.008});
  const double depth = setting.depth;
  Random random = setting.random("structure");
  const double detachment = random.uniform(0.7, 0.9) * depth;
  const bool to_left = random.chance(0.5);  // where the foreland is

  Chapter soil, belt, basement;
  Undulation relief(random, {.rms = 0.03 * depth, .shortest = 0.7 * depth, .longest = 3 * depth});
  soil.base = [relief, mean = random.uniform(-0.01, 0.05) * depth](double x, double y) {
    return mean + relief(x, y);
  };
  soil.column = setting.column("soil", {.contrast = 0.04});
  soil.texture = setting.heterogeneity("soil texture");

  Fold warp;
  warp.shape = Undulation(random, {.rms = 0.015 * depth, .shortest = 1.5 * depth, .longest = 5 * depth});
  warp.dip_x = (to_left ? 1 : -1) * random.uniform(0, 0.05);  // the plate bends down under the belt
  warp.x = setting.width / 2;
  belt.movements = {warp};
  for (const Thrust& thrust : random_thrusts(random, setting)) {
    Slip slip;
    slip.fault.slope = std::tan(random.uniform(24, 36) * degree);
    slip.fault.down_dip = {to_left ? 1. : -1., 0};
    slip.fault.x = to_left ? thrust.start : setting.width - thrust.start;
    slip.fault.upper_flat = random.chance(0.35) ? random.uniform(0.05, 0.2) * depth : -1e5;
    slip.fault.lower_flat = detachment;
    slip.fault.upper_bend = slip.fault.lower_bend = random.uniform(0.02, 0.05) * depth;
    slip.heave = -thrust.slip;
    belt.movements.push_back(slip);
  }
  belt.base = [detachment](double, double) { return detachment; };
  belt.column = setting.column("belt", {.spread = 0.5, .contrast = 0.07, .hard_streaks = 0.12});
  belt.present_share = 0.2;
  belt.texture = setting.heterogeneity("belt texture");

  basement.column = setting.column("basement", {.spread = 0.4, .contrast = 0.03});
  basement.erosion = 0.2 * depth;
  basement.present_share = 0.2;
  basement.texture = setting.heterogeneity("basement texture");

  Earth earth = setting.ground(random.uniform(0.6, 0.8));
  earth.chapters = {std::move(soil), std::move(belt), std::move(basement)};
  return std::make_unique<Earth>(std::move(earth));
}

}  // namespace fathom
