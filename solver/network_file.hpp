// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "ml/trained_network.hpp"

namespace fathom {

/// A trained network on disk: HDF5, with a checksum over all of it. The file is replaced as a whole.
void write_network(const std::string& path, const TrainedNetwork& network);

/// Where the network is that comes with the program.
std::string shipped_network();

/// The same bits again. Throws UserError when the file is absent, damaged, or holds something else.
TrainedNetwork read_network(const std::string& path);

}  // namespace fathom
