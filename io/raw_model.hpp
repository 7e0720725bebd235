// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "physics/model.hpp"

namespace fathom {

/// The raw .f32 format with its JSON sidecar, described in io/model_file.hpp.
Model read_raw_model(const std::string& path);
void write_raw_model(const std::string& path, const Model& model);

/// What every reader of models asks of a property: finite in the program's precision, in SI units (empty: not
/// told). Throws UserError with the cell.
void check_property(const std::string& path, const std::string& property, const std::string& units,
                    const Grid& grid, const std::vector<double>& values);

/// SI unit of a property, "m/s" say; empty when it is not a known one.
std::string unit_of(const std::string& property);

}  // namespace fathom
