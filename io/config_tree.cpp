// SPDX-License-Identifier: BSD-3-Clause
#include "io/config_tree.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "physics/error.hpp"

namespace fathom {

namespace {

constexpr std::size_t longest_value = 60;

std::optional<std::size_t> as_index(const std::string& segment) {
  if (segment.empty() || segment.size() > 6) return std::nullopt;
  if (!std::all_of(segment.begin(), segment.end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
    return std::nullopt;
  return std::stoul(segment);
}

const ConfigNode* child_of(const ConfigNode& node, const std::string& segment) {
  if (node.kind == ConfigNode::Kind::map) return node.member(segment);
  const auto index = as_index(segment);
  if (node.kind != ConfigNode::Kind::list || !index || *index >= node.children.size()) return nullptr;
  return &node.children[*index];
}

std::string whole_text(const ConfigNode& node) {
  if (node.kind == ConfigNode::Kind::nothing) return "~";
  if (node.kind == ConfigNode::Kind::scalar) return node.quoted ? '"' + node.text + '"' : node.text;
  const bool map = node.kind == ConfigNode::Kind::map;
  std::string text;
  for (const ConfigNode& child : node.children) {
    text += (text.empty() ? "" : ", ") + (map ? child.key + ": " : "") + whole_text(child);
    if (text.size() > longest_value) break;
  }
  return (map ? '{' : '[') + text + (map ? '}' : ']');
}

/// Makes `true` and nothing into an empty section or list, so that a `--set` can put members into it.
void open_for_members(ConfigNode& node, bool list) {
  if (node.kind != ConfigNode::Kind::nothing && boolean(node) != true) return;
  node.kind = list ? ConfigNode::Kind::list : ConfigNode::Kind::map;
  node.text.clear();
}

ConfigNode& item_for(ConfigNode& list, const std::string& segment, const std::string& path) {
  const auto index = as_index(segment);
  const std::string items = std::to_string(list.children.size());
  if (!index || *index > list.children.size())
    throw UserError(
        "--set: " + path + ": " + flow_text(list) + ": the list has no item \"" + segment + '"',
        "items are counted from 0 and the file has " + items + " of them: " + items + " appends one");
  if (*index == list.children.size()) list.children.emplace_back();
  return list.children[*index];
}

ConfigNode& member_for(ConfigNode& node, const std::string& segment, const std::string& path) {
  if (node.kind == ConfigNode::Kind::list) return item_for(node, segment, path);
  if (node.kind != ConfigNode::Kind::map)
    throw UserError(
        "--set: " + path + ": " + flow_text(node) + ": is one value, so it has no member \"" + segment + '"',
        "set " + path + " itself, or make it a section or a list in the file");
  for (ConfigNode& child : node.children)
    if (child.key == segment) return child;
  return node.children.emplace_back(ConfigNode{.key = segment});
}

}  // namespace

const ConfigNode* ConfigNode::member(const std::string& name) const {
  for (const ConfigNode& child : children)
    if (child.key == name) return &child;
  return nullptr;
}

ConfigProblem ConfigDocument::problem(int line, const std::string& path, const std::string& value,
                                      const std::string& what, const std::string& remedy) const {
  std::string text = line == 0 ? "--set" : name + ':' + std::to_string(line);
  if (!path.empty()) text += ": " + path;
  if (!value.empty()) text += ": " + value;
  return {line, text + ": " + what + "\n  remedy: " + remedy};
}

ConfigProblem ConfigDocument::problem(const std::string& path, const std::string& what,
                                      const std::string& remedy) const {
  const ConfigNode* node = &root;
  int line = root.line;
  for (const std::string& segment : split_path(path)) {
    node = child_of(*node, segment);
    if (!node) break;
    line = node->line;
  }
  return problem(line, path, node ? flow_text(*node) : "absent", what, remedy);
}

void ConfigDocument::assign(const std::string& path, ConfigNode value) {
  const std::vector<std::string> segments = split_path(path);
  ConfigNode* node = &root;
  std::string walked;
  for (const std::string& segment : segments) {
    if (segment.empty())
      throw UserError("--set: " + path + ": the key has an empty part",
                      "write it as section.key=value, or as stages[0].key=value for an item of a list");
    open_for_members(*node, as_index(segment).has_value());
    const bool in_list = node->kind == ConfigNode::Kind::list;
    node = &member_for(*node, segment, walked);
    walked = in_list ? walked + '[' + segment + ']' : join_path(walked, segment);
  }
  value.key = node->key;
  *node = std::move(value);
}

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> segments;
  if (path.empty()) return segments;
  segments.emplace_back();
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.' || (path[i] == '[' && i > 0))
      segments.emplace_back();
    else if (path[i] != ']')
      segments.back() += path[i];
  }
  return segments;
}

std::string join_path(const std::string& parent, const std::string& key) {
  return parent.empty() ? key : parent + '.' + key;
}

std::string item_path(const std::string& list, std::size_t item) {
  return list + '[' + std::to_string(item) + ']';
}

std::string without_items(const std::string& path) {
  std::string plain;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) plain += c;
    if (c == ']') inside = false;
  }
  return plain;
}

std::string parent_of(const std::string& path) {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

std::string name_of(const std::string& path) {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string flow_text(const ConfigNode& node) {
  std::string text = whole_text(node);
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() <= longest_value) return text;
  std::size_t end = longest_value;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // keep UTF-8 whole
  return text.substr(0, end) + "...";
}

std::optional<bool> boolean(const ConfigNode& node) {
  if (node.kind != ConfigNode::Kind::scalar || node.quoted) return std::nullopt;
  std::string word = node.text;
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

}  // namespace fathom
