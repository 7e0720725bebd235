// SPDX-License-Identifier: BSD-3-Clause
#include "io/option_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "physics/registry.hpp"

namespace fathom {

namespace {

using NodeKind = ConfigNode::Kind;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Values to text.

std::string text_of(bool value) {
  return value ? "true" : "false";
}
std::string text_of(int value) {
  return std::to_string(value);
}
std::string text_of(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  return fmt::format("{}", value);  // the fewest digits that read back the same
}

/// Plain where nothing could take it for something other than text.
bool reads_as_plain_text(const std::string& text) {
  if (text.empty() || !(std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '/')) return false;
  if (!std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return c < 0x80 && (std::isalnum(c) ||
                            std::string_view("_./-+").find(static_cast<char>(c)) != std::string_view::npos);
      }))
    return false;
  static const std::array special = {"null", "true", "false", "yes", "no", "on",
                                     "off",  "y",    "n",     "inf", "nan"};
  const std::string word = lower(text);
  return std::find(special.begin(), special.end(), word) == special.end();
}

std::string text_of(const std::string& value) {
  if (reads_as_plain_text(value)) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (c == '\n')
      quoted += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "~";
}

template <class T>
std::string text_of(const std::vector<T>& values) {
  std::vector<std::string> items;
  for (const T& value : values) items.push_back(text_of(value));
  return '[' + join(items) + ']';
}

// Text to values. Each reader returns what is wrong, or nothing, and fills its output only in the latter
// case.

struct Fault {
  std::string what{};
  std::string advice = "write ";  ///< goes in front of what is expected
};
using Verdict = std::optional<Fault>;

Fault expected(const std::string& kind, const ConfigNode& node) {
  if (node.kind == NodeKind::nothing) return {kind + " is expected, there is none"};
  if (node.kind == NodeKind::list) return {kind + " is expected, not a list"};
  if (node.kind == NodeKind::map) return {kind + " is expected, not a section"};
  return {kind + " is expected" + (node.quoted ? ", not a text in quotes" : "")};
}

bool begins_unit(std::string_view rest) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  if (rest.empty()) return false;
  const auto first = static_cast<unsigned char>(rest[0]);
  const bool letter = std::isalpha(first) || first >= 0x80 || first == '%';
  // "1d-3" and "0x10" are numbers in other languages, not units
  const bool number =
      rest.size() > 1 && std::string_view("+-0123456789").find(rest[1]) != std::string_view::npos;
  return letter && !number;
}

Fault misread(const ConfigNode& node, std::string_view number, std::string_view rest,
              const OptionInfo& info) {
  if (begins_unit(rest)) {
    const std::string unit(rest.substr(rest.find_first_not_of(' ')));
    const std::string bare =
        info.unit.empty() ? "the bare number, which has no unit" : "the bare number in " + info.unit;
    return {"a number is expected, without the unit behind it",
            "write " + bare + (unit == info.unit ? ": " + std::string(number) : "") + "; that is "};
  }
  if (rest.front() == ',') return {"a number is expected, with a decimal point and no commas"};
  return expected("a number", node);
}

Fault outside(const OptionInfo& info) {
  const bool two_sided = std::isfinite(info.min) && std::isfinite(info.max);
  return {(two_sided ? "lies outside " : "must be ") + range_text(info) +
          (info.unit.empty() ? "" : ' ' + info.unit)};
}

Verdict read_number(const ConfigNode& node, const OptionInfo& info, double& value) {
  if (node.kind != NodeKind::scalar || node.quoted) return expected("a number", node);
  std::string_view text = node.text;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const std::string word = lower(std::string(text));
  for (const char* special : {"inf", "infinity", "nan"})
    for (const char* prefix : {"", ".", "-", "-."})
      if (word == std::string(prefix) + special) return Fault{"a finite number is expected"};
  double parsed = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (status == std::errc::invalid_argument) return expected("a number", node);
  const auto length = static_cast<std::size_t>(end - text.data());
  if (length < text.size()) return misread(node, text.substr(0, length), text.substr(length), info);
  if (status == std::errc::result_out_of_range)
    return Fault{"the number is too large or too small for the computer"};
  if (!(parsed >= info.min && parsed <= info.max)) return outside(info);
  value = parsed;
  return std::nullopt;
}

Verdict read_item(const ConfigNode& node, const OptionInfo& info, double& value) {
  return read_number(node, info, value);
}

Verdict read_item(const ConfigNode& node, const OptionInfo& info, int& value) {
  double number = 0;
  if (Verdict fault = read_number(node, info, number)) {
    if (fault->what.rfind("a number", 0) == 0) fault->what.replace(0, 8, "a whole number");
    return fault;
  }
  if (number != std::floor(number)) return expected("a whole number", node);
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
    return Fault{"the number is too large or too small for the computer"};
  value = static_cast<int>(number);
  return std::nullopt;
}

Verdict read_item(const ConfigNode& node, const OptionInfo&, bool& value) {
  const auto read = boolean(node);
  if (!read) return expected("true or false", node);
  value = *read;
  return std::nullopt;
}

Verdict read_item(const ConfigNode& node, const OptionInfo& info, std::string& value) {
  if (node.kind != NodeKind::scalar) return expected("a text", node);
  const auto& choices = info.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), node.text) == choices.end()) {
    const std::string meant = closest(node.text, choices);
    return Fault{"is not one of the choices",
                 meant.empty() ? "write " : "did you mean \"" + meant + "\"? write "};
  }
  value = node.text;
  return std::nullopt;
}

template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<std::vector<T>> = true;
template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

using Faults = std::vector<std::pair<int, Fault>>;

template <class T>
Faults read_value(const ConfigNode& node, const OptionInfo& info, T& value) {
  if (Verdict fault = read_item(node, info, value)) return {{-1, *fault}};
  return {};
}

template <class T>
Faults read_value(const ConfigNode& node, const OptionInfo& info, std::optional<T>& value) {
  if (node.kind == NodeKind::nothing) {
    value.reset();
    return {};
  }
  T read{};
  if (Verdict fault = read_item(node, info, read)) return {{-1, *fault}};
  value = std::move(read);
  return {};
}

template <class T>
Faults read_value(const ConfigNode& node, const OptionInfo& info, std::vector<T>& values) {
  if (node.kind == NodeKind::nothing)
    return {{-1, {"a list is expected, there is none", "write [] for an empty list, or "}}};
  if (node.kind == NodeKind::map) return {{-1, expected("a list", node)}};
  const bool single = node.kind == NodeKind::scalar;
  std::vector<T> read(single ? 1 : node.children.size());
  Faults faults;
  for (std::size_t i = 0; i < read.size(); ++i)
    if (Verdict fault = read_item(single ? node : node.children[i], info, read[i]))
      faults.emplace_back(single ? -1 : static_cast<int>(i), *fault);
  if (faults.empty()) values = std::move(read);
  return faults;
}

template <class T>
std::string kind_of() {
  if constexpr (is_list<T>)
    return "list of " + kind_of<typename T::value_type>() + 's';
  else if constexpr (is_optional<T>)
    return kind_of<typename T::value_type>();
  else if constexpr (std::is_same_v<T, double>)
    return "number";
  else if constexpr (std::is_same_v<T, int>)
    return "whole number";
  else if constexpr (std::is_same_v<T, bool>)
    return "true or false";
  else
    return "text";
}

}  // namespace

std::string value_text(const OptionVisitor::Value& value) {
  return std::visit([](const auto* variable) { return text_of(*variable); }, value);
}

std::string kind_text(const OptionVisitor::Value& value) {
  return std::visit([](const auto* variable) { return kind_of<std::decay_t<decltype(*variable)>>(); }, value);
}

std::string range_text(const OptionInfo& info) {
  const bool low = std::isfinite(info.min), high = std::isfinite(info.max);
  if (low && high) return text_of(info.min) + " to " + text_of(info.max);
  if (low) return "at least " + text_of(info.min);
  return high ? "at most " + text_of(info.max) : "";
}

std::string expectation_text(const OptionVisitor::Value& value, const OptionInfo& info) {
  const std::string kind = kind_text(value);
  std::string text = (kind == "true or false" ? "" : "a ") + kind;
  if (!info.unit.empty()) text += " in " + info.unit;
  if (const std::string range = range_text(info); !range.empty()) text += ", " + range;
  if (!info.choices.empty()) text += ", from: " + join(info.choices);
  if (info.required) return text;
  const std::string fallback = value_text(value);
  return text + (fallback == "~" ? ", or ~ for none (the default)" : " (default " + fallback + ')');
}

std::vector<BadValue> assign(const OptionVisitor::Value& value, const OptionInfo& info,
                             const ConfigNode& node) {
  const std::string expectation = expectation_text(value, info);
  const Faults faults = std::visit([&](auto* variable) { return read_value(node, info, *variable); }, value);
  std::vector<BadValue> bad;
  for (const auto& [item, fault] : faults) bad.push_back({item, fault.what, fault.advice + expectation});
  return bad;
}

}  // namespace fathom
