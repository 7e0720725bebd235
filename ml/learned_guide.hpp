// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "ml/familiarity.hpp"
#include "ml/learner.hpp"
#include "ml/trained_network.hpp"
#include "physics/registry.hpp"
#include "regularizers/guide.hpp"

namespace fathom {

/// A guide that asks a network, by the contract of channels.hpp. When the answer is not one (a value
/// that is not finite, say), it is nowhere confident, or the question is strange to it and it has not been
/// proven, it abstains:
/// Theta = 1, P = 0, no reference, and the guidance says why.
class NetworkGuide final : public Guide {
 public:
  /// The network takes images of any size. `familiarity`: where it is known, the guide abstains from what is
  /// stranger than its limit.
  NetworkGuide(std::shared_ptr<const Network> network, GuideOptions options, Familiarity familiarity = {})
      : network_(std::move(network)), options_(std::move(options)), familiarity_(std::move(familiarity)) {}

  Guidance advise(const Situation& situation) const override;
  std::shared_ptr<const Denoiser> denoiser(const Situation& situation) const override;
  bool wants_image() const override { return true; }
  bool wants_gradient() const override { return true; }

 private:
  std::string strangeness_of(const Images& inputs) const;

  std::shared_ptr<const Network> network_;
  GuideOptions options_;
  Familiarity familiarity_;
};

/// What a learned guide is made of: its options, and the path of its file or what that holds.
struct LearnedGuideParts {
  GuideOptions options{};
  std::string file{};
  TrainedNetwork network{};
};

/// Learned guides by name. Making one loads LibTorch and tries the network; throws UserError, with what to
/// change, when it does not fit or this build has no LibTorch.
const Registry<Guide, const LearnedGuideParts&>& learned_guides();
bool is_learned(const std::string& kind);

/// Options whose kind may be any guide's, learned or not.
GuideOptions options_of_any_guide();

}  // namespace fathom
