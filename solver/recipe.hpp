// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The schema of a recipe file: what a guide is trained on, and how.

#include <string>
#include <vector>

#include "ml/network_shape.hpp"
#include "ml/trainer.hpp"
#include "physics/options.hpp"

namespace fathom {

/// Sections of procedural geology and surveys over them. Ranges are [lowest, highest].
struct SectionOptions {
  std::vector<std::string> kinds{"layered", "folded_faulted", "salt", "salt", "thrust"};
  std::vector<double> width{96, 128}, depth{52, 76};  ///< cells
  std::vector<double> spacing{15, 60};                ///< m
  std::vector<double> points_per_wavelength{5, 9};
  std::vector<double> velocity_scale{0.9, 1.1};
  std::vector<double> shots{4, 7};

  void describe(OptionVisitor& option);
};

/// The inversions whose states a network learns from.
struct StatesOptions {
  int stages = 3;
  std::vector<double> first_band{0.3, 0.5};  ///< of the last band's edge
  std::vector<double> coarsening{1.3, 1.8};  ///< of the first stage's grid
  std::vector<double> iterations{1, 5};
  double stochastic = 0.4;                 ///< share of the inversions
  double without_low_frequencies = 0.5;    ///< share of the inversions
  std::vector<double> low_edge{0.3, 0.8};  ///< of the first band's edge
  double from_blur = 0.4;
  std::vector<double> blur{0.06, 0.25};  ///< of the section's depth
  double noisy = 0.5;
  std::vector<double> noise_snr{10, 30};  ///< dB

  void describe(OptionVisitor& option);
};

/// Rounds after the first: more models, whose inversions the network so far guides, its guards on, so that it
/// learns from states such as it will meet after jumps of its own.
struct OnPolicyOptions {
  int rounds = 0;
  int models = 500;  ///< a round
  int epochs = 20;
  double learning_rate = 3e-4;

  void describe(OptionVisitor& option);
};

struct NetworkOptions {
  std::vector<double> widths{16, 24, 32, 48, 64};

  void describe(OptionVisitor& option);
  NetworkShape shape() const;
};

struct RecipeOptions {
  std::string title;
  int seed = 1;
  int models = 5000;
  SectionOptions sections;
  int validation = 10;
  StatesOptions states;
  NetworkOptions network;
  TrainingOptions training;
  OnPolicyOptions on_policy;

  void describe(OptionVisitor& option);
  /// Models in all, up to and with a round; the first is 0.
  int models_of_round(int round) const { return models + round * on_policy.models; }
  /// In which round a model is made.
  int round_of(int model) const { return model < models ? 0 : 1 + (model - models) / on_policy.models; }
};

/// The recipe that ends with a round: what later ones will be does not change it.
RecipeOptions recipe_of_round(RecipeOptions recipe, int round);

/// Throws UserError for a range that is not [lowest, highest] and a kind of earth that there is not.
void require_ranges(const RecipeOptions& options);

}  // namespace fathom
