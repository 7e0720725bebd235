// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What LibTorch does for us, declared without it.

#include <memory>
#include <string>
#include <vector>

#include "ml/images.hpp"

namespace fathom {

struct NetworkShape;

/// A function from images to images.
class Network {
 public:
  virtual ~Network() = default;
  /// The same bits for the same images. Throws RunError when it fails.
  virtual Images apply(const Images& inputs) const = 0;
  /// The gradient of sum(change * apply(inputs)) with respect to the inputs: the transpose of the Jacobian
  /// applied to a change of the answer. Throws RunError when it fails.
  virtual Images pull_back(const Images& inputs, const Images& change) const = 0;
};

/// What a network of a shape should have answered, cell by cell.
struct Target {
  enum Channel { residual, edge, normal_x, normal_z, weight, channels };
  /// residual: 1000 m/s; edge: 0 or 1; normal: of unit length where there is an edge; weight: 0 where a cell
  /// does not count.
  Images images;
};

/// Means over the cells that count.
struct Loss {
  /// Twice the absolute error in 1000 m/s, and a quarter of (its negative log likelihood in a Laplace
  /// distribution of the variance that the network gives, plus ln 2).
  double residual = 0;
  double edge = 0;        ///< cross entropy
  double normal = 0;      ///< over edges: half the square of the distance to the true normal
  double confidence = 0;  ///< cross entropy of "an edge, and within 45 degrees of the normal"

  double total() const { return residual + edge + normal + confidence; }
};

/// The door to LibTorch. It works on one thread a rank, and leaves the thread's treatment of subnormal
/// numbers as it was.
class Learner {
 public:
  virtual ~Learner() = default;
  /// A TorchScript module, by its method forward(tensor [1, channel, x, z]) -> tensor of the same kind.
  /// Throws UserError when the file is none.
  virtual std::unique_ptr<Network> load_script(const std::string& path) const = 0;
  /// The network of network_shape.hpp.
  virtual std::unique_ptr<Network> make_network(const NetworkShape& shape,
                                                const std::vector<float>& weights) const = 0;
  /// Its loss for one question, both of one size that the network takes, and the loss's gradient with respect
  /// to the weights, which is added.
  virtual Loss add_gradient(const NetworkShape& shape, const std::vector<float>& weights,
                            const Images& inputs, const Target& target,
                            std::vector<double>& gradient) const = 0;
};

/// Loads LibTorch at the first call. Throws UserError in a build without it.
const Learner& learner();
/// Whether this build can.
bool has_learner();

}  // namespace fathom
