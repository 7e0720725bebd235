// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "physics/error.hpp"
#include "physics/options.hpp"

namespace fathom {

struct ConfigDocument;

/// What the templates below hand to the code behind them: `describe` of one struct of options.
using DescribeOptions = std::function<void(OptionVisitor&)>;

/// A case file (YAML), with the changes that `--set key.path=value` makes to it.
///
/// Reading is strict. Problems read
///
///     case.yaml:12: inversion.stages[1].max_frequency: -3: lies outside 0.1 to 200 Hz
///       remedy: write a number in Hz, 0.1 to 200 (default 5)
///
/// with `--set` in place of file and line when the value came from there. Keys that the file leaves out keep
/// their defaults, unless they are required. A list that is present replaces the default list. An optional
/// section is wanted when it is `true` or a map, and absent when it is `false` or `~`; an optional value is
/// absent when it is `~`. A single value is taken for a list of one. Booleans are those of YAML 1.1.
class Config {
 public:
  /// Throws UserError if the file cannot be read, is not YAML or is empty, or if an override fits nowhere.
  /// In an override's path, `stages[0].iterations` and `stages.0.iterations` are the same; its value is YAML.
  static Config from_file(const std::string& path, const std::vector<std::string>& overrides = {});
  /// The same for a text; `name` stands for the file in messages.
  static Config from_text(const std::string& text, const std::string& name,
                          const std::vector<std::string>& overrides = {});

  /// Fills the options, whose values so far are the defaults. Throws one UserError that lists every problem;
  /// the options are then filled in part.
  template <class Options>
  void read(Options& options) const {
    read_described([&options](OptionVisitor& visitor) { options.describe(visitor); },
                   [all = options](OptionVisitor& visitor) mutable { all.describe(visitor); });
  }

  /// What to throw when a value that reads well makes no sense in the case as a whole; the message has file,
  /// line and value of the key, or of the closest section around it that the file has.
  UserError error(const std::string& key_path, const std::string& what, const std::string& remedy) const;
  /// The same for a mistake that was met where the case's file is not known: its remedy stays what it is.
  UserError error(const std::string& key_path, const UserError& cause) const;

 private:
  explicit Config(std::shared_ptr<const ConfigDocument> document);
  /// `options` is visited to be filled, `all` to learn every key there is.
  void read_described(const DescribeOptions& options, const DescribeOptions& all) const;

  std::shared_ptr<const ConfigDocument> document_;
};

std::string write_yaml(const DescribeOptions& options);
std::string write_manual(const DescribeOptions& options, const std::string& section);

/// The resolved case: every option with its value, such that reading the text gives the same options to the
/// last bit (numbers are written with as few digits as that takes). Absent values are `~`, absent sections
/// `false`, so that this holds whatever the defaults are.
template <class Options>
std::string to_yaml(Options options) {
  return write_yaml([&options](OptionVisitor& visitor) { options.describe(visitor); });
}

/// The manual, at most 100 columns wide: every key with its default, unit, range or choices, and meaning.
/// `section` selects a part ("inversion.stages"). Throws UserError if there is no such part.
template <class Options>
std::string explain(Options options, const std::string& section = "") {
  return write_manual([&options](OptionVisitor& visitor) { options.describe(visitor); }, section);
}

}  // namespace fathom
