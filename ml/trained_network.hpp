// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "ml/familiarity.hpp"
#include "ml/network_shape.hpp"

namespace fathom {

/// A network that was trained, with what must be known of it.
struct TrainedNetwork {
  NetworkShape shape{};
  std::vector<float> weights{};
  Familiarity familiarity{};
  std::string recipe{};     ///< what it was trained by, as YAML
  std::string data_hash{};  ///< SHA-256 of what it was trained on
};

}  // namespace fathom
