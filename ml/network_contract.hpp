// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Between situations and guidances, and the images of channels.hpp.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ml/channels.hpp"
#include "ml/images.hpp"
#include "ml/learner.hpp"
#include "regularizers/guide.hpp"

namespace fathom {

/// What is known, as a network sees it. The situation is that of a section (one cell in y); throws UserError
/// for another.
Images network_inputs(const Situation& situation);

/// The geometric mean of a section's spacings, m.
double mean_spacing(const Grid& grid);
/// The channels that depend on the velocity (m/s) of a cell; `lower`, `upper`: the band's edges times that
/// spacing, m/s.
void show_velocity(Images& images, std::size_t cell, double velocity, double start, double lower,
                   double upper);

/// The images grown to sizes that a network takes, by repetition of the last row and column.
Images padded(const Images& images);
/// The first columns and rows of them.
Images cut(const Images& images, int nx, int nz);

/// What the network says of images of any size.
Images ask(const Network& network, const Images& inputs);
/// Its gradient, of images of any size: see Network::pull_back.
Images pull_back(const Network& network, const Images& inputs, const Images& change);

/// A network that takes any size, from one that takes multiples of the stride.
class AnySize final : public Network {
 public:
  explicit AnySize(std::unique_ptr<const Network> network) : network_(std::move(network)) {}
  Images apply(const Images& inputs) const override { return ask(*network_, inputs); }
  Images pull_back(const Images& inputs, const Images& change) const override {
    return fathom::pull_back(*network_, inputs, change);
  }

 private:
  std::unique_ptr<const Network> network_;
};

/// What is wrong with an answer, in words; empty: nothing. Values must be finite and within their ranges.
std::string fault_of(const Images& answer, int nx, int nz);

/// Tries a network on two sizes. Throws UserError, `name` in front, with the contract as a remedy when its
/// answer has another shape, holds what is no number or lies outside its range, or differs the second time.
void require_contract(const Network& network, const std::string& name);

/// Edge probability w, normal n and confidence c as Theta = theta_min + (1 - theta_min) (1 - w) and
/// P = -gamma c Theta n, averaged over a cell and the next along each component's axis because that is where
/// differences lie, untapered, |P| <= 0.95 Theta; the residual as a reference velocity within
/// +-largest_jump (m/s) of the velocity and above 300 m/s, the same as it in frozen cells.
Guidance guidance_of(const Images& answer, const Situation& situation, const GuideOptions& options);

}  // namespace fathom
