// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "ml/calibration.hpp"
#include "ml/learner.hpp"
#include "ml/network_shape.hpp"
#include "ml/targets.hpp"
#include "physics/communicator.hpp"
#include "physics/options.hpp"

namespace fathom {

struct TrainingOptions {
  int epochs = 60;
  int batch = 16;
  double learning_rate = 1e-3;
  double weight_decay = 1e-4;
  int patience = 12;

  void describe(OptionVisitor& option);
};

/// Where samples come from, by their numbers; on every rank the same.
using SampleSource = std::function<Sample(int number)>;

/// How a training stands: all that it needs to go on.
struct TrainingState {
  std::vector<float> weights;
  std::vector<double> first, second;  ///< moments of the gradient
  std::int64_t steps = 0;
  int epoch = 0;  ///< that are done
  std::vector<float> best;
  int best_epoch = 0;
  double best_loss = 0;

  bool operator==(const TrainingState&) const = default;
};

/// What an epoch came to.
struct EpochReport {
  int epoch = 0;
  double learning_rate = 0;
  Loss training, validation;  ///< the first while the weights changed
};

/// Fits a network to samples: Adam (Kingma and Ba, ICLR 2015) with decoupled weight decay (Loshchilov and
/// Hutter, ICLR 2019) on batches in random order, every other question or so seen in a mirror; the learning
/// rate falls as a cosine to a hundredth; gradients longer than 1 are shortened.
///
/// A batch is spread over the ranks, and its gradients are summed in their order: the same bits for the same
/// seed on the same number of ranks, also when it was stopped between two epochs.
class Trainer {
 public:
  Trainer(const NetworkShape& shape, const TrainingOptions& options, std::uint64_t seed,
          Communicator& communicator)
      : shape_(shape), options_(options), seed_(seed), communicator_(communicator) {}

  TrainingState start() const;
  /// One pass over the training samples, and the loss of the others after it. The weights of the least
  /// validation loss are kept. `on_batch` gets the batches done, and their number.
  EpochReport epoch(TrainingState& state, const SampleSource& source, const std::vector<int>& training,
                    const std::vector<int>& validation,
                    const std::function<void(int, int)>& on_batch = {}) const;
  /// Whether the validation loss has not fallen for `patience` epochs, or all epochs are done.
  bool finished(const TrainingState& state) const;
  /// How the probabilities of the network with these weights compare with what is true.
  Calibration calibrate(const std::vector<float>& weights, const SampleSource& source,
                        const std::vector<int>& validation) const;

 private:
  double learning_rate(int epoch) const;
  void step(TrainingState& state, const std::vector<double>& gradient, double rate) const;
  Loss validate(const std::vector<float>& weights, const SampleSource& source,
                const std::vector<int>& validation) const;

  NetworkShape shape_;
  TrainingOptions options_;
  std::uint64_t seed_;
  Communicator& communicator_;
};

/// A sample at a size that the network takes; what is added does not count.
Sample padded_sample(const Sample& sample);
/// As it would be if the line ran the other way.
Sample mirrored_sample(const Sample& sample);

}  // namespace fathom
