// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "physics/communicator.hpp"
#include "solver/case.hpp"

namespace fathom {

/// Something that a check looked at, with its numbers in words.
struct Finding {
  enum class Level { ok, warning, error };

  Level level = Level::ok;
  std::string topic;  ///< "wavelet", "stage 2"
  std::string key;    ///< option to blame; empty when all is well, or when `found` names file and line
  std::string found;
  std::string remedy;  ///< empty when all is well
};

/// What an inversion, with the simulation of its data where that is asked for, will cost.
struct Forecast {
  int ranks = 1;
  double memory_bytes_per_rank = 0;
  double machine_bytes_per_rank = 0;  ///< this machine's memory, shared among the ranks
  std::int64_t pde_solves = 0;        ///< of the inversion, as its report will count them
  double cell_steps = 0;              ///< of all shots, adjoint steps weighed by what they cost
  double cell_steps_per_second = 0;   ///< of one rank, measured; 0: not measured
  double seconds = 0;                 ///< wall time
};

/// Everything that can go wrong with a case, found before it does: velocities and bounds, wavelet, geometry,
/// time axis, data file, bands, step and grid, absorbing layer, memory and time. Takes about a second plus
/// the time to load (or generate) the surveyed model and to read the data.
///
/// `ranks_here` of the ranks share this machine; 0: all of them. Where errors leave nothing to forecast, the
/// forecast keeps its zeros. Throws nothing but what the machine is at fault for (RunError).
std::vector<Finding> check(const Case& the_case, int ranks, Forecast& forecast, int ranks_here = 0);
/// The same for the ranks of a communicator.
std::vector<Finding> check(const Case& the_case, const Communicator& communicator, Forecast& forecast);

/// "1.2 GB a rank, about 5 min on 2 ranks".
std::string in_words(const Forecast& forecast);

/// Findings and forecast for a terminal, no line longer than 100 characters (unless a word is).
std::string to_table(const std::vector<Finding>& findings, const Forecast& forecast);

/// "2 errors, 1 warning".
std::string count_findings(const std::vector<Finding>& findings);

/// Throws one UserError that lists all errors, each with file, line, key, value and remedy; returns when
/// there is none.
void require_sound(const Case& the_case, const std::vector<Finding>& findings);

}  // namespace fathom
