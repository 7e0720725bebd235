// SPDX-License-Identifier: BSD-3-Clause
#include "solver/training_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ml/geology_random.hpp"

namespace fathom {
namespace {

constexpr double fastest_water = 1510;  // m/s

/// A kind's own velocities of rock, which a recipe scales.
struct RockVelocities {
  double slowest, fastest;  // m/s
};

RockVelocities velocities_of(const std::string& kind) {
  if (kind == "thrust") return {2300, 5500};
  if (kind == "folded_faulted") return {1550, 4600};
  return {1600, 4100};
}

double draw(Random& random, const std::vector<double>& range) {
  return random.uniform(range[0], range[1]);
}

int draw_cells(Random& random, const std::vector<double>& range) {
  return int(std::lround(draw(random, range)));
}

GeologyOptions draw_earth(Random& random, const RecipeOptions& recipe, int number) {
  const SectionOptions& sections = recipe.sections;
  GeologyOptions earth;
  earth.kind = sections.kinds[std::size_t(random.integer(0, int(sections.kinds.size()) - 1))];
  // Recipes of different seeds share no earth.
  earth.seed = first_training_seed * (1 + recipe.seed) + number;
  const double spacing =
      std::exp(random.uniform(std::log(sections.spacing[0]), std::log(sections.spacing[1])));
  earth.spacing = 0.5 * std::round(spacing);  // that of the data's simulation
  earth.width = 2 * earth.spacing * (draw_cells(random, sections.width) - 1);
  earth.depth = 2 * earth.spacing * (draw_cells(random, sections.depth) - 1);
  const double scale = draw(random, sections.velocity_scale);
  const RockVelocities rock = velocities_of(earth.kind);
  earth.min_velocity = std::max(1500., scale * rock.slowest);
  earth.max_velocity = scale * rock.fastest;
  const double water = random.uniform(0.02, 0.15) * earth.depth;
  earth.water_depth = random.chance(0.7) ? water : 0;
  return earth;
}

SurveyOptions draw_survey(Random& random, const SectionOptions& sections, const GeologyOptions& earth,
                          double last_edge) {
  const double h = 2 * earth.spacing, end = earth.width - 2 * h;
  SurveyOptions survey;
  survey.sources = {{2 * h, h}, {end, h}, sections.shots, {}, 1};
  survey.receivers = {{h, h}, {earth.width - h, h}, int(earth.width / (2 * h)), {}, 1};
  survey.wavelet.frequency = random.uniform(0.5, 0.8) * last_edge;
  // Down and up again, and along the whole line through what is slow.
  const double mean = 0.5 * (*earth.min_velocity + *earth.max_velocity);
  const double path = std::hypot(2 * earth.depth, 0.6 * earth.width);
  survey.duration = path / (0.75 * mean) + 1.5 / survey.wavelet.frequency;
  survey.sampling = std::min(0.004, 1 / (10 * last_edge));
  return survey;
}

std::vector<StageOptions> draw_stages(Random& random, const StatesOptions& states, double last_edge) {
  const double first_edge = draw(random, states.first_band) * last_edge;
  const bool cut = random.chance(states.without_low_frequencies);
  const double low_edge = draw(random, states.low_edge) * first_edge;
  std::vector<StageOptions> stages;
  for (int number = 0; number < states.stages; ++number) {
    const double share = states.stages > 1 ? double(number) / (states.stages - 1) : 1;
    StageOptions stage;
    stage.max_frequency = first_edge * std::pow(last_edge / first_edge, share);
    stage.min_frequency = cut ? low_edge : 0;
    stage.iterations = draw_cells(random, states.iterations);
    stages.push_back(stage);
  }
  // The last stage is only there for its start, which is a state.
  stages.back().iterations = 0;
  return stages;
}

/// Velocity that rises linearly with the depth below the sea floor, as the truth's does on the whole, within
/// a tenth or so.
void start_from_trend(Case& the_case, Random& random) {
  const double level = random.uniform(0.92, 1.06), slope = random.uniform(0.7, 1.15);
  const Model truth = resample(*the_case.truth, the_case.start.grid);
  const std::vector<double> velocity = to_host(truth.at("vp"));
  const std::size_t nz = std::size_t(truth.grid.size[2]);
  std::vector<double> depth(velocity.size(), -1.);
  double n = 0, z = 0, zz = 0, v = 0, vz = 0;
  for (std::size_t column = 0; column < velocity.size(); column += nz) {
    std::size_t floor = 0;
    while (floor < nz && velocity[column + floor] < fastest_water) ++floor;
    for (std::size_t iz = floor; iz < nz; ++iz) {
      const double below = double(iz - floor) * truth.grid.spacing[2];
      depth[column + iz] = below;
      n += 1;
      z += below;
      zz += below * below;
      v += velocity[column + iz];
      vz += velocity[column + iz] * below;
    }
  }
  if (n == 0) return;
  const double rise = std::max(0., (n * vz - z * v) / std::max(n * zz - z * z, 1e-9)),
               top = (v - rise * z) / n;
  std::vector<double> start = velocity;
  for (std::size_t cell = 0; cell < start.size(); ++cell)
    if (depth[cell] >= 0) start[cell] = std::clamp(level * top + slope * rise * depth[cell], 1520., 8000.);
  from_host(start, the_case.start["vp"]);
}

}  // namespace

Case training_case(const RecipeOptions& recipe, int number) {
  Random random(std::uint64_t(recipe.seed) * 1000003 + std::uint64_t(number), "training case");
  const StatesOptions& states = recipe.states;
  CaseOptions options;
  options.title = fmt::format("model {}", number);
  const GeologyOptions earth = draw_earth(random, recipe, number);
  options.truth = ModelSource{{}, earth};
  const double h = 2 * earth.spacing;
  options.spacing = h;
  const double slowest = *earth.water_depth > 0 ? 1500 : *earth.min_velocity;
  const double last_edge = slowest / (draw(random, recipe.sections.points_per_wavelength) * h);
  options.survey = draw_survey(random, recipe.sections, earth, last_edge);
  const bool blurred = random.chance(states.from_blur);
  options.start.blur = BlurOptions{draw(random, states.blur) * earth.depth, "slowness", true};
  const bool noisy = random.chance(states.noisy);
  const double snr = draw(random, states.noise_snr);
  if (noisy) options.data.simulate.noise_snr = snr;
  options.data.simulate.noise_seed = number + 1;
  options.inversion.divergence = false;
  options.inversion.freeze.water = true;
  options.inversion.bounds.min = 1450;
  options.inversion.bounds.max = 6500;
  options.inversion.stages = draw_stages(random, states, last_edge);
  RegularizerOptions regularizer;
  regularizer.kind = "total_variation";
  regularizer.guards.mode = states.guide ? "on" : "off";
  options.inversion.regularizer = regularizer;
  const std::string name = fmt::format("model {}", number);
  Case the_case = make_case(Config::from_text(to_yaml(options), name), name, ".");
  if (!blurred) start_from_trend(the_case, random);
  return the_case;
}

}  // namespace fathom
