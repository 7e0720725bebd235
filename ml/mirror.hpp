// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>

#include "ml/images.hpp"
#include "ml/learner.hpp"

namespace fathom {

/// Images seen in a mirror: x runs the other way. Of answers also the normals' x changes its sign.
Images mirrored(const Images& images);
Images mirrored_answer(const Images& answer);

/// The mean of a network's answer and of that to the mirrored question, mirrored back: an answer that a
/// mirror commutes with, bit by bit.
class MirrorMean final : public Network {
 public:
  explicit MirrorMean(std::unique_ptr<const Network> network) : network_(std::move(network)) {}
  /// Of any size: both questions are padded, after the mirror.
  Images apply(const Images& inputs) const override;
  Images pull_back(const Images& inputs, const Images& change) const override;

 private:
  std::unique_ptr<const Network> network_;
};

}  // namespace fathom
