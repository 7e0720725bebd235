// SPDX-License-Identifier: BSD-3-Clause
#include "ml/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ml/geology_random.hpp"
#include "ml/mirror.hpp"
#include "ml/network_contract.hpp"

namespace fathom {
namespace {

constexpr std::size_t terms = 4;

void put(const Loss& loss, double* into) {
  into[0] += loss.residual;
  into[1] += loss.edge;
  into[2] += loss.normal;
  into[3] += loss.confidence;
}

Loss take(const double* from, double count) {
  return {from[0] / count, from[1] / count, from[2] / count, from[3] / count};
}

/// Fisher and Yates.
std::vector<int> shuffled(std::vector<int> numbers, Random& random) {
  for (int last = int(numbers.size()) - 1; last > 0; --last)
    std::swap(numbers[std::size_t(last)], numbers[std::size_t(random.integer(0, last))]);
  return numbers;
}

}  // namespace

void TrainingOptions::describe(OptionVisitor& option) {
  option("epochs", epochs,
         {.meaning = "most passes over the samples; 0: the training set is made, and nothing else",
          .min = 0,
          .max = 100000});
  option("batch", batch, {.meaning = "samples a step", .min = 1, .max = 10000});
  option("learning_rate", learning_rate,
         {.meaning = "of the first epoch; it falls as a cosine to a hundredth of it", .min = 1e-7, .max = 1});
  option("weight_decay", weight_decay,
         {.meaning = "share of a weight that a step at rate 1 takes away", .min = 0, .max = 1});
  option("patience", patience,
         {.meaning = "epochs without a lower validation loss after which training ends",
          .min = 1,
          .max = 100000});
}

Sample padded_sample(const Sample& sample) {
  Sample result{padded(sample.inputs), {padded(sample.target.images)}};
  Images& target = result.target.images;
  for (int ix = 0; ix < target.nx; ++ix)
    for (int iz = 0; iz < target.nz; ++iz)
      if (ix >= sample.inputs.nx || iz >= sample.inputs.nz) target.at(Target::weight, ix, iz) = 0;
  return result;
}

Sample mirrored_sample(const Sample& sample) {
  Sample result{mirrored(sample.inputs), {mirrored(sample.target.images)}};
  float* const along_x = result.target.images.channel(Target::normal_x);
  for (std::size_t cell = 0; cell < result.target.images.cells(); ++cell) along_x[cell] = -along_x[cell];
  return result;
}

TrainingState Trainer::start() const {
  TrainingState state;
  state.weights = initial_weights(shape_, seed_);
  state.first.assign(state.weights.size(), 0.);
  state.second.assign(state.weights.size(), 0.);
  state.best = state.weights;
  return state;
}

double Trainer::learning_rate(int epoch) const {
  const double share = options_.epochs > 1 ? double(epoch) / (options_.epochs - 1) : 0;
  return options_.learning_rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

void Trainer::step(TrainingState& state, const std::vector<double>& gradient, double rate) const {
  constexpr double keep_first = 0.9, keep_second = 0.999, floor = 1e-8;
  double squares = 0;
  for (std::size_t i = 0; i < state.weights.size(); ++i) squares += gradient[i] * gradient[i];
  const double shorten = 1 / std::max(1., std::sqrt(squares));
  ++state.steps;
  const double first_bias = 1 - std::pow(keep_first, double(state.steps)),
               second_bias = 1 - std::pow(keep_second, double(state.steps));
  for (std::size_t i = 0; i < state.weights.size(); ++i) {
    const double g = shorten * gradient[i];
    state.first[i] = keep_first * state.first[i] + (1 - keep_first) * g;
    state.second[i] = keep_second * state.second[i] + (1 - keep_second) * g * g;
    const double move = state.first[i] / first_bias / (std::sqrt(state.second[i] / second_bias) + floor) +
                        options_.weight_decay * double(state.weights[i]);
    state.weights[i] = float(double(state.weights[i]) - rate * move);
  }
}

EpochReport Trainer::epoch(TrainingState& state, const SampleSource& source, const std::vector<int>& training,
                           const std::vector<int>& validation,
                           const std::function<void(int, int)>& on_batch) const {
  Random random(seed_, fmt::format("epoch {}", state.epoch));
  const std::vector<int> order = shuffled(training, random);
  std::vector<bool> in_mirror;
  for (std::size_t i = 0; i < order.size(); ++i) in_mirror.push_back(random.chance(0.5));
  EpochReport report;
  report.learning_rate = learning_rate(state.epoch);
  const std::size_t weights = state.weights.size(), batch = std::size_t(options_.batch);
  std::vector<double> losses(terms, 0.);
  for (std::size_t begin = 0; begin < order.size(); begin += batch) {
    const std::size_t end = std::min(order.size(), begin + batch);
    std::vector<double> sums(weights + terms, 0.), gradient(weights, 0.);
    for (std::size_t i = begin + std::size_t(communicator_.rank()); i < end;
         i += std::size_t(communicator_.size())) {
      const Sample drawn = source(order[i]),
                   sample = padded_sample(in_mirror[i] ? mirrored_sample(drawn) : drawn);
      put(learner().add_gradient(shape_, state.weights, sample.inputs, sample.target, gradient),
          sums.data() + weights);
    }
    std::copy(gradient.begin(), gradient.end(), sums.begin());
    communicator_.sum(sums.data(), sums.size());
    for (std::size_t term = 0; term < terms; ++term) losses[term] += sums[weights + term];
    for (double& value : sums) value /= double(end - begin);
    step(state, sums, report.learning_rate);
    if (on_batch) on_batch(int(begin / batch) + 1, int((order.size() + batch - 1) / batch));
  }
  report.training = take(losses.data(), double(std::max<std::size_t>(1, order.size())));
  report.validation = validate(state.weights, source, validation);
  report.epoch = ++state.epoch;
  const double loss = report.validation.total();
  if (state.best_epoch == 0 || loss < state.best_loss) {
    state.best = state.weights;
    state.best_epoch = state.epoch;
    state.best_loss = loss;
  }
  return report;
}

Loss Trainer::validate(const std::vector<float>& weights, const SampleSource& source,
                       const std::vector<int>& validation) const {
  std::vector<double> sums(terms, 0.), ignored(weights.size(), 0.);
  for (std::size_t i = std::size_t(communicator_.rank()); i < validation.size();
       i += std::size_t(communicator_.size())) {
    const Sample sample = padded_sample(source(validation[i]));
    put(learner().add_gradient(shape_, weights, sample.inputs, sample.target, ignored), sums.data());
  }
  communicator_.sum(sums.data(), sums.size());
  return take(sums.data(), double(std::max<std::size_t>(1, validation.size())));
}

bool Trainer::finished(const TrainingState& state) const {
  return state.epoch >= options_.epochs || state.epoch - state.best_epoch >= options_.patience;
}

Calibration Trainer::calibrate(const std::vector<float>& weights, const SampleSource& source,
                               const std::vector<int>& validation) const {
  const MirrorMean network(learner().make_network(shape_, weights));
  Calibration calibration;
  for (std::size_t i = std::size_t(communicator_.rank()); i < validation.size();
       i += std::size_t(communicator_.size())) {
    const Sample sample = source(validation[i]);
    calibration.add(network.apply(sample.inputs), sample.target);
  }
  calibration.sum(communicator_);
  return calibration;
}

}  // namespace fathom
