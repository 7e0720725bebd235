// SPDX-License-Identifier: BSD-3-Clause

// How an inversion goes on where it was broken off: every number that the next iteration depends on.

#include <fmt/format.h>

#include <map>

#include "solver/inversion_stage.hpp"
#include "solver/stage_guide.hpp"

namespace fathom {
namespace {

constexpr const char* optimizer_prefix = "optimizer/";
constexpr const char* guide_prefix = "guide/";

/// The arrays of a checkpoint whose names begin with a prefix, without it.
std::map<std::string, std::vector<double>> arrays_with(const std::string& prefix,
                                                       const Checkpoint& checkpoint) {
  std::map<std::string, std::vector<double>> arrays;
  for (const auto& [name, values] : checkpoint.arrays)
    if (name.rfind(prefix, 0) == 0) arrays[name.substr(prefix.size())] = values;
  return arrays;
}

std::vector<double> to_array(const DivergenceFigures& figures) {
  return {figures.half_jeffreys, figures.jensen_shannon, figures.orientation};
}

std::optional<DivergenceFigures> divergence_in(const Checkpoint& checkpoint, const std::string& key) {
  const auto found = checkpoint.arrays.find(key);
  if (found == checkpoint.arrays.end()) return std::nullopt;
  return DivergenceFigures{found->second.at(0), found->second.at(1), found->second.at(2)};
}

}  // namespace

void Inversion::save(const Stage& stage) const {
  Checkpoint checkpoint;
  checkpoint.texts["case"] = to_yaml(case_.options);
  checkpoint.integers["stage"] = stage.number;
  checkpoint.integers["iteration"] = stage.iteration;
  checkpoint.integers["planned"] = stage.planned;
  checkpoint.integers["solves"] = solves_ + stage.solves();
  checkpoint.arrays["cell_steps"] = {cell_steps_ + double(stage.solves()) * stage.propagator->cell_steps()};
  checkpoint.arrays["model"] = to_host(model_.at("vp"));
  checkpoint.arrays["weight"] = {weight_};
  checkpoint.arrays["spent"] = {spent_.regularizer, spent_.guide};
  checkpoint.arrays["scale"] = stage.problem->scale();
  checkpoint.arrays["values"] = stage.values;
  checkpoint.arrays["misfits"] = stage.misfits;
  const StageProblem::Terms& terms = stage.problem->terms_of(stage.state.current().value);
  checkpoint.arrays["terms"] = {terms.total, terms.data, terms.regularizer};
  for (auto& [name, values] : stage.state.to_arrays()) checkpoint.arrays[optimizer_prefix + name] = values;
  for (auto& [name, values] : to_arrays(stage.guidance)) checkpoint.arrays[guide_prefix + name] = values;
  if (is_guarded()) {
    guide_.save(checkpoint);
    checkpoint.arrays["guards/strength"] = {stage.strength};
  }
  if (stage.divergence) checkpoint.arrays["divergence"] = to_array(*stage.divergence);
  for (int number = 0; number < stage.number; ++number) {
    const std::string key = fmt::format("stages/{:02}", number);
    if (reports_[number].divergence)
      checkpoint.arrays[key + "/divergence"] = to_array(*reports_[number].divergence);
    checkpoint.arrays[key + "/spacing"] = {reports_[number].spacing};
    checkpoint.integers[key + "/iterations"] = reports_[number].iterations;
    checkpoint.texts[key + "/reason"] = reports_[number].reason;
  }
  observer_.on_checkpoint(checkpoint);
}

void Inversion::resume_stage(Stage& stage, const Checkpoint& checkpoint) {
  const InversionOptions& options = case_.options.inversion;
  from_host(checkpoint.arrays.at("model"), model_["vp"]);
  spent_ = {checkpoint.arrays.at("spent").at(0), checkpoint.arrays.at("spent").at(1)};
  enter_grid(stage);
  stage.guidance = guidance_from_arrays(stage.start.grid, arrays_with(guide_prefix, checkpoint));
  if (is_guarded()) {
    guide_.restore(checkpoint);
    stage.strength = checkpoint.arrays.at("guards/strength").at(0);
  }
  pose_problem(stage);
  weight_ = checkpoint.arrays.at("weight").at(0);
  const std::vector<double>& terms = checkpoint.arrays.at("terms");
  stage.problem->restore(checkpoint.arrays.at("scale"), weight_, {terms.at(0), terms.at(1), terms.at(2)});
  stage.box = stage.problem->box();
  stage.state = OptimizerState::from_arrays(arrays_with(optimizer_prefix, checkpoint));
  stage.iteration = int(checkpoint.integers.at("iteration"));
  stage.planned = int(checkpoint.integers.at("planned"));
  stage.values = checkpoint.arrays.at("values");
  stage.divergence = divergence_in(checkpoint, "divergence");
  stage.misfits = checkpoint.arrays.at("misfits");
  solves_ = checkpoint.integers.at("solves");
  cell_steps_ = checkpoint.arrays.at("cell_steps").at(0);
  for (int number = 0; number < stage.number; ++number) {
    const std::string key = fmt::format("stages/{:02}", number);
    reports_.push_back({options.stages[number], checkpoint.arrays.at(key + "/spacing").at(0),
                        int(checkpoint.integers.at(key + "/iterations")),
                        checkpoint.texts.at(key + "/reason"),
                        divergence_in(checkpoint, key + "/divergence")});
  }
  note_progress(stage);
  observer_.say(fmt::format("resumed in stage {} after iteration {}", stage.number + 1, stage.iteration));
}

}  // namespace fathom
