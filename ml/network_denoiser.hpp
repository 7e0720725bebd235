// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "ml/learner.hpp"
#include "regularizers/denoiser.hpp"
#include "regularizers/guide.hpp"

namespace fathom {

/// What a learned guide's residual head would change of a velocity (m/s), in 1000 m/s, in the cells that are
/// not frozen. It goes on looking at the image, the descent direction, the illumination and the sea floor of
/// the situation in which it is made; the velocity, and what else it is shown of that, is today's.
///
/// A network that no longer answers with numbers makes its value infinite, without slopes.
class NetworkDenoiser final : public Denoiser {
 public:
  /// The network takes images of any size.
  NetworkDenoiser(std::shared_ptr<const Network> network, const Situation& situation);
  double value_and_gradient(const std::vector<double>& velocity, std::vector<double>& slopes) const override;

 private:
  std::shared_ptr<const Network> network_;
  Images shown_;
  std::vector<double> start_;  // m/s
  std::vector<bool> frozen_;
  double lower_, upper_;  // edges of the band times the spacing, m/s
};

}  // namespace fathom
