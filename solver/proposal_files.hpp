// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/run_folder.hpp"
#include "solver/guards.hpp"

namespace fathom {

/// What a run folder keeps of a guarded guide's proposals: a row each in proposals.csv (those of history.csv
/// are iterations, of which a proposal has none or several), and a group each of models.h5.
class ProposalFiles {
 public:
  /// To resume, with the proposals up to the checkpoint; a later one may be in the files as well, when the
  /// run was killed behind its last checkpoint.
  ProposalFiles(const RunFolder& folder, bool is_root, const std::optional<Checkpoint>& checkpoint);

  void add(const Proposal& proposal);
  /// "/proposals/00" and so on: the model before, what was proposed (velocity, or Theta and P), the guide's
  /// confidence, and of a jump the model that was gone on with.
  const std::vector<std::pair<std::string, Model>>& models() const { return models_; }

 private:
  Table table_;
  std::vector<std::pair<std::string, Model>> models_;
};

}  // namespace fathom
