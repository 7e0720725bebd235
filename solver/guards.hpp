// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What keeps a guide from doing harm: its advice is tried before it is taken, and fades over the stages.

#include <cstdint>
#include <optional>
#include <string>

#include "io/checkpoint.hpp"
#include "regularizers/guide.hpp"
#include "solver/case.hpp"
#include "solver/jump.hpp"

namespace fathom {

/// Whether the case's guide is guarded: a learned one, unless it says otherwise.
bool is_guarded(const Case& the_case);

/// Passes over the shots with which a pilot is flown: iterations, or epochs of a stochastic method, in which
/// every shot has its say once.
inline constexpr int pilot_passes = 2;

/// What happened to one kind of proposal.
struct Fates {
  std::int64_t accepted = 0, rejected = 0;
};

/// What an inversion remembers of a guide from stage to stage.
struct GuideRecord {
  double trust = 0;  ///< largest step of a jump, m/s
  Fates jumps, steering;
  std::int64_t refuted = 0;  ///< jumps that a pilot spoke against: none is tried after one
  double strength = 1;       ///< of the regularizer on trial; 0: it was rejected, and is not tried again
  std::int64_t abstained = 0;
  std::int64_t solves = 0;  ///< of scores and of pilots that were not gone on from

  /// A jump was taken: data has shown that the guide knows the section.
  bool proven() const { return jumps.accepted > 0; }
  std::int64_t proposals() const {
    return jumps.accepted + jumps.rejected + steering.accepted + steering.rejected;
  }
  void save(Checkpoint& checkpoint) const;
  void restore(const Checkpoint& checkpoint);
};

/// What a guide proposed, and what became of it. Fields are on the inversion's grid.
struct Proposal {
  enum class Kind { jump, steering };
  Kind kind = Kind::jump;
  int number = 0, stage = 0;  ///< from 0
  bool accepted = false;
  bool proven = false;         ///< a jump of the same guide was taken before
  PairedScores scores;         ///< of the held-out shots: of a jump's model and that before it
  PairedScores pilot;          ///< and of pilots with the proposal and without, where they were flown
  std::vector<double> course;  ///< a jump's probation: with it over without it, from the first pilot on
  int tried = 0;               ///< choices of a jump
  JumpChoice choice;           ///< of them, the one that is taken
  double depth = 0;            ///< m, that its shares are of
  double largest = 0;          ///< step of a jump, m/s
  double trust = 0;            ///< in force, m/s
  double strength = 0;         ///< of the regularizer that steers: share of its weight
  std::int64_t solves = 0;     ///< that it took to score it, and of pilots that were not gone on from
  Model model;                 ///< that is gone on from
  Model fields;                ///< of the proposal, see ProposalFiles
};

/// What was proposed, how it was judged, and what became of it.
std::string in_words(const Proposal& proposal);

/// Why a guidance cannot be used, whatever the guide: a value that is not finite, Theta outside (0, 1],
/// |P| > Theta; empty: it can.
std::string fault_of(const Guidance& guidance);
/// Whether it steers at all: P that is not zero, or a Theta that is not 1, in some cell; or its denoiser
/// does.
bool steers(const Guidance& guidance);
/// The guidance with a share of its say: share P, and 1 - share (1 - Theta).
Guidance faded(const Guidance& guidance, double share);
/// How much of its say a guide has in a stage: from 1 in the first, in equal steps, to 0 in the last.
double share_of_say(int stage, int stages);
/// So many choices may a search for a jump try in each stage: `scan` as a share of what the case's stages
/// take at most, over the solves of a score.
int affordable_choices(const Case& the_case, int held_out);

}  // namespace fathom
