// SPDX-License-Identifier: BSD-3-Clause
#include "ml/network_denoiser.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "ml/network_contract.hpp"

namespace fathom {

NetworkDenoiser::NetworkDenoiser(std::shared_ptr<const Network> network, const Situation& situation)
    : network_(std::move(network)),
      shown_(network_inputs(situation)),
      start_(to_host(situation.start.size() > 0 ? situation.start : situation.velocity.at("vp"))),
      frozen_(situation.frozen),
      lower_(situation.min_frequency * mean_spacing(situation.velocity.grid)),
      upper_(situation.max_frequency * mean_spacing(situation.velocity.grid)) {}

double NetworkDenoiser::value_and_gradient(const std::vector<double>& velocity,
                                           std::vector<double>& slopes) const {
  Images inputs = shown_;
  for (std::size_t cell = 0; cell < velocity.size(); ++cell)
    show_velocity(inputs, cell, velocity[cell], start_[cell], lower_, upper_);
  const Images answer = network_->apply(inputs);
  if (!fault_of(answer, inputs.nx, inputs.nz).empty()) return std::numeric_limits<double>::infinity();
  Images change(output_channels, inputs.nx, inputs.nz);
  double value = 0;
  for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
    if (frozen_[cell]) continue;
    const float residual = answer.channel(output_residual)[cell];
    change.channel(output_residual)[cell] = residual;
    value += 0.5 * double(residual) * double(residual);
  }
  const Images pull = network_->pull_back(inputs, change);
  for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
    const auto slope = [&](int channel) { return double(pull.channel(channel)[cell]); };
    const double v = velocity[cell];
    slopes[cell] +=
        slope(input_velocity) / velocity_unit + slope(input_update) / update_unit -
        edge_unit / (v * v) * (lower_ * slope(input_lower_edge) + upper_ * slope(input_upper_edge));
  }
  return value;
}

}  // namespace fathom
