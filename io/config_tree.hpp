// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace fathom {

/// A YAML value, freed from the library that parsed it.
struct ConfigNode {
  enum class Kind { nothing, scalar, list, map };

  Kind kind = Kind::nothing;
  std::string key{};   ///< its name in the map that holds it
  std::string text{};  ///< of a scalar
  bool quoted = false;
  int line = 0;  ///< counted from 1; 0: given by `--set`
  std::vector<ConfigNode> children{};

  const ConfigNode* member(const std::string& name) const;
};

/// Something wrong in a file, ready to print.
struct ConfigProblem {
  int line = 0;
  std::string text{};
};

struct ConfigDocument {
  std::string name{};
  ConfigNode root{};
  std::vector<ConfigProblem> problems{};  ///< those found before any option is read

  /// The problem of the value at a path, or of what is absent there.
  ConfigProblem problem(const std::string& path, const std::string& what, const std::string& remedy) const;
  /// Likewise, with the place and the value known.
  ConfigProblem problem(int line, const std::string& path, const std::string& value, const std::string& what,
                        const std::string& remedy) const;

  /// Puts a value where a `--set` wants it, making the sections on the way. Throws UserError where that
  /// cannot be.
  void assign(const std::string& path, ConfigNode value);
};

/// "stages[1].iterations" and "stages.1.iterations" as {"stages", "1", "iterations"}.
std::vector<std::string> split_path(const std::string& path);
std::string join_path(const std::string& parent, const std::string& key);
std::string item_path(const std::string& list, std::size_t item);
/// "inversion.stages[1].iterations" as "inversion.stages.iterations".
std::string without_items(const std::string& path);
/// Path of the section that holds a key, and the key's own name.
std::string parent_of(const std::string& path);
std::string name_of(const std::string& path);

/// The value on one line, cut short when long.
std::string flow_text(const ConfigNode& node);

/// YAML 1.1: true, yes, on, ...; nothing when it is no boolean.
std::optional<bool> boolean(const ConfigNode& node);

}  // namespace fathom
