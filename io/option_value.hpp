// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "io/config_tree.hpp"
#include "physics/options.hpp"

namespace fathom {

/// Why a value does not fit its option.
struct BadValue {
  int item = -1;  ///< of a list; -1: the whole value
  std::string what{};
  std::string remedy{};
};

/// Sets the option's variable from a value of the file, or returns everything that is wrong with it and
/// leaves the variable alone.
std::vector<BadValue> assign(const OptionVisitor::Value& value, const OptionInfo& info,
                             const ConfigNode& node);

/// The variable's value as YAML on one line; `~` when absent.
std::string value_text(const OptionVisitor::Value& value);

/// "number", "whole number", "list of texts", ...
std::string kind_text(const OptionVisitor::Value& value);

/// "0.1 to 1", "at least 0", or nothing.
std::string range_text(const OptionInfo& info);

/// What to write for an option: "a number in m, 0.1 to 1 (default 0.9)".
std::string expectation_text(const OptionVisitor::Value& value, const OptionInfo& info);

}  // namespace fathom
