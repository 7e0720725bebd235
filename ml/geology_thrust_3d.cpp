// SPDX-License-Identifier: BSD-3-Clause

// A thrust belt in three dimensions. Sheets of a layered sequence were pushed over each other along ramps
// that rise from a detachment; each ramp has a strike of its own and dies out along it, so that sections
// along x differ from y to y: repeated layers and anticlines here, an undisturbed sequence there. An eroded
// surface, covered by younger beds into which a meandering channel was cut, lies over the belt, a fast
// basement under it.

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ml/geology_kinds.hpp"

namespace fathom {
namespace {

/// Ramps from the foreland backwards. The one behind is carried over those in front, which are younger.
std::vector<Movement> ramps(Random& random, const Setting& setting, double detachment, double towards) {
  const double depth = setting.depth;
  const int count = std::max(2, int(std::lround(setting.width / depth * random.uniform(0.9, 1.3))));
  std::vector<Movement> movements;
  for (int number = 0; number < count; ++number) {
    const double place = setting.width * (0.15 + 0.75 * (number + random.uniform(0.2, 0.8)) / count);
    const double strike = random.uniform(-22, 22) * degree;
    Slip slip;
    slip.fault.slope = std::tan(random.uniform(24, 36) * degree);
    slip.fault.x = towards > 0 ? place : setting.width - place;
    slip.fault.down_dip = {towards * std::cos(strike), towards * std::sin(strike)};
    slip.fault.lower_flat = detachment;
    slip.fault.upper_bend = slip.fault.lower_bend = random.uniform(0.03, 0.06) * depth;
    slip.heave = -random.uniform(0.25, 0.5) * depth;
    slip.centre = random.uniform(-0.6, 0.6) * depth;
    slip.length = random.uniform(1.3, 2.2) * depth;
    movements.push_back(slip);
  }
  return movements;
}

Channel cut_channel(Random& random, const Setting& setting, double floor) {
  Channel channel;
  channel.half_width = random.uniform(0.12, 0.2) * setting.depth;
  channel.thickness = random.uniform(0.08, 0.12) * setting.depth;
  channel.top = floor - channel.thickness;
  channel.x = random.uniform(0.35, 0.65) * setting.width;
  channel.axis = Undulation(random, {.rms = 0.2 * setting.depth,
                                     .shortest = 0.9 * setting.depth,
                                     .longest = 2 * setting.depth,
                                     .obliquity = 0,
                                     .waves = 3});
  return channel;
}

}  // namespace

std::unique_ptr<Earth> make_thrust_3d(const GeologyOptions& options) {
  const Setting setting(options, {2300, 5600, 5300, 5800, 0.09, 0.006});
  const double depth = setting.depth;
  Random random = setting.random("structure");
  const double detachment = random.uniform(0.72, 0.85) * depth, towards = random.sign();
  const double cover_base = random.uniform(0.17, 0.23) * depth;

  Chapter cover, belt, basement;
  const Undulation relief(
      random, {.rms = 0.02 * depth, .shortest = 0.8 * depth, .longest = 3 * depth, .obliquity = 1.5});
  cover.base = [relief, cover_base](double x, double y) { return cover_base + relief(x, y); };
  cover.column = setting.column("cover", {.contrast = 0.05});
  cover.datum = setting.water_depth;
  cover.texture = setting.heterogeneity("cover texture");
  const double slow = random.uniform(0.8, 0.87);
  cover.inclusions = {{cut_channel(random, setting, 0.85 * cover_base), 0, slow}};

  Fold warp;
  warp.shape = Undulation(
      random, {.rms = 0.02 * depth, .shortest = 1.3 * depth, .longest = 4 * depth, .obliquity = 1.5});
  warp.dip_x = towards * random.uniform(0, 0.05);  // the plate bends down under the belt
  warp.dip_y = random.uniform(-0.04, 0.04);
  warp.x = setting.width / 2;
  belt.movements = {warp};
  for (Movement& ramp : ramps(random, setting, detachment, towards))
    belt.movements.push_back(std::move(ramp));
  belt.base = [detachment](double, double) { return detachment; };
  belt.column = setting.column("belt", {.spread = 0.4, .contrast = 0.08, .hard_streaks = 0.1});
  belt.datum = setting.water_depth;
  belt.present_share = 0.3;
  belt.texture = setting.heterogeneity("belt texture");

  basement.column = setting.column("basement", {.spread = 0.4, .contrast = 0.03});
  basement.erosion = 0.25 * depth;
  basement.present_share = 0.3;
  basement.texture = setting.heterogeneity("basement texture");

  Earth earth = setting.ground(random.uniform(0.65, 0.8));
  earth.chapters = {std::move(cover), std::move(belt), std::move(basement)};
  return std::make_unique<Earth>(std::move(earth));
}

}  // namespace fathom
