// SPDX-License-Identifier: BSD-3-Clause
#include "solver/objective.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "physics/error.hpp"

namespace fathom {

std::vector<int> shots_of_rank(const Communicator& communicator, int shots) {
  std::vector<int> mine;
  for (int shot = communicator.rank(); shot < shots; shot += communicator.size()) mine.push_back(shot);
  return mine;
}

Gather windowed(Gather gather, const std::vector<double>& window) {
  if (window.empty()) return gather;
  for (int receiver = 0; receiver < gather.receivers; ++receiver) {
    double* trace = gather.trace(receiver);
    for (int sample = 0; sample < gather.time.samples; ++sample) trace[sample] *= window[std::size_t(sample)];
  }
  return gather;
}

DataObjective::DataObjective(Parts parts) : parts_(std::move(parts)) {
  const int surveyed = int(parts_.survey.shots.size());
  if (parts_.shots.empty()) {
    parts_.shots.resize(std::size_t(surveyed));
    std::iota(parts_.shots.begin(), parts_.shots.end(), 0);
  }
  for (const int shot : shots_of_rank(parts_.communicator, surveyed))
    if (std::binary_search(parts_.shots.begin(), parts_.shots.end(), shot)) mine_.push_back(shot);
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
  return fathom::windowed(std::move(gather), parts_.window);
}

std::vector<double> DataObjective::add_up(const Model& model, const std::vector<Task>& tasks,
                                          bool with_illumination) {
  const std::size_t cells = model.grid.cells();
  std::vector<double> sums(1 + cells * (with_illumination ? 2 : 1), 0.);
  parts_.propagator.set_model(model);
  int done = 0;
  for (const Task& task : tasks) {
    const Gather predicted =
        windowed(parts_.propagator.forward_for_gradient(task.shot, parts_.survey.wavelet));
    const Gather observed = windowed(*task.observed);
    Gather adjoint_source;
    sums[0] += parts_.misfit.value_and_adjoint_source(predicted, observed, adjoint_source);
    Model one = zeros_like(model);
    Model light = with_illumination ? zeros_like(model) : Model{};
    parts_.propagator.backward(windowed(std::move(adjoint_source)), one,
                               with_illumination ? &light : nullptr);
    const auto add = [&](const Model& from, std::size_t offset) {
      const std::vector<double> values = to_host(from.at("vp"));
      for (std::size_t cell = 0; cell < cells; ++cell) sums[offset + cell] += values[cell];
    };
    add(one, 1);
    if (with_illumination) add(light, 1 + cells);
    if (on_shot) on_shot(++done, int(tasks.size()));
  }
  parts_.communicator.sum(sums.data(), sums.size());
  return sums;
}

double DataObjective::value_and_gradient(const Model& model, std::vector<double>& gradient,
                                         std::vector<double>* illumination) {
  const std::ptrdiff_t cells = std::ptrdiff_t(model.grid.cells());
  std::vector<Task> tasks;
  for (const int shot : mine_) tasks.push_back({parts_.survey.shots[shot], &parts_.observed.at(shot)});
  const std::vector<double> sums = add_up(model, tasks, illumination != nullptr);
  solves_ += 2 * std::int64_t(shots());
  gradient.assign(sums.begin() + 1, sums.begin() + 1 + cells);
  for (double& value : gradient) value /= energy_;
  if (illumination) illumination->assign(sums.begin() + 1 + cells, sums.end());
  return sums[0] / energy_;
}

double DataObjective::estimate(const Model& model, const std::vector<ShotGroup>& groups, double weight,
                               std::vector<double>& gradient) {
  const int ranks = parts_.communicator.size();
  const Gathers lent = borrow(groups);
  std::vector<Task> tasks;
  for (int i = parts_.communicator.rank(); i < int(groups.size()); i += ranks) {
    const auto found = lent.find(i);
    tasks.push_back({set_off_together(groups[i]), found == lent.end()
                                                      ? &parts_.observed.at(place_of(groups[i].front()))
                                                      : &found->second});
  }
  const std::vector<double> sums = add_up(model, tasks, false);
  solves_ += 2 * std::int64_t(groups.size());
  gradient.assign(sums.begin() + 1, sums.end());
  for (double& value : gradient) value *= weight / energy_;
  return weight * sums[0] / energy_;
}

int DataObjective::place_of(const SignedShot& shot) const {
  return parts_.shots.at(std::size_t(shot.number));
}

Shot DataObjective::set_off_together(const ShotGroup& group) const {
  Shot shot = parts_.survey.shots[place_of(group.front())];
  for (std::size_t i = 1; i < group.size(); ++i)
    shot.companions.push_back({parts_.survey.shots[place_of(group[i])].source, group[i].sign});
  return shot;
}

/// The data of the groups, by their number, but for single shots that are with the rank which will work on
/// them: a sum over the ranks, to which each puts in what it has.
Gathers DataObjective::borrow(const std::vector<ShotGroup>& groups) {
  const int ranks = parts_.communicator.size();
  Gathers lent;
  std::vector<double> samples;
  for (int i = 0; i < int(groups.size()); ++i) {
    const ShotGroup& group = groups[i];
    const int first = place_of(group.front());
    if (group.size() == 1 && i % ranks == first % ranks) continue;
    Gather& gather = lent[i] = Gather(parts_.survey.time, int(parts_.survey.shots[first].receivers.size()));
    for (const SignedShot& shot : group) {
      const auto own = parts_.observed.find(place_of(shot));
      if (own == parts_.observed.end()) continue;
      for (std::size_t k = 0; k < gather.data.size(); ++k) gather.data[k] += shot.sign * own->second.data[k];
    }
    samples.insert(samples.end(), gather.data.begin(), gather.data.end());
  }
  if (samples.empty()) return lent;
  parts_.communicator.sum(samples.data(), samples.size());
  auto from = samples.begin();
  for (auto& [number, gather] : lent) {
    const auto to = from + std::ptrdiff_t(gather.data.size());
    gather.data.assign(from, to);
    from = to;
  }
  return lent;
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

std::vector<double> DataObjective::value_of_each(const Model& model) {
  const Gathers predicted = predict(model);
  std::vector<double> values(parts_.shots.size(), 0.);
  for (std::size_t i = 0; i < parts_.shots.size(); ++i) {
    const auto gather = predicted.find(parts_.shots[i]);
    if (gather == predicted.end()) continue;
    Gather ignored;
    values[i] = parts_.misfit.value_and_adjoint_source(windowed(gather->second),
                                                       windowed(parts_.observed.at(gather->first)), ignored);
  }
  parts_.communicator.sum(values.data(), values.size());
  for (double& value : values) value /= energy_;
  return values;
}

Gathers DataObjective::predict(const Model& model) {
  Gathers predicted;
  parts_.propagator.set_model(model);
  for (const int shot : mine_)
    predicted.emplace(shot, parts_.propagator.forward(parts_.survey.shots[shot], parts_.survey.wavelet));
  solves_ += std::int64_t(shots());
  return predicted;
}

}  // namespace fathom
