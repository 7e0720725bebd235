// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fathom {

/// What a user is told about an option. Bounds are inclusive and hold for every element of a list.
struct OptionInfo {
  std::string meaning;
  std::string unit{};  ///< SI, empty for a pure number or text
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices{};  ///< of a text option; empty: any text
  bool required = false;
};

/// An option is declared once: a struct of options has
///
///     void describe(OptionVisitor& option) {
///       option("courant", courant, {.meaning = "fraction of the stable time step", .min = 0.1, .max = 1});
///       option.section("pml", pml, "absorbing layer");
///       option.list("stages", stages, "frequency stages, from low to high");
///     }
///
/// and visitors make of it the strict reader, the manual and the resolved case (see io/config.hpp). The
/// default of an option is the value its variable holds before the visit. An empty std::optional means
/// "automatic" or "none"; its meaning should say which.
class OptionVisitor {
 public:
  using Value = std::variant<double*, int*, bool*, std::string*, std::optional<double>*, std::optional<int>*,
                             std::optional<std::string>*, std::vector<double>*, std::vector<std::string>*>;

  virtual ~OptionVisitor() = default;

  template <class T>
  void operator()(const char* key, T& value, const OptionInfo& info) {
    visit(key, Value(&value), info);
  }

  /// A group of options that is always there, every member having a default.
  template <class Options>
  void section(const char* key, Options& options, const std::string& meaning) {
    enter(key, meaning);
    options.describe(*this);
    leave();
  }

  /// A group of options that may be absent.
  template <class Options>
  void section(const char* key, std::optional<Options>& options, const std::string& meaning) {
    if (!enter_optional(key, options.has_value(), meaning)) {
      options.reset();
      return;
    }
    if (!options) options.emplace();
    options->describe(*this);
    leave();
  }

  /// Any number of groups of one kind.
  template <class Options>
  void list(const char* key, std::vector<Options>& options, const std::string& meaning) {
    const std::size_t items = enter_list(key, options.size(), meaning);
    if (replaces_items()) options.clear();
    options.resize(items);
    for (std::size_t item = 0; item < options.size(); ++item) {
      enter_item(item);
      options[item].describe(*this);
      leave();
    }
    if (options.empty() && wants_sample_item()) {  // so that the manual covers the members
      Options sample{};
      enter_item(0);
      sample.describe(*this);
      leave();
    }
    leave();
  }

 protected:
  virtual void visit(const char* key, Value value, const OptionInfo& info) = 0;
  virtual void enter(const char* key, const std::string& meaning) = 0;
  /// Whether the group is there (or wanted); if true, a leave() follows.
  virtual bool enter_optional(const char* key, bool present, const std::string& meaning) = 0;
  /// The number of items that the list is to have, given how many it has.
  virtual std::size_t enter_list(const char* key, std::size_t items, const std::string& meaning) = 0;
  /// Asked after enter_list(): whether its items start from their defaults, not from what the list held.
  virtual bool replaces_items() const { return false; }
  virtual void enter_item(std::size_t item) = 0;
  virtual void leave() = 0;
  virtual bool wants_sample_item() const { return false; }
};

}  // namespace fathom
