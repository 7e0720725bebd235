// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

namespace fathom {

/// The path of the data set of that name ("marmousi2/vp_20m"): an existing file, or else what is found under
/// `data_option` (may be empty), $FATHOM_DATA, and data/ and ../shared/data of the source tree. Throws
/// UserError with the places searched, and with what the data set is and where it comes from.
std::string find_data(const std::string& name, const std::string& data_option);

/// The file that a path stands for: itself, or it with .h5 or .f32 behind.
std::optional<std::string> existing_data_file(const std::string& path);

}  // namespace fathom
