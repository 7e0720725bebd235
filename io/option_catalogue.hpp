// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "io/config.hpp"

namespace fathom {

/// One line of the list of all options.
struct CatalogueEntry {
  enum class Kind { option, section, optional_section, list };

  Kind kind = Kind::option;
  std::string path{};  ///< without the indices of items: "inversion.stages.iterations"
  int depth = 0;
  std::string meaning{};
  std::string value{};  ///< the default, in words for sections and lists
  std::string type{};   ///< of an option
  OptionInfo info{};    ///< of an option
};

/// Every option there is, in the order in which they are described, with the members of absent sections and
/// one item of each list. The options that are visited change: visit a copy.
std::vector<CatalogueEntry> catalogue_of(const DescribeOptions& options);

}  // namespace fathom
