// SPDX-License-Identifier: BSD-3-Clause
#include "ml/geology_kinds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "physics/error.hpp"

namespace fathom {
namespace {

/// A normal fault through (x, depth), dipping towards larger x or, with side -1, smaller.
FaultSurface normal_fault(double x, double depth, double side, double dip, double strike, double detachment) {
  FaultSurface fault;
  fault.slope = std::tan(dip);
  fault.x = x - side * depth / fault.slope;
  fault.down_dip = {side * std::cos(strike), side * std::sin(strike)};
  fault.lower_flat = detachment;
  fault.lower_bend = 0.15 * detachment;
  return fault;
}

/// Normal faults across the section, most of them dipping to one side as dominoes do, the youngest first.
std::vector<Movement> fault_array(Random& random, const Setting& setting, int count, double tip) {
  std::vector<Movement> faults;
  const double depth = setting.depth, side = random.sign();
  for (int number = 0; number < count; ++number) {
    const double x = setting.width * (number + random.uniform(0.2, 0.8)) / count;
    const double own_side = random.chance(0.25) ? -side : side;
    Slip slip;
    const double dip = random.uniform(50, 68) * degree, detachment = random.uniform(1.1, 2.5) * depth;
    slip.fault = normal_fault(x, 0.5 * depth, own_side, dip, 0, detachment);
    slip.heave = random.uniform(0.025, 0.12) * depth / slip.fault.slope;
    slip.tip = tip + random.uniform(-0.1, 0.1) * depth;
    slip.tip_height = random.uniform(0.15, 0.4) * depth;
    faults.push_back(slip);
  }
  return faults;
}

Channel random_channel(Random& random, const Setting& setting, double shallowest, double deepest) {
  Channel channel;
  channel.top = random.uniform(shallowest, deepest) * setting.depth;
  channel.half_width = random.uniform(0.06, 0.18) * setting.depth;
  channel.thickness = random.uniform(0.02, 0.05) * setting.depth;
  channel.x = random.uniform(0.1, 0.9) * setting.width;
  channel.axis = Undulation(random, {.rms = 0.2 * setting.depth,
                                     .shortest = 0.8 * setting.depth,
                                     .longest = 2 * setting.depth,
                                     .obliquity = 0,
                                     .waves = 3});
  return channel;
}

/// The present depth at which the layer with the given top starts below x; negative: nowhere.
double depth_of_layer(const Earth& earth, const Chapter& chapter, double top, double x, double depth) {
  constexpr int steps = 240;
  for (int step = 0; step < steps; ++step) {
    const double z = depth * step / steps;
    const Earth::Origin origin = earth.origin({x, 0, z});
    if (origin.chapter == &chapter && chapter.column.at(origin.laid_down[2]).top == top) return z;
  }
  return -1;
}

/// Fills the highest part of some layer near a place with gas, down to a flat contact.
void trap_gas(Earth& earth, Random& random, const Setting& setting) {
  const double depth = setting.depth;
  const double x = random.uniform(0.1, 0.9) * setting.width, z = random.uniform(0.2, 0.6) * depth;
  const Earth::Origin origin = earth.origin({x, 0, z});
  Gas gas;
  gas.top = origin.chapter->column.at(origin.laid_down[2]).top;
  double crest = depth;
  for (double at = x - 0.6 * depth; at <= x + 0.6 * depth; at += 0.03 * depth) {
    const double found = depth_of_layer(earth, *origin.chapter, gas.top, at, depth);
    if (found < 0 || found >= crest) continue;
    crest = found;
    gas.x = at;
  }
  if (crest < 0.1 * depth || crest == depth) return;  // it crops out: nothing holds the gas
  gas.crest = crest;
  gas.column = random.uniform(0.015, 0.04) * depth;
  gas.reach = random.uniform(0.15, 0.4) * depth;
  gas.factor = random.uniform(0.78, 0.9);
  for (Chapter& chapter : earth.chapters)
    if (&chapter == origin.chapter) chapter.gas.push_back(gas);
}

/// An unconformity near a depth, with some relief.
Surface erosion_surface(Random& random, double mean, double relief, const Setting& setting) {
  const Undulation shape(
      random, {.rms = relief, .shortest = 0.5 * setting.depth, .longest = 3 * setting.depth, .waves = 5});
  const double dip = random.uniform(-0.04, 0.04), middle = setting.width / 2;
  return [=](double x, double y) { return mean + dip * (x - middle) + shape(x, y); };
}

}  // namespace

Setting::Setting(const GeologyOptions& options, const GeologyDefaults& defaults)
    : seed(std::uint64_t(options.seed)), width(options.width), depth(options.depth) {
  Random random = this->random("body velocity");
  min_velocity = options.min_velocity.value_or(defaults.min_velocity);
  max_velocity = options.max_velocity.value_or(std::max(defaults.max_velocity, min_velocity));
  if (min_velocity > max_velocity)
    throw UserError("min_velocity of the generated model is above its max_velocity", "exchange them");
  body_velocity =
      options.body_velocity.value_or(random.uniform(defaults.body_slowest, defaults.body_fastest));
  layer_thickness = options.layer_thickness.value_or(defaults.layer_thickness * depth);
  water_depth = options.water_depth.value_or(defaults.water_depth * depth);
  texture = options.texture.value_or(defaults.texture);
}

Column Setting::column(std::string_view stream, Column::Style style) const {
  Random draws = random(stream);
  style.thickness = layer_thickness;
  style.reach = 4 * depth;
  return {draws, style};
}

Texture Setting::heterogeneity(std::string_view stream) const {
  Random draws = random(stream);
  return {draws, texture, {0.15 * depth, 0.15 * depth, 0.015 * depth}};
}

Earth Setting::ground(double compaction_exponent) const {
  Earth earth;
  const double range = max_velocity - min_velocity;
  earth.min_velocity = min_velocity;
  earth.max_velocity = max_velocity;
  earth.compaction = {min_velocity + 0.06 * range, min_velocity + 0.77 * range, depth, compaction_exponent};
  if (water_depth > 0) {
    Random draws = random("sea floor");
    const Undulation relief(draws,
                            {.rms = 0.12 * water_depth, .shortest = 0.6 * depth, .longest = 3 * depth});
    earth.sea_floor = [relief, mean = water_depth](double x, double y) { return mean + relief(x, y); };
  }
  return earth;
}

std::unique_ptr<Earth> make_quickstart(const GeologyOptions& options) {
  const Setting setting(options, {1600, 3200, 3500, 4000, 0.1, 0.004});
  const double depth = setting.depth;
  Random random = setting.random("structure");
  const double side = random.sign(), trace = setting.width * random.uniform(0.42, 0.58);

  Slip slip;
  slip.fault = normal_fault(trace, 0.5 * depth, side, random.uniform(54, 62) * degree, 0, 1.7 * depth);
  slip.heave = random.uniform(0.09, 0.125) * depth / slip.fault.slope;
  slip.tip = -0.15 * depth;
  slip.tip_height = 0.4 * depth;
  Fold fold;
  fold.shape = Undulation(random, {.rms = 0.03 * depth, .shortest = 0.9 * depth, .longest = 2.2 * depth});
  fold.dip_x = random.either_way(0.02, 0.06);
  fold.x = setting.width / 2;

  Lens lens;
  const double away = random.either_way(0.15, 0.21) * std::max(setting.width, 2 * depth);
  lens.centre = {trace + away, 0, random.uniform(0.5, 0.62) * depth};
  lens.half = {random.uniform(0.15, 0.2) * depth, 0.3 * depth, random.uniform(0.045, 0.06) * depth};

  Chapter chapter;
  chapter.movements = {slip, fold};
  chapter.column = setting.column("column", {.spread = 0.3, .contrast = 0.06, .persistence = -0.6});
  chapter.datum = setting.water_depth;
  chapter.texture = setting.heterogeneity("texture");
  chapter.inclusions = {{lens, setting.body_velocity, 1}};
  Earth earth = setting.ground(0.9);
  earth.chapters = {std::move(chapter)};
  return std::make_unique<Earth>(std::move(earth));
}

std::unique_ptr<Earth> make_layered(const GeologyOptions& options) {
  const Setting setting(options, {1600, 4200, 4000, 4500, 0.05, 0.006});
  const double depth = setting.depth;
  Random random = setting.random("structure");
  Fold growth, gentle;  // the first makes wedges, the second bends all layers alike
  growth.shape = Undulation(
      random, {.rms = random.uniform(0.008, 0.03) * depth, .shortest = 1.2 * depth, .longest = 4 * depth});
  growth.dip_x = random.uniform(-0.08, 0.08);
  growth.dip_y = random.uniform(-0.05, 0.05);
  growth.x = random.uniform(0, 1) * setting.width;
  growth.full = 1.3 * depth;
  gentle.shape = Undulation(
      random, {.rms = random.uniform(0.004, 0.015) * depth, .shortest = 1.5 * depth, .longest = 5 * depth});
  gentle.dip_x = random.uniform(-0.04, 0.04);
  gentle.x = setting.width / 2;

  Chapter chapter;
  chapter.movements = {gentle, growth};
  chapter.column = setting.column("column", {.spread = random.uniform(0.3, 0.6),
                                             .contrast = random.uniform(0.04, 0.08),
                                             .persistence = random.uniform(-0.4, 0.5),
                                             .hard_streaks = random.uniform(0, 0.1)});
  chapter.datum = setting.water_depth;
  chapter.texture = setting.heterogeneity("texture");
  Earth earth = setting.ground(random.uniform(0.6, 1));
  earth.chapters = {std::move(chapter)};
  return std::make_unique<Earth>(std::move(earth));
}

std::unique_ptr<Earth> make_folded_faulted(const GeologyOptions& options) {
  const Setting setting(options, {1500, 4600, 4000, 4500, 0.028, 0.01});
  const double depth = setting.depth;
  Random random = setting.random("structure");
  const double across = setting.width / depth;
  const double cover = random.uniform(0.15, 0.4) * depth;

  Chapter young, old;
  young.base = erosion_surface(random, cover, 0.015 * depth, setting);
  Fold drape;
  drape.shape = Undulation(random, {.rms = 0.012 * depth, .shortest = depth, .longest = 4 * depth});
  drape.dip_x = random.uniform(-0.03, 0.03);
  drape.x = setting.width / 2;
  if (random.chance(0.6)) young.movements = fault_array(random, setting, std::max(1, int(across * 0.5)), 0);
  young.movements.push_back(drape);
  young.column = setting.column("young", {.spread = 0.5, .contrast = 0.05});
  young.datum = setting.water_depth;
  young.texture = setting.heterogeneity("young texture");
  const int channels = random.integer(1, 3);
  for (int channel = 0; channel < channels; ++channel)
    young.inclusions.push_back(
        {random_channel(random, setting, 0.05, 0.9 * cover / depth), 0,
         random.chance(0.6) ? random.uniform(0.85, 0.93) : random.uniform(1.07, 1.15)});

  const int faults = std::max(1, int(std::lround(across * random.uniform(0.7, 1.6))));
  old.movements = fault_array(random, setting, faults, 0);
  Fold fold;
  fold.shape = Undulation(
      random, {.rms = random.uniform(0.035, 0.075) * depth, .shortest = 0.9 * depth, .longest = 2.6 * depth});
  fold.dip_x = random.uniform(-0.12, 0.12);
  fold.x = setting.width / 2;
  fold.still = -0.6 * depth;
  fold.full = random.uniform(0.4, 1) * depth;
  old.movements.push_back(fold);
  old.column = setting.column("old", {.spread = 0.6, .contrast = 0.075, .hard_streaks = 0.06});
  old.erosion = random.uniform(0.1, 0.35) * depth;
  old.datum = setting.water_depth;
  old.texture = setting.heterogeneity("old texture");
  old.inclusions = {{random_channel(random, setting, 0.4, 0.7), 0, random.uniform(0.85, 0.92)}};

  Earth earth = setting.ground(random.uniform(0.65, 0.95));
  earth.chapters = {std::move(young), std::move(old)};
  const int traps = random.integer(1, 3);
  for (int trap = 0; trap < traps; ++trap) trap_gas(earth, random, setting);
  return std::make_unique<Earth>(std::move(earth));
}

std::unique_ptr<Earth> make_folded_3d(const GeologyOptions& options) {
  const Setting setting(options, {1600, 4400, 4000, 4500, 0.065, 0.008});
  const double depth = setting.depth;
  Random random = setting.random("structure");
  Chapter young, old;
  young.base = erosion_surface(random, random.uniform(0.15, 0.3) * depth, 0.02 * depth, setting);
  Fold drape;
  drape.shape =
      Undulation(random, {.rms = 0.012 * depth, .shortest = depth, .longest = 4 * depth, .obliquity = 1.5});
  drape.dip_y = random.uniform(-0.03, 0.03);
  young.movements = {drape};
  young.column = setting.column("young", {.contrast = 0.05});
  young.datum = setting.water_depth;
  young.texture = setting.heterogeneity("young texture");
  const double slow = random.uniform(0.84, 0.92);
  young.inclusions = {{random_channel(random, setting, 0.06, 0.15), 0, slow}};

  const int faults = random.integer(1, 3);
  const double side = random.sign();
  for (int number = 0; number < faults; ++number) {
    const double x = setting.width * (number + random.uniform(0.3, 0.7)) / faults;
    Slip slip;
    const double dip = random.uniform(52, 65) * degree, strike = 0.35 * random.normal();
    slip.fault = normal_fault(x, 0.5 * depth, side, dip, strike, random.uniform(1.2, 2.5) * depth);
    slip.heave = random.uniform(0.07, 0.15) * depth / slip.fault.slope;
    slip.centre = random.uniform(-0.5, 0.5) * depth;
    slip.length = random.uniform(1.2, 2.5) * depth;
    old.movements.push_back(slip);
  }
  Fold domes;
  domes.shape = Undulation(random, {.rms = random.uniform(0.04, 0.07) * depth,
                                    .shortest = depth,
                                    .longest = 2.4 * depth,
                                    .obliquity = 1.5});
  domes.dip_x = random.uniform(-0.1, 0.1);
  domes.dip_y = random.uniform(-0.1, 0.1);
  domes.x = setting.width / 2;
  old.movements.push_back(domes);
  old.column = setting.column("old", {.spread = 0.4, .contrast = 0.07, .hard_streaks = 0.05});
  old.erosion = random.uniform(0.1, 0.3) * depth;
  old.datum = setting.water_depth;
  old.texture = setting.heterogeneity("old texture");

  Earth earth = setting.ground(0.8);
  earth.chapters = {std::move(young), std::move(old)};
  return std::make_unique<Earth>(std::move(earth));
}

}  // namespace fathom
