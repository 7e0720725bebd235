// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace fathom {

/// Values of one option, of which each makes a variant of a case or of a recipe.
struct Sweep {
  std::string key;                  ///< such as inversion.regularizer.weight
  std::vector<std::string> values;  ///< as --set would take them

  /// The setting of a variant, "key=value".
  std::string setting(std::size_t variant) const { return key + "=" + values[variant]; }
  /// The name of its folder: the key's last word and the value, without what a path cannot hold.
  std::string name(std::size_t variant) const;
};

/// "key=value,value,..."; commas within brackets, braces or quotes belong to a value. UserError when there
/// is no key, or fewer than two values, when one is empty, or two would have the same folder.
Sweep parse_sweep(const std::string& text);

}  // namespace fathom
