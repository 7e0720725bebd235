// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "io/config.hpp"
#include "io/config_tree.hpp"
#include "io/option_catalogue.hpp"
#include "io/option_value.hpp"
#include "physics/registry.hpp"

namespace fathom {

namespace {

using EntryKind = CatalogueEntry::Kind;

constexpr std::size_t columns = 100;

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));  // UTF-8
}

/// The words in lines, the first indented by `first` spaces, the others by `rest`.
std::string wrap(const std::string& text, std::size_t first, std::size_t rest) {
  std::istringstream words(text);
  std::string wrapped, line(first, ' '), word;
  bool empty = true;
  while (words >> word) {
    if (!empty && width(line) + 1 + width(word) > columns) {
      wrapped += line + '\n';
      line.assign(rest, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return wrapped + line + '\n';
}

/// What stands in brackets behind an option's default.
std::string facts(const CatalogueEntry& entry) {
  if (entry.kind == EntryKind::section) return {};
  if (entry.kind == EntryKind::optional_section) return "optional section, " + entry.value + " by default";
  if (entry.kind == EntryKind::list) return "list of sections, " + entry.value + " by default";
  std::string text = entry.type;
  if (!entry.info.unit.empty()) text += " in " + entry.info.unit;
  if (const std::string range = range_text(entry.info); !range.empty()) text += ", " + range;
  if (!entry.info.choices.empty()) text += ", one of: " + join(entry.info.choices);
  return text;
}

std::string paragraph(const CatalogueEntry& entry, const std::string& name, int depth) {
  const auto indent = static_cast<std::size_t>(2 * depth);
  std::string head = name + ':';
  if (entry.kind == EntryKind::option) head += ' ' + (entry.info.required ? "required" : entry.value);
  if (const std::string known = facts(entry); !known.empty()) head += " (" + known + ')';
  const std::string text = wrap(head, indent, indent + 6);
  return entry.meaning.empty() ? text : text + wrap(entry.meaning, indent + 4, indent + 4);
}

bool is_within(const std::string& path, const std::string& section) {
  return section.empty() || path == section || path.rfind(section + '.', 0) == 0;
}

UserError unknown_section(const std::string& section, const std::vector<CatalogueEntry>& entries) {
  std::vector<std::string> paths, same_name, top;
  for (const CatalogueEntry& entry : entries) {
    paths.push_back(entry.path);
    if (name_of(entry.path) == section) same_name.push_back(entry.path);
    if (entry.depth == 0) top.push_back(entry.path);
  }
  const std::string near = same_name.empty() ? closest(section, paths) : join(same_name, " or ");
  return UserError(
      "no section or option is called \"" + section + '"',
      (near.empty() ? "" : "did you mean " + near + "? ") + ("at the top there are: " + join(top)));
}

}  // namespace

std::string write_manual(const DescribeOptions& options, const std::string& section) {
  const std::vector<CatalogueEntry> entries = catalogue_of(options);
  const std::string wanted = without_items(section);
  std::string manual;
  int outermost = 0;
  for (const CatalogueEntry& entry : entries) {
    if (!is_within(entry.path, wanted)) continue;
    const bool first = manual.empty();
    if (first) outermost = entry.depth;
    if (!first && entry.depth == 0) manual += '\n';
    // a part that is cut out is headed by its full path
    const bool heads = first && !wanted.empty();
    manual += paragraph(entry, heads ? entry.path : name_of(entry.path), entry.depth - outermost);
  }
  if (manual.empty() && !wanted.empty()) throw unknown_section(section, entries);
  return manual;
}

}  // namespace fathom
