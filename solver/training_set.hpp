// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What a network learns from: states of real inversions, each with what should have been said of it.
//
// While it grows there is a file a model (models/000123.h5, written in one step), so that making it can be
// stopped anywhere and goes on with what is missing. Once it is complete they are in one file, set.h5, where
// a state can be read alone (they differ in size: stages have grids of their own):
//   /models/NNNNNN/states/S/inputs  [channel, x, z]   float, the channels of ml/channels.hpp
//   /models/NNNNNN/states/S/targets [channel, x, z]   float, those of Target
//   /models/NNNNNN attributes kind (of earth), states (their number)
//   / attributes models (their number), recipe (YAML), hash (SHA-256 over all values, in order)

#include <optional>
#include <string>
#include <vector>

#include "io/hdf5.hpp"
#include "ml/targets.hpp"
#include "solver/recipe.hpp"

namespace fathom {

/// The states of a recipe's model of that number, by an inversion on this rank alone: of all shots, or, in a
/// round after the first, guided by a network, with its guards and the shots that they hold out.
struct ModelSamples {
  std::string kind;  ///< of earth
  std::vector<Sample> samples;
};
ModelSamples samples_of_model(const RecipeOptions& recipe, int number,
                              const std::optional<std::string>& network);

/// The set in a folder.
class TrainingSet {
 public:
  explicit TrainingSet(std::string folder);

  const std::string& folder() const { return folder_; }
  bool has(int number) const;
  void add(int number, const ModelSamples& samples);
  ModelSamples read(int number) const;
  Sample read(int number, int state) const;
  int states_of(int number) const;
  /// Puts the models 0 .. count - 1 into one file and removes those of their own, models beyond these too.
  /// Returns the SHA-256 over their values.
  std::string join(int count, const std::string& recipe);
  /// Whether that is done, for so many models or more.
  bool is_joined(int count) const;
  std::string hash() const;

 private:
  struct Place {
    Hdf5File file;
    std::string group;
  };
  Place place_of(int number) const;
  std::string file_of(int number) const;
  std::string joined_file() const;

  std::string folder_;
  int joined_ = 0;  // models in set.h5
};

}  // namespace fathom
