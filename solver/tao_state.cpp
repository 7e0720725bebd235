// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "physics/error.hpp"
#include "solver/optimizer.hpp"

namespace fathom {
namespace {

const std::string memory_prefix = "memory_";

void evaluate(Iterate& point, SmoothObjective& objective, const Box& box) {
  for (std::size_t i = 0; i < point.x.size(); ++i) point.x[i] = box.clip(i, point.x[i]);
  point.gradient.resize(point.x.size());
  point.value = objective.value_and_gradient(point.x, point.gradient);
  const auto finite = [](double g) { return std::isfinite(g); };
  if (!finite(point.value) || !std::all_of(point.gradient.begin(), point.gradient.end(), finite))
    throw RunError("the objective or its gradient is not finite where the optimizer starts");
}

const std::vector<double>& find(const std::map<std::string, std::vector<double>>& arrays,
                                const std::string& name) {
  const auto found = arrays.find(name);
  if (found == arrays.end()) throw RunError("the optimizer's state lacks the array " + name);
  return found->second;
}

}  // namespace

void OptimizerOptions::describe(OptionVisitor& option) {
  option("method", method, {.meaning = "minimiser of PETSc/TAO", .choices = optimizers().names()});
  option("memory", memory, {.meaning = "curvature pairs of the quasi-Newton matrix", .min = 1, .max = 100});
  option("scaling", scaling,
         {.meaning = "what the quasi-Newton matrix starts from: one number, or a diagonal that learns",
          .choices = {"scalar", "diagonal"}});
  option("first_step", first_step,
         {.meaning = "largest change in the first trial without a memory, of the scale of the unknowns",
          .min = 1e-12,
          .max = 1});
  option(
      "max_step", max_step,
      {.meaning = "largest change in any trial, of the scale of the unknowns; none: no limit", .min = 1e-12});
  option("max_evaluations", max_evaluations,
         {.meaning = "objective evaluations of one iteration at most", .min = 2, .max = 100});
  option.section("adam", adam, "of method adam, which needs none of the above");
}

void AdamOptions::describe(OptionVisitor& option) {
  option("batch", batch,
         {.meaning = "shots an iteration works on, spread over the survey; an epoch has every shot once",
          .min = 1,
          .max = 100000});
  option("encoding", encoding,
         {.meaning =
              "signs: all shots take part in every iteration, as `batch` groups whose sources are set off "
              "together with random signs; for the least-squares misfit and receivers that record every "
              "shot",
          .choices = {"none", "signs"}});
  option("seed", seed, {.meaning = "seed of the choice of shots, or of signs", .min = 0, .max = 2147483647});
  option(
      "step", step,
      {.meaning =
           "largest change in the first stage's first iteration: the root mean square over the cells, where "
           "velocity is 2500 m/s (with slowness, elsewhere it goes with the square of velocity); a "
           "cell's own share goes with the inverse root of its illumination",
       .unit = "m/s",
       .min = 1e-3,
       .max = 1000});
  option("final_step", final_step,
         {.meaning = "the step falls geometrically to this share of it in a stage's last iteration",
          .min = 1e-4,
          .max = 1});
  option(
      "step_power", step_power,
      {.meaning = "the step goes with this power of the first stage's max_frequency over a stage's own; 0: "
                  "all stages begin with the same step",
       .min = 0,
       .max = 4});
  option("momentum", momentum,
         {.meaning = "share of its past in the mean of the gradient", .min = 0, .max = 0.999});
  option("averaging", averaging,
         {.meaning = "share of its past in the mean of the gradient's square", .min = 0, .max = 0.99999});
  option(
      "floor", floor,
      {.meaning = "floor of the gradient's root mean square, relative to that of all cells: below it a cell "
                  "moves less than the others",
       .min = 0,
       .max = 1e6});
  option(
      "illumination_floor", illumination_floor,
      {.meaning = "in the place of inversion.illumination_floor: a small one lets dark cells move more than "
                  "others, a large one all alike (each cell's gradient is divided by its own spread anyhow)",
       .min = 1e-6,
       .max = 1e6});
}

OptimizerState Optimizer::start(std::vector<double> x, SmoothObjective& objective, const Box& box) const {
  Iterate point{.x = std::move(x)};
  evaluate(point, objective, box);
  OptimizerState state;
  state.visited.push_back(std::move(point));
  state.evaluations = 1;
  return state;
}

void Optimizer::restart(OptimizerState& state, SmoothObjective& objective, const Box& box) const {
  Iterate point{.x = state.current().x};
  evaluate(point, objective, box);
  state.visited.clear();
  state.memory.clear();
  state.visited.push_back(std::move(point));
  ++state.evaluations;
}

std::map<std::string, std::vector<double>> OptimizerState::to_arrays() const {
  std::map<std::string, std::vector<double>> arrays;
  std::vector<double>& values = arrays["values"];
  for (std::size_t k = 0; k < visited.size(); ++k) {
    values.push_back(visited[k].value);
    arrays[fmt::format("x_{}", k)] = visited[k].x;
    arrays[fmt::format("gradient_{}", k)] = visited[k].gradient;
  }
  for (const auto& [name, remembered] : memory) arrays[memory_prefix + name] = remembered;
  arrays["counters"] = {static_cast<double>(iterations), static_cast<double>(evaluations)};
  return arrays;
}

OptimizerState OptimizerState::from_arrays(const std::map<std::string, std::vector<double>>& arrays) {
  OptimizerState state;
  const std::vector<double>& counters = find(arrays, "counters");
  const std::vector<double>& values = find(arrays, "values");
  if (counters.size() != 2 || values.empty())
    throw RunError("the optimizer's state has no points or no counters");
  state.iterations = static_cast<int>(counters[0]);
  state.evaluations = static_cast<int>(counters[1]);
  for (const auto& [name, remembered] : arrays)
    if (name.rfind(memory_prefix, 0) == 0) state.memory[name.substr(memory_prefix.size())] = remembered;
  for (std::size_t k = 0; k < values.size(); ++k) {
    state.visited.push_back(
        {find(arrays, fmt::format("x_{}", k)), values[k], find(arrays, fmt::format("gradient_{}", k))});
    const Iterate& point = state.current();
    if (point.x.size() != state.visited.front().x.size() || point.gradient.size() != point.x.size())
      throw RunError("the points of the optimizer's state differ in size");
  }
  return state;
}

}  // namespace fathom
