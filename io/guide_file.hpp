// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "regularizers/guide.hpp"

namespace fathom {

/// A guidance on disk (HDF5), on a grid of its own:
///   /guide/theta       [x, y, z]            weight of the total variation, in (0, 1]; with the grid's
///   attributes
///                                           origin, spacing (m) and axes, as in a model file
///   /guide/p           [x, y, z, component] steering, three components (x, y, z); may be absent
///   /guide/reference   [x, y, z]            velocity, m/s; may be absent
///   /guide/confidence  [x, y, z]            0 .. 1; may be absent: 1
/// Throws UserError where the file is absent, damaged, or holds values out of their range.
Guidance read_guidance(const std::string& path);

/// The inverse; the file is replaced as a whole.
void write_guidance(const std::string& path, const Guidance& guidance);

}  // namespace fathom
