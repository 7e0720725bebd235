// SPDX-License-Identifier: BSD-3-Clause
#include "solver/objective.hpp"

#include <algorithm>
#include <utility>

#include "physics/error.hpp"

namespace fathom {

std::vector<int> shots_of_rank(const Communicator& communicator, int shots) {
  std::vector<int> mine;
  for (int shot = communicator.rank(); shot < shots; shot += communicator.size()) mine.push_back(shot);
  return mine;
}

DataObjective::DataObjective(Parts parts)
    : parts_(std::move(parts)), mine_(shots_of_rank(parts_.communicator, int(parts_.survey.shots.size()))) {
  for (const int shot : mine_) {
    const Gather observed = windowed(parts_.observed.at(shot));
    Gather ignored;
    energy_ +=
        parts_.misfit.value_and_adjoint_source(Gather(observed.time, observed.receivers), observed, ignored);
  }
  parts_.communicator.sum(&energy_, 1);
  if (!(energy_ > 0))
    throw UserError("the observed data is zero everywhere in this band",
                    "raise the band's frequencies, or look at the data and the wavelet");
}

Gather DataObjective::windowed(Gather gather) const {
  if (parts_.window.empty()) return gather;
  for (int receiver = 0; receiver < gather.receivers; ++receiver) {
    double* trace = gather.trace(receiver);
    for (int sample = 0; sample < gather.time.samples; ++sample) trace[sample] *= parts_.window[sample];
  }
  return gather;
}

double DataObjective::value_and_gradient(const Model& model, std::vector<double>& gradient,
                                         std::vector<double>* illumination) {
  const std::size_t cells = model.grid.cells();
  std::vector<double> sums(1 + cells * (illumination ? 2 : 1), 0.);
  parts_.propagator.set_model(model);
  int done = 0;
  for (const int shot : mine_) {
    const Gather predicted =
        windowed(parts_.propagator.forward_for_gradient(parts_.survey.shots[shot], parts_.survey.wavelet));
    Gather adjoint_source;
    sums[0] +=
        parts_.misfit.value_and_adjoint_source(predicted, windowed(parts_.observed.at(shot)), adjoint_source);
    Model one = zeros_like(model);
    Model light = illumination ? zeros_like(model) : Model{};
    parts_.propagator.backward(windowed(std::move(adjoint_source)), one, illumination ? &light : nullptr);
    const auto add = [&](const Model& from, std::size_t offset) {
      const std::vector<double> values = to_host(from.at("vp"));
      for (std::size_t cell = 0; cell < cells; ++cell) sums[offset + cell] += values[cell];
    };
    add(one, 1);
    if (illumination) add(light, 1 + cells);
    if (on_shot) on_shot(++done, int(mine_.size()));
  }
  parts_.communicator.sum(sums.data(), sums.size());
  solves_ += 2 * std::int64_t(parts_.survey.shots.size());
  gradient.assign(sums.begin() + 1, sums.begin() + 1 + std::ptrdiff_t(cells));
  for (double& value : gradient) value /= energy_;
  if (illumination) illumination->assign(sums.begin() + 1 + std::ptrdiff_t(cells), sums.end());
  return sums[0] / energy_;
}

double DataObjective::misfit_of(const Gathers& predicted) const {
  double sum = 0;
  for (const int shot : mine_) {
    Gather ignored;
    sum += parts_.misfit.value_and_adjoint_source(windowed(predicted.at(shot)),
                                                  windowed(parts_.observed.at(shot)), ignored);
  }
  parts_.communicator.sum(&sum, 1);
  return sum / energy_;
}

Gathers DataObjective::predict(const Model& model) {
  Gathers predicted;
  parts_.propagator.set_model(model);
  for (const int shot : mine_)
    predicted.emplace(shot, parts_.propagator.forward(parts_.survey.shots[shot], parts_.survey.wavelet));
  solves_ += std::int64_t(parts_.survey.shots.size());
  return predicted;
}

}  // namespace fathom
