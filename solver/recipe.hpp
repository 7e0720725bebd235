// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The schema of a recipe file: what a guide is trained on, and how.

#include <optional>
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
  std::optional<std::string> guide;      ///< path of a network
  double noisy = 0.5;
  std::vector<double> noise_snr{10, 30};  ///< dB

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

  void describe(OptionVisitor& option);
};

/// Throws UserError for a range that is not [lowest, highest] and a kind of earth that there is not.
void require_ranges(const RecipeOptions& options);

}  // namespace fathom
