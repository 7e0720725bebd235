// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// A small inversion whose guide is on trial, and guides that answer what they are made to.

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "regularizers/oracle.hpp"
#include "solver/inversion.hpp"
#include "solver/metrics.hpp"
#include "solver/simulation.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {

/// Three stages on ten shots over a fault and a lens, a second's work.
inline const std::string line = R"(title: a line that a guide may help with
truth:
  generate: {kind: quickstart, width: 1600, depth: 640, spacing: 40, water_depth: 80}
start:
  blur: {sigma: 120}
survey:
  sources:   {first: [80, 40], last: [1520, 40], count: 10}
  receivers: {first: [40, 40], last: [1560, 40], count: 39}
  wavelet:   {frequency: 4}
  duration: 1.1
  sampling: 0.004
data:
  simulate: {spacing: 40, order: 8, width: 10, noise_snr: 30}
physics:
  boundary: {width: 10}
inversion:
  divergence: false
  freeze: {water: true}
  stages:
    - {max_frequency: 3, iterations: 6, tolerance: 0}
    - {max_frequency: 4, iterations: 6, tolerance: 0}
    - {max_frequency: 5, iterations: 6, tolerance: 0}
)";
inline const Changes from_afar{{"start:\n  blur: {sigma: 120}\n", "start:\n  blur: {sigma: 450}\n"}};

/// A guide that answers what it is made to.
class Answering final : public Guide {
 public:
  using Answer = std::function<Guidance(const Situation&)>;
  explicit Answering(Answer answer) : answer_(std::move(answer)) {}
  Guidance advise(const Situation& situation) const override { return answer_(situation); }

 private:
  Answer answer_;
};

struct Outcome {
  InversionResult result;
  ModelErrors errors;
  std::vector<Proposal> proposals;
  std::vector<IterationReport> reports;
  std::vector<Model> models;  // that go with them
  std::string said;

  double misfit() const { return result.data.final_misfit; }
  double error() const { return errors.unfrozen.relative_l2; }
};

inline Outcome invert(Case the_case) {
  Communicator alone;
  Outcome outcome;
  InversionObserver observer;
  observer.say = [&](const std::string& words) { outcome.said += words + "\n"; };
  observer.on_proposal = [&](const Proposal& proposal) { outcome.proposals.push_back(proposal); };
  observer.on_iteration = [&](const IterationReport& report, const Model& model) {
    outcome.reports.push_back(report);
    outcome.models.push_back(clone(model));
  };
  Gathers observed = observed_data(the_case, alone, [](int, int) {});
  outcome.result = Inversion(the_case, alone, std::move(observed), observer).run(std::nullopt);
  const std::vector<bool> frozen = frozen_cells(the_case.start, the_case.options.inversion.freeze);
  outcome.errors = compare(outcome.result.model, *the_case.truth,
                           flags_on(the_case.truth->grid, frozen, the_case.start.grid));
  return outcome;
}

inline Case case_of(const Changes& changes) {
  const Scratch scratch;
  return load_text(scratch, changed(line, changes));
}

inline Outcome unguided(const Changes& changes = {}) {
  return invert(case_of(changes));
}

inline Outcome guided(const Answering::Answer& answer, const Changes& changes = {},
                      const std::string& guards = "", double weight = 0.01) {
  Changes all = changes;
  all.emplace_back(
      "inversion:\n",
      fmt::format("inversion:\n  regularizer: {{kind: total_variation, weight: {}{}}}\n", weight, guards));
  Case the_case = case_of(all);
  the_case.learned = std::make_shared<Answering>(answer);
  return invert(std::move(the_case));
}

inline Model truth_of(const Situation& situation) {
  const Case the_case = case_of({});
  return resample(*the_case.truth, situation.velocity.grid);
}

inline Guidance tapered(Guidance guidance, const Situation& situation) {
  taper_steering(guidance, situation.frozen, 4);
  return guidance;
}

inline Guidance edges_the_right_way(const Situation& situation) {
  return tapered(oracle(truth_of(situation), {}), situation);
}

inline Guidance edges_the_wrong_way(const Situation& situation) {
  return tapered(for_falling_parameter(oracle(truth_of(situation), {})), situation);
}

}  // namespace fathom
