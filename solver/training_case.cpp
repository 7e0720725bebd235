// SPDX-License-Identifier: BSD-3-Clause
#include "solver/training_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ml/geology_random.hpp"
#include "physics/stencil.hpp"

namespace fathom {
namespace {

constexpr double fastest_water = 1510;  // m/s
constexpr double fastest_salt = 4600;   // m/s
constexpr int absorbing_cells = 12;

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

int draw_integer(Random& random, const std::vector<double>& range) {
  return int(std::lround(draw(random, range)));
}

/// An odd number, so that a grid of two thirds of the spacing has the same last points.
int draw_cells(Random& random, const std::vector<double>& range) {
  return 2 * int(draw(random, range) / 2) + 1;
}

GeologyOptions draw_earth(Random& random, const RecipeOptions& recipe, int number) {
  const SectionOptions& sections = recipe.sections;
  GeologyOptions earth;
  earth.kind = sections.kinds[std::size_t(random.integer(0, int(sections.kinds.size()) - 1))];
  // Recipes of different seeds share no earth.
  earth.seed = first_training_seed * (1 + recipe.seed) + number;
  earth.spacing =
      std::round(std::exp(random.uniform(std::log(sections.spacing[0]), std::log(sections.spacing[1]))));
  earth.width = earth.spacing * (draw_cells(random, sections.width) - 1);
  earth.depth = earth.spacing * (draw_cells(random, sections.depth) - 1);
  const double scale = draw(random, sections.velocity_scale);
  const RockVelocities rock = velocities_of(earth.kind);
  earth.min_velocity = std::max(1500., scale * rock.slowest);
  earth.max_velocity = scale * rock.fastest;
  const double water = random.uniform(0.02, 0.15) * earth.depth;
  earth.water_depth = random.chance(0.7) ? water : 0;
  return earth;
}

double slowest_of(const GeologyOptions& earth) {
  return *earth.water_depth > 0 ? fastest_water : *earth.min_velocity;
}

/// An upper bound as someone gives it who does not know the fastest rock.
double draw_upper_bound(Random& random, const GeologyOptions& earth) {
  const double fastest =
      earth.kind == "salt" ? std::max(fastest_salt, *earth.max_velocity) : *earth.max_velocity;
  return random.uniform(1.05, 1.25) * fastest;
}

/// As coarse as the band allows, and so that a number of the longest steps that are stable fits in.
double sampling_of(const CaseOptions& options, double last_edge) {
  const double coarsest = 1 / (10 * last_edge);
  const double longest = options.physics.courant * stability_limit(options.physics.order) * *options.spacing /
                         (std::sqrt(2.) * *options.inversion.bounds.max);
  return longest * std::max(1., std::floor(coarsest / longest));
}

SurveyOptions draw_survey(Random& random, const RecipeOptions& recipe, const GeologyOptions& earth,
                          double last_edge) {
  const double h = earth.spacing;
  // The coarsest grid may end a cell of its own before the earth does.
  const double margin = std::max(2., std::ceil(recipe.states.coarsening[1])) * h;
  SurveyOptions survey;
  const int shots = draw_integer(random, recipe.sections.shots), apart = random.integer(2, 4);
  survey.sources = {{margin, random.integer(1, 2) * h}, {earth.width - margin, 0}, shots, {}, 1};
  survey.sources.last[1] = survey.sources.first[1];
  survey.receivers = {{margin, random.integer(1, 2) * h}, {earth.width - margin, 0}, 0, {}, 1};
  survey.receivers.last[1] = survey.receivers.first[1];
  survey.receivers.count = int((earth.width - 2 * margin) / (apart * h)) + 1;
  if (random.chance(0.5)) survey.min_offset = random.integer(2, 8) * h;
  survey.wavelet.frequency = random.uniform(0.5, 0.8) * last_edge;
  // Down and up again, and along most of the line through what is slow.
  const double mean = 0.5 * (*earth.min_velocity + *earth.max_velocity);
  const double path = std::hypot(2 * earth.depth, 0.6 * earth.width);
  survey.duration = path / (0.85 * mean) + 1.5 / survey.wavelet.frequency;
  return survey;
}

std::vector<StageOptions> draw_stages(Random& random, const StatesOptions& states, double last_edge,
                                      double spacing) {
  const double first_edge = draw(random, states.first_band) * last_edge;
  const bool cut = random.chance(states.without_low_frequencies);
  const double low_edge = draw(random, states.low_edge) * first_edge;
  const double coarsening = draw(random, states.coarsening);
  std::vector<StageOptions> stages;
  for (int number = 0; number < states.stages; ++number) {
    const double share = states.stages > 1 ? double(number) / (states.stages - 1) : 1;
    StageOptions stage;
    stage.max_frequency = first_edge * std::pow(last_edge / first_edge, share);
    stage.min_frequency = cut ? low_edge : 0;
    stage.iterations = draw_integer(random, states.iterations);
    if (share < 1) stage.spacing = spacing * std::pow(coarsening, 1 - share);
    stages.push_back(stage);
  }
  // The last stage is only there for its start, which is a state.
  stages.back().iterations = 0;
  return stages;
}

/// A quasi-Newton method on all shots, or Adam on some at a time, in as many iterations as take the same
/// work.
void draw_optimizer(Random& random, const StatesOptions& states, int shots, InversionOptions& inversion) {
  const bool stochastic = random.chance(states.stochastic);
  AdamOptions& adam = inversion.optimizer.adam;
  adam.batch = std::min(shots, random.integer(2, 4));
  // Those of the shipped network's training set: others make another set of its recipe.
  adam.momentum = 0.9;
  adam.step_power = 0;
  adam.step = random.uniform(15, 45);
  if (!stochastic) return;
  inversion.optimizer.method = "adam";
  for (StageOptions& stage : inversion.stages) stage.iterations = stage.iterations * shots / adam.batch;
}

/// Velocity that rises linearly with the depth below the sea floor, as the truth's does on the whole, within
/// a tenth or a quarter.
void start_from_trend(Case& the_case, Random& random) {
  const double level = random.uniform(0.92, 1.08), slope = random.uniform(0.7, 1.25);
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
    if (depth[cell] >= 0)
      start[cell] =
          std::clamp(level * top + slope * rise * depth[cell], 1520., *the_case.options.inversion.bounds.max);
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
  options.spacing = earth.spacing;
  // Nearly as good as half the spacing, for less than half of the work.
  options.data.simulate.spacing = 2 * earth.spacing / 3;
  options.data.simulate.order = 8;
  options.data.simulate.width = absorbing_cells;
  options.physics.boundary.width = absorbing_cells;
  options.inversion.bounds.min = 1450;
  options.inversion.bounds.max = draw_upper_bound(random, earth);
  const double last_edge =
      slowest_of(earth) / (draw(random, recipe.sections.points_per_wavelength) * earth.spacing);
  options.survey = draw_survey(random, recipe, earth, last_edge);
  options.survey->sampling = sampling_of(options, last_edge);
  const bool blurred = random.chance(states.from_blur);
  options.start.blur = BlurOptions{draw(random, states.blur) * earth.depth, "slowness", true};
  const bool noisy = random.chance(states.noisy);
  const double snr = draw(random, states.noise_snr);
  if (noisy) options.data.simulate.noise_snr = snr;
  options.data.simulate.noise_seed = number + 1;
  options.inversion.divergence = false;
  options.inversion.freeze.water = true;
  options.inversion.stages = draw_stages(random, states, last_edge, earth.spacing);
  draw_optimizer(random, states, options.survey->sources.count, options.inversion);
  RegularizerOptions regularizer;
  regularizer.kind = "total_variation";
  regularizer.guards.mode = recipe.round_of(number) > 0 ? "on" : "off";
  regularizer.guards.unguided = "physics";
  options.inversion.regularizer = regularizer;
  const std::string name = fmt::format("model {}", number);
  Case the_case = make_case(Config::from_text(to_yaml(options), name), name, ".");
  if (!blurred) start_from_trend(the_case, random);
  return the_case;
}

}  // namespace fathom
