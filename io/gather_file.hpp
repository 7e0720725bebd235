// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "physics/communicator.hpp"
#include "physics/survey.hpp"

namespace fathom {

/// The gather of survey.shots[shot] under a name, or null when this rank does not have it.
using GatherSource = std::function<const Gather*(int shot, const std::string& name)>;

/// Writes a survey and its gathers, all ranks together (collective), each the gathers that it has:
///   /wavelet [sample]                          attributes dt, t0 (s)
///   /shots/NNNN/source [3], receivers [n, 3]   m; NNNN is Shot::id
///   /shots/NNNN/<name> [receiver, sample]      float32, attributes dt, t0 (s)
/// `names` are such as data, initial, predicted; a gather that no rank has is left out. The source is asked
/// twice for each gather. The file appears as a whole or not at all; every rank throws RunError when one of
/// them fails.
void write_gathers(const std::string& path, Communicator& communicator, const Survey& survey,
                   const std::vector<std::string>& names, const GatherSource& source);

/// The shots of such a file, in the order of their numbers. Without /wavelet the wavelet is empty and the
/// time axis that of the data. Throws UserError when the file is not of this format.
Survey read_survey(const std::string& path);

/// One gather by its shot's number. Throws UserError when it is absent or holds a value that is not finite.
Gather read_gather(const std::string& path, int shot, const std::string& name = "data");

}  // namespace fathom
