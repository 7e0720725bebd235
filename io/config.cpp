// SPDX-License-Identifier: BSD-3-Clause
#include "io/config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "io/config_tree.hpp"
#include "physics/registry.hpp"

namespace fathom {

namespace {

/// Copies what yaml-cpp parsed, with everything that yaml-cpp would let pass: keys written twice, keys that
/// are no text, anchors that contain themselves.
class TreeCopy {
 public:
  /// `from_set`: the value of a `--set`, which has no line.
  TreeCopy(ConfigDocument& document, bool from_set) : document_(document), from_set_(from_set) {}

  ConfigNode copy(const YAML::Node& node, const std::string& path) {
    ConfigNode result;
    result.line = line_of(node);
    if (node.IsScalar()) {
      result.kind = ConfigNode::Kind::scalar;
      result.text = node.Scalar();
      result.quoted = node.Tag() == "!";
    } else if (node.IsSequence() || node.IsMap()) {
      result.kind = node.IsMap() ? ConfigNode::Kind::map : ConfigNode::Kind::list;
      copy_children(node, path, result);
    }
    return result;
  }

 private:
  int line_of(const YAML::Node& node) const {
    return from_set_ || node.Mark().is_null() ? 0 : node.Mark().line + 1;
  }

  void copy_children(const YAML::Node& node, const std::string& path, ConfigNode& result) {
    if (std::any_of(open_.begin(), open_.end(), [&](const YAML::Node& outer) { return outer.is(node); })) {
      report(result.line, path, "", "an anchor contains itself", "write the value out instead of its alias");
      return;
    }
    open_.push_back(node);
    if (node.IsMap()) {
      for (const auto& entry : node) copy_member(entry.first, entry.second, path, result);
    } else {
      for (const auto& item : node)
        result.children.push_back(copy(item, item_path(path, result.children.size())));
    }
    open_.pop_back();
  }

  void copy_member(const YAML::Node& key, const YAML::Node& value, const std::string& path, ConfigNode& map) {
    const int line = line_of(key);
    if (!key.IsScalar()) {
      report(line, path, "", "a key must be a word",
             "write `key: value`; put text that begins with { or [ in quotes");
      return;
    }
    const std::string name = key.Scalar();
    const std::string member_path = join_path(path, name);
    ConfigNode member = copy(value, member_path);
    member.key = name;
    member.line = line;
    if (const ConfigNode* first = map.member(name)) {
      const std::string where = from_set_ ? "" : " (first in line " + std::to_string(first->line) + ")";
      report(line, member_path, flow_text(member), "the key is written twice" + where, "keep one of the two");
      return;
    }
    map.children.push_back(std::move(member));
  }

  void report(int line, const std::string& path, const std::string& value, const std::string& what,
              const std::string& remedy) {
    document_.problems.push_back(document_.problem(line, path, value, what, remedy));
  }

  ConfigDocument& document_;
  bool from_set_;
  std::vector<YAML::Node> open_;
};

std::string line_of_text(const std::string& text, int line) {
  std::istringstream lines(text);
  std::string found;
  for (int i = 0; i < line; ++i)
    if (!std::getline(lines, found)) return {};
  if (!found.empty() && found.back() == '\r') found.pop_back();
  return flow_text({.kind = ConfigNode::Kind::scalar, .text = found});
}

void parse_file(const std::string& text, ConfigDocument& document) {
  std::vector<YAML::Node> parts;
  try {
    parts = YAML::LoadAll(text);
  } catch (const YAML::Exception& fault) {
    const int line = std::max(fault.mark.line, 0) + 1;
    throw UserError(
        document.name + ':' + std::to_string(line) + ": " + line_of_text(text, line) +
            ": this is not YAML: " + fault.msg,
        "indent with spaces and not with tabs, put a space behind each colon, close every bracket and quote; "
        "the mistake may be in the line above");
  }
  const auto empty = [](const YAML::Node& part) { return !part.IsDefined() || part.IsNull(); };
  if (std::all_of(parts.begin(), parts.end(), empty))
    throw UserError(document.name + ":1: the file is empty",
                    "write at least the required options; `fathom explain` lists them all");
  if (parts.size() > 1)
    throw UserError(document.name + ':' + std::to_string(parts[1].Mark().line + 1) +
                        ": a second document begins behind a line of three dashes",
                    "put one case in one file");
  if (!parts[0].IsMap())
    throw UserError(document.name + ':' + std::to_string(parts[0].Mark().line + 1) + ": " +
                        flow_text(TreeCopy(document, false).copy(parts[0], "")) +
                        ": a case consists of options, `key: value`",
                    "write `key: value` in each line, with a space behind the colon");
  document.root = TreeCopy(document, false).copy(parts[0], "");
}

void apply_override(const std::string& change, ConfigDocument& document) {
  const auto equals = change.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UserError("--set: " + change + ": a key and a value are expected",
                    "write --set key.path=value, without spaces around the equals sign");
  const std::string path = change.substr(0, equals);
  try {
    const YAML::Node value = YAML::Load(change.substr(equals + 1));
    document.assign(path, TreeCopy(document, true).copy(value, path));
  } catch (const YAML::Exception& fault) {
    throw UserError(
        "--set: " + path + ": " + change.substr(equals + 1) + ": the value is not YAML: " + fault.msg,
        "close every bracket and quote, and put text with special characters in quotes");
  }
}

UserError unreadable(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path))
    return UserError(path.string() + ": is a folder",
                     "name the file in it, such as " + (path / "case.yaml").string());
  std::vector<std::string> neighbours;
  std::error_code ignored;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (const auto& file : std::filesystem::directory_iterator(folder, ignored))
    if (file.path().extension() == ".yaml") neighbours.push_back(file.path().filename().string());
  const std::string near = closest(path.filename().string(), neighbours);
  return UserError(path.string() + ": the file cannot be read",
                   near.empty() ? "check the name and the permissions"
                                : "did you mean \"" + (path.parent_path() / near).string() + "\"?");
}

}  // namespace

Config::Config(std::shared_ptr<const ConfigDocument> document) : document_(std::move(document)) {}

Config Config::from_file(const std::string& path, const std::vector<std::string>& overrides) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw unreadable(path);
  std::ostringstream text;
  text << file.rdbuf();
  return from_text(text.str(), path, overrides);
}

Config Config::from_text(const std::string& text, const std::string& name,
                         const std::vector<std::string>& overrides) {
  auto document = std::make_shared<ConfigDocument>();
  document->name = name;
  parse_file(text, *document);
  for (const std::string& change : overrides) apply_override(change, *document);
  return Config(document);
}

UserError Config::error(const std::string& key_path, const std::string& what,
                        const std::string& remedy) const {
  return UserError(document_->problem(key_path, what, remedy).text);
}

UserError Config::error(const std::string& key_path, const UserError& cause) const {
  const std::string text = cause.what(), mark = "\n  remedy: ";
  const std::size_t end = text.find(mark);
  if (end == std::string::npos) return error(key_path, text, "change it, or what it names");
  return error(key_path, text.substr(0, end), text.substr(end + mark.size()));
}

}  // namespace fathom
