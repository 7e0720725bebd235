// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fathom {

/// Everything that a run needs to go on, under names of its own choosing ("lbfgs/step/3"). A name may hold
/// slashes, but must not be a folder of another one of its kind.
struct Checkpoint {
  std::map<std::string, std::vector<double>> arrays;
  std::map<std::string, std::int64_t> integers;
  std::map<std::string, std::string> texts;

  bool operator==(const Checkpoint&) const = default;
};

/// Writes an HDF5 file with a SHA-256 over the contents. A checkpoint that stands at `path` survives every
/// failure, of the disk and of the power: it is replaced in one step when the new one is whole. Throws
/// RunError.
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// The same bits again. Throws RunError when the file is absent or its contents do not match their checksum.
Checkpoint read_checkpoint(const std::string& path);

}  // namespace fathom
