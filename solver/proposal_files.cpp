// SPDX-License-Identifier: BSD-3-Clause
#include "solver/proposal_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <limits>

#include "io/model_file.hpp"

namespace fathom {
namespace {

std::string group_of(std::int64_t number) {
  return fmt::format("/proposals/{:02}", number);
}

std::int64_t proposals_before(const std::optional<Checkpoint>& checkpoint) {
  GuideRecord record;
  if (checkpoint) record.restore(*checkpoint);
  return record.proposals();
}

}  // namespace

ProposalFiles::ProposalFiles(const RunFolder& folder, bool is_root,
                             const std::optional<Checkpoint>& checkpoint)
    : table_(folder.path("proposals.csv"),
             {"proposal", "stage", "kind", "fate", "misfit_with", "misfit_without", "difference",
              "standard_error", "pilot_with", "pilot_without", "choices", "alpha", "from_m", "to_m",
              "largest_m_s", "trust_m_s", "strength", "pde_solves"},
             is_root, std::size_t(proposals_before(checkpoint))) {
  const std::string path = folder.path("models.h5");
  if (!is_root || !std::filesystem::exists(path)) return;
  for (std::int64_t number = 0; number < proposals_before(checkpoint); ++number) {
    if (!Hdf5File::open(path).exists(group_of(number))) return;
    models_.emplace_back(group_of(number), read_model_group(path, group_of(number)));
  }
}

void ProposalFiles::add(const Proposal& proposal) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const bool jump = proposal.kind == Proposal::Kind::jump;
  const auto of_jump = [&](double value) { return jump ? value : none; };
  const PairedScores& scores = proposal.scores;
  const auto of_pilot = [&](double value) { return proposal.pilot.without > 0 ? value : none; };
  table_.append({std::int64_t(proposal.number), std::int64_t(proposal.stage), jump ? "jump" : "steering",
                 proposal.accepted ? "accepted" : "rejected", of_jump(scores.with), of_jump(scores.without),
                 of_jump(scores.difference), of_jump(scores.standard_error), of_pilot(proposal.pilot.with),
                 of_pilot(proposal.pilot.without), std::int64_t(proposal.tried),
                 of_jump(proposal.choice.alpha), of_jump(proposal.choice.from * proposal.depth),
                 of_jump(proposal.choice.to * proposal.depth), of_jump(proposal.largest),
                 of_jump(proposal.trust), jump ? none : proposal.strength, proposal.solves});
  models_.emplace_back(group_of(proposal.number), clone(proposal.fields));
}

}  // namespace fathom
