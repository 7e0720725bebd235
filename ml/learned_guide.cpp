// SPDX-License-Identifier: BSD-3-Clause
#include "ml/learned_guide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ml/mirror.hpp"
#include "ml/network_contract.hpp"
#include "ml/network_denoiser.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

double largest_confidence(const Images& answer, const std::vector<bool>& frozen) {
  float largest = 0;
  for (std::size_t cell = 0; cell < frozen.size(); ++cell)
    if (!frozen[cell]) largest = std::max(largest, answer.channel(output_confidence)[cell]);
  return largest;
}

std::unique_ptr<Guide> make_torchscript(const LearnedGuideParts& parts) {
  std::unique_ptr<const Network> network = learner().load_script(parts.file);
  require_contract(*network, parts.file);
  return std::make_unique<NetworkGuide>(std::make_unique<AnySize>(std::move(network)), parts.options);
}

std::unique_ptr<Guide> make_network_guide(const LearnedGuideParts& parts) {
  const TrainedNetwork& trained = parts.network;
  auto network = std::make_unique<MirrorMean>(learner().make_network(trained.shape, trained.weights));
  require_contract(*network, parts.file);
  return std::make_unique<NetworkGuide>(std::move(network), parts.options, trained.familiarity);
}

}  // namespace

Guidance NetworkGuide::advise(const Situation& situation) const {
  const Images inputs = network_inputs(situation);
  // After a jump a model is unlike those of a training, and data will say what it thinks of the next.
  std::string fault = situation.proven ? "" : strangeness_of(inputs);
  try {
    if (!fault.empty()) throw RunError(fault);
    const Images answer = network_->apply(inputs);
    fault = fault_of(answer, inputs.nx, inputs.nz);
    if (!fault.empty()) {
      fault = "the network " + fault;
    } else {
      const double confidence = largest_confidence(answer, situation.frozen);
      if (confidence < options_.least_confidence)
        throw RunError(fmt::format("its confidence is {:.2g} where it is highest, below {:.2g}", confidence,
                                   options_.least_confidence));
      Guidance guidance = guidance_of(answer, situation, options_);
      taper_steering(guidance, situation.frozen, options_.taper);
      return guidance;
    }
  } catch (const RunError& error) {
    fault = error.what();
  }
  return abstention(situation.velocity.grid, fault);
}

std::shared_ptr<const Denoiser> NetworkGuide::denoiser(const Situation& situation) const {
  return std::make_shared<NetworkDenoiser>(network_, situation);
}

/// Why the network cannot know about a question; empty: it can.
std::string NetworkGuide::strangeness_of(const Images& inputs) const {
  if (!familiarity_.known()) return {};
  const std::vector<double> features = features_of(inputs);
  const double distance = familiarity_.distance(features);
  if (distance <= familiarity_.limit) return {};
  const Familiarity::Strangest strangest = familiarity_.strangest(features);
  return fmt::format(
      "the model is unlike those the network was trained on (a distance of {:.3g}, beyond {:.3g}; "
      "the {} alone is {:.2g} standard deviations {})",
      distance, familiarity_.limit, name_of_feature(strangest.feature), std::abs(strangest.deviations),
      strangest.deviations < 0 ? "below" : "above");
}

const Registry<Guide, const LearnedGuideParts&>& learned_guides() {
  static const Registry<Guide, const LearnedGuideParts&> table(
      "learned guide", {{"torchscript", "a TorchScript module of your own", make_torchscript},
                        {"network", "a network that fathom trained", make_network_guide}});
  return table;
}

bool is_learned(const std::string& kind) {
  const std::vector<std::string> names = learned_guides().names();
  return std::find(names.begin(), names.end(), kind) != names.end();
}

GuideOptions options_of_any_guide() {
  GuideOptions options;
  for (const std::string& name : learned_guides().names()) options.kinds.push_back(name);
  return options;
}

}  // namespace fathom
