// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/guide.hpp"

#include <algorithm>
#include <array>

namespace fathom {
namespace {

constexpr const char* components[] = {"p_x", "p_y", "p_z"};

std::array<std::size_t, 3> strides_of(const Grid& grid) {
  return {std::size_t(grid.size[1]) * grid.size[2], std::size_t(grid.size[2]), 1};
}

/// Steps from each cell to the nearest frozen one, `most` where there are more.
std::vector<int> steps_to_frozen(const Grid& grid, const std::vector<bool>& frozen, int most) {
  const std::array<std::size_t, 3> strides = strides_of(grid);
  std::vector<int> steps(frozen.size());
  for (std::size_t cell = 0; cell < frozen.size(); ++cell) steps[cell] = frozen[cell] ? 0 : most;
  for (int pass = 1; pass < most; ++pass) {
    const std::vector<int> before = steps;
    for (std::size_t cell = 0; cell < steps.size(); ++cell)
      for (int axis = 0; axis < 3; ++axis) {
        const int place = int(cell / strides[axis] % std::size_t(grid.size[axis]));
        if (place > 0) steps[cell] = std::min(steps[cell], before[cell - strides[axis]] + 1);
        if (place + 1 < grid.size[axis])
          steps[cell] = std::min(steps[cell], before[cell + strides[axis]] + 1);
      }
  }
  return steps;
}

}  // namespace

void OracleOptions::describe(OptionVisitor& option) {
  option("blur", blur,
         {.meaning = "standard deviation of a Gaussian on the true model before its edges are taken",
          .unit = "cells",
          .min = 0,
          .max = 1000});
  option("flip", flip,
         {.meaning = "share of the cells whose edges are told to jump the wrong way", .min = 0, .max = 1});
  option("seed", seed, {.meaning = "which cells these are", .min = 0, .max = 2147483647});
}

GuideOptions::GuideOptions() : kinds(guides().names()) {}

void GuideOptions::describe(OptionVisitor& option) {
  option(
      "kind", kind,
      {.meaning = "none: edges may be anywhere and jump either way; hinge: an increase with depth is cheap, "
                  "a decrease dear; structure: along the edges of the migrated data and the current model; "
                  "given: from a file; network: by a network that fathom trained; torchscript: by one "
                  "of your own",
       .choices = kinds});
  option("gamma", gamma,
         {.meaning = "how much cheaper the favoured jump is: 1 - gamma against 1 + gamma",
          .min = 0,
          .max = largest_steering});
  option("theta_min", theta_min,
         {.meaning = "weight of the variation on a certain edge", .min = 0.001, .max = 1});
  option("smoothing", smoothing,
         {.meaning = "standard deviation of the Gaussian over which normals are averaged (structure)",
          .unit = "cells",
          .min = 0.1,
          .max = 100});
  option(
      "taper", taper,
      {.meaning = "width over which the steering fades towards boundaries and frozen cells; not for a hinge",
       .unit = "cells",
       .min = 1,
       .max = 1000});
  option("largest_jump", largest_jump,
         {.meaning = "a network's reference velocity is kept within so much of the model",
          .unit = "m/s",
          .min = 1,
          .max = 10000});
  option("least_confidence", least_confidence,
         {.meaning = "a network says nothing where its confidence is below this in every cell",
          .min = 0,
          .max = 1});
  option("file", file,
         {.meaning = "file of a given guide: /guide/{theta, p, reference, confidence}, see fathom convert "
                     "--oracle; of a torchscript one: a module that maps [1, 9, x, z] to [1, 6, x, z] as "
                     "ml/channels.hpp says; of a network: what fathom train made; absent: the one that comes "
                     "with fathom"});
  option.section(
      "oracle", oracle,
      "in the place of a given guide's file: what someone would say who knows the case's true model");
}

Guidance abstention(const Grid& grid, const std::string& why) {
  Guidance nothing{grid, {}, {}, {}, {}};
  nothing.abstained = "the guide says nothing: " + why;
  return nothing;
}

Guidance for_falling_parameter(const Guidance& of_velocity) {
  Guidance flipped = of_velocity;
  if (!of_velocity.steered()) return flipped;
  flipped.p = make_vector_field("steering", of_velocity.grid);
  const VectorField from = of_velocity.p, to = flipped.p;
  for_each_cell(
      "flip steering", of_velocity.grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        set_vector(to, ix, iy, iz, vector_at(from, ix, iy, iz) * Real(-1));
      });
  return flipped;
}

Guidance on_grid(const Guidance& guidance, const Grid& grid) {
  if (guidance.grid == grid) return guidance;
  Model fields{guidance.grid, {}};
  if (guidance.weighted()) fields["theta"] = guidance.theta;
  for (int axis = 0; axis < 3 && guidance.steered(); ++axis) fields[components[axis]] = guidance.p[axis];
  if (guidance.reference.size() > 0) fields["reference"] = guidance.reference;
  if (guidance.confidence.size() > 0) fields["confidence"] = guidance.confidence;
  const Model there = resample(fields, grid);
  const auto field = [&](const char* name) {
    const auto found = there.properties.find(name);
    return found == there.properties.end() ? Field() : found->second;
  };
  return {grid,
          field("theta"),
          {field(components[0]), field(components[1]), field(components[2])},
          field("reference"),
          field("confidence")};
}

void taper_steering(Guidance& guidance, const std::vector<bool>& frozen, int cells) {
  if (!guidance.steered()) return;
  const Grid& grid = guidance.grid;
  const std::array<std::size_t, 3> strides = strides_of(grid);
  const std::vector<int> steps = steps_to_frozen(grid, frozen, cells + 1);
  for (int axis = 0; axis < 3; ++axis) {
    std::vector<double> values = to_host(guidance.p[axis]);
    for (std::size_t cell = 0; cell < values.size(); ++cell) {
      // A difference reaches one cell further along its axis.
      int nearest = steps[cell];
      for (int along = 0; along < 3; ++along) {
        const int place = int(cell / strides[along] % std::size_t(grid.size[along]));
        if (place + 1 < grid.size[along]) nearest = std::min(nearest, steps[cell + strides[along]]);
        if (along == axis) nearest = std::clamp(std::min(place, grid.size[along] - 2 - place), 0, nearest);
      }
      values[cell] *= std::min(1., double(nearest) / cells);
    }
    guidance.p[axis] = make_field("steering", grid);
    from_host(values, guidance.p[axis]);
  }
}

}  // namespace fathom
