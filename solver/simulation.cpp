// SPDX-License-Identifier: BSD-3-Clause
#include "solver/simulation.hpp"

#include <algorithm>
#include <cmath>

#include "io/gather_file.hpp"
#include "io/model_file.hpp"
#include "physics/error.hpp"
#include "solver/filter.hpp"
#include "solver/noise.hpp"
#include "solver/time_correction.hpp"

namespace fathom {
namespace {

/// Samples by which a record is simulated longer: the time correction rings where a record is cut off.
constexpr int correction_margin = 64;

/// The first samples of each trace.
Gather shortened(const Gather& gather, const TimeAxis& time) {
  Gather shorter(time, gather.receivers);
  for (int receiver = 0; receiver < gather.receivers; ++receiver)
    std::copy(gather.trace(receiver), gather.trace(receiver) + time.samples, shorter.trace(receiver));
  return shorter;
}

double fastest_of(const Model& model) {
  const std::vector<double> values = to_host(model.at("vp"));
  return *std::max_element(values.begin(), values.end());
}

void add_survey_noise(Gathers& gathers, const Survey& survey, const SimulateOptions& options,
                      Communicator& communicator) {
  double sums[2] = {0, 0};
  for (const auto& [shot, gather] : gathers) {
    sums[0] += sum_of_squares(gather);
    sums[1] += double(gather.data.size());
  }
  communicator.sum(sums, 2);
  Noise noise;
  noise.rms = noise_rms(std::sqrt(sums[0] / sums[1]), *options.noise_snr);
  noise.seed = std::uint64_t(options.noise_seed);
  noise.max_frequency = spectrum_edge(survey.wavelet, survey.time, -20);
  for (auto& [shot, gather] : gathers) add_noise(gather, survey.shots[shot].id, noise);
}

}  // namespace

namespace {

/// The earth that is surveyed, with the properties of its file.
Model load_surveyed(const Case& the_case) {
  const SimulateOptions& options = the_case.options.data.simulate;
  const std::string data = the_case.data_folder;
  if (options.model.file || options.model.generate) {
    try {
      return load_model(options.model, options.spacing, the_case.folder, data);
    } catch (const UserError& error) {
      throw the_case.config.error("data.simulate.model", error);
    }
  }
  if (!the_case.options.truth)
    throw the_case.config.error("data", "there is neither a file with data nor a model to simulate it on",
                                "name the gathers in `data.file`, or add a section `truth`");
  const double spacing = options.spacing.value_or(0.5 * the_case.start.grid.spacing[0]);
  return load_model(*the_case.options.truth, spacing, the_case.folder, data);
}

}  // namespace

Model surveyed_model(const Case& the_case) {
  Model model = load_surveyed(the_case);
  const CaseOptions& options = the_case.options;
  try {
    complete_properties(model, options.physics.equation, options.density);
  } catch (const UserError& error) {
    const ModelSource& own = options.data.simulate.model;
    throw the_case.config.error(own.file || own.generate ? "data.simulate.model" : "truth", error);
  }
  return model;
}

PropagatorSetup simulation_setup(const Case& the_case, const Model& model) {
  const SimulateOptions& options = the_case.options.data.simulate;
  PropagatorSetup setup;
  setup.options = the_case.options.physics;
  setup.options.order = options.order;
  setup.options.courant = options.courant;
  setup.options.time_step.reset();
  setup.options.boundary.width = options.width;
  setup.grid = model.grid;
  setup.time = the_case.survey.time;
  if (options.time_correction) setup.time.samples += correction_margin;
  setup.fastest = fastest_of(model);
  setup.dominant_frequency = dominant_frequency(the_case.survey.wavelet, the_case.survey.time);
  return setup;
}

Gathers simulate(const Case& the_case, Communicator& communicator,
                 const std::function<void(int, int)>& on_shot) {
  const SimulateOptions& options = the_case.options.data.simulate;
  const Survey& survey = the_case.survey;
  const Model model = surveyed_model(the_case);
  const PropagatorSetup setup = simulation_setup(the_case, model);
  Propagator propagator(setup);
  propagator.set_model(model);
  std::vector<double> wavelet = survey.wavelet;
  wavelet.resize(setup.time.samples, 0.);
  if (options.time_correction)
    TimeCorrection(setup.time, propagator.time_step(), TimeCorrection::Dispersion::impose).apply(wavelet);
  const TimeCorrection correction(setup.time, propagator.time_step(), TimeCorrection::Dispersion::remove);

  Gathers gathers;
  const std::vector<int> mine = shots_of_rank(communicator, int(survey.shots.size()));
  for (const int shot : mine) {
    Gather gather = propagator.forward(survey.shots[shot], wavelet);
    if (options.time_correction) correction.apply(gather);
    gathers.emplace(shot, shortened(gather, survey.time));
    if (on_shot) on_shot(int(gathers.size()), int(mine.size()));
  }
  if (options.noise_snr) add_survey_noise(gathers, survey, options, communicator);
  return gathers;
}

Gathers observed_data(const Case& the_case, Communicator& communicator,
                      const std::function<void(int, int)>& on_shot) {
  if (!the_case.data_file) return simulate(the_case, communicator, on_shot);
  Gathers gathers;
  for (const int shot : shots_of_rank(communicator, int(the_case.survey.shots.size())))
    gathers.emplace(shot, read_gather(*the_case.data_file, the_case.survey.shots[shot].id));
  return gathers;
}

}  // namespace fathom
