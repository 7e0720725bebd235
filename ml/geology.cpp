// SPDX-License-Identifier: BSD-3-Clause
#include "ml/geology.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ml/geology_earth.hpp"
#include "ml/geology_kinds.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

/// Samples a cell has along each axis: interfaces are steepest to see along z.
std::array<int, 3> samples_of(const Grid& grid) {
  if (grid.active(1)) return {2, 2, 4};
  return {4, 1, 4};
}

/// The velocity of the mean of 1 / velocity^2 over the cell around a place.
double cell_velocity(const Earth& earth, const Position& centre, const Grid& grid,
                     const std::array<int, 3>& samples) {
  double sum = 0, slowest = 1e30, fastest = 0;
  const auto shifted = [&](int axis, int sample) {
    if (!grid.active(axis)) return centre[axis];
    return centre[axis] + ((sample + 0.5) / samples[axis] - 0.5) * grid.spacing[axis];
  };
  for (int i = 0; i < samples[0]; ++i)
    for (int j = 0; j < samples[1]; ++j)
      for (int k = 0; k < samples[2]; ++k) {
        const double velocity = earth.velocity({shifted(0, i), shifted(1, j), shifted(2, k)});
        sum += 1 / (velocity * velocity);
        slowest = std::min(slowest, velocity);
        fastest = std::max(fastest, velocity);
      }
  const double mean = std::sqrt(samples[0] * samples[1] * samples[2] / sum);
  return std::clamp(mean, slowest, fastest);  // rounding must not move water from 1500 m/s
}

int points(double extent, double spacing, const char* key) {
  const int count = 1 + int(std::floor(extent / spacing + 1e-6));
  if (count < 2)
    throw UserError(std::string(key) + " of the generated model is shorter than its spacing",
                    "give a larger " + std::string(key) + " or a smaller spacing (m)");
  return count;
}

}  // namespace

void GeologyOptions::describe(OptionVisitor& option) {
  option("kind", kind, {.meaning = "what earth to make", .choices = geologies().names()});
  option("seed", seed, {.meaning = "each seed makes another earth of the kind", .min = 0});
  option("width", width, {.meaning = "extent along x", .unit = "m", .min = 10, .max = 1e6});
  option("depth", depth,
         {.meaning = "extent along z; lengths within the earth scale with it",
          .unit = "m",
          .min = 10,
          .max = 1e5});
  option("breadth", breadth,
         {.meaning = "extent along y; absent: 2-D, the section in the middle",
          .unit = "m",
          .min = 10,
          .max = 1e6});
  option("spacing", spacing,
         {.meaning = "between points, along every axis", .unit = "m", .min = 0.1, .max = 1000});
  option("min_velocity", min_velocity,
         {.meaning = "slowest rock; absent: the kind's own", .unit = "m/s", .min = 300, .max = 9000});
  option("max_velocity", max_velocity,
         {.meaning = "fastest rock other than bodies; absent: the kind's own",
          .unit = "m/s",
          .min = 300,
          .max = 9000});
  option("body_velocity", body_velocity,
         {.meaning = "lens of fast rock, or salt; absent: by kind and seed",
          .unit = "m/s",
          .min = 300,
          .max = 9000});
  option("water_depth", water_depth,
         {.meaning = "mean depth of the sea; 0: land; absent: the kind's own",
          .unit = "m",
          .min = 0,
          .max = 1e4});
  option("layer_thickness", layer_thickness,
         {.meaning = "mean thickness of layers; absent: the kind's own", .unit = "m", .min = 1, .max = 1e4});
  option("texture", texture,
         {.meaning = "fine heterogeneity, rms relative to the velocity; absent: the kind's own",
          .min = 0,
          .max = 0.1});
}

const Registry<Earth, const GeologyOptions&>& geologies() {
  static const Registry<Earth, const GeologyOptions&> registry(
      "kind of earth",
      {{"quickstart", "dipping layers, a normal fault and a lens of fast rock", make_quickstart},
       {"layered", "many gently undulating layers", make_layered},
       {"folded_faulted", "thin layers, folds, faults, an unconformity, channels and gas",
        make_folded_faulted},
       {"folded_3d", "domes and basins cut by oblique faults, with a meandering channel", make_folded_3d},
       {"salt", "a salt body with steep flanks and overhangs under a sea", make_salt},
       {"thrust", "a thrust belt: ramps, folds over them and repeated layers", make_thrust},
       {"thrust_3d", "oblique thrusts that die out along y under a cover with a meandering channel",
        make_thrust_3d}});
  return registry;
}

Grid geology_grid(const GeologyOptions& options) {
  const double h = options.spacing;
  const int ny = options.breadth ? points(*options.breadth, h, "breadth") : 1;
  return {{points(options.width, h, "width"), ny, points(options.depth, h, "depth")}, {h, h, h}, {0, 0, 0}};
}

Model generate(const GeologyOptions& options) {
  const Grid grid = geology_grid(options);
  const auto earth = geologies().make(options.kind, options);
  const std::array<int, 3> samples = samples_of(grid);
  const double middle = options.breadth.value_or(0) / 2;
  std::vector<double> velocity;
  velocity.reserve(grid.cells());
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz)
        velocity.push_back(cell_velocity(
            *earth, {grid.coordinate(0, ix), grid.coordinate(1, iy) - middle, grid.coordinate(2, iz)}, grid,
            samples));
  Model model{grid, {}};
  model["vp"] = make_field("vp", grid);
  from_host(velocity, model["vp"]);
  return model;
}

}  // namespace fathom
