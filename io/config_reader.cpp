// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <deque>
#include <utility>

#include "io/config.hpp"
#include "io/config_tree.hpp"
#include "io/option_catalogue.hpp"
#include "io/option_value.hpp"
#include "physics/registry.hpp"

namespace fathom {

namespace {

using NodeKind = ConfigNode::Kind;

/// A section, list or item of the options, and the part of the file that belongs to it.
struct Level {
  std::string path;
  const ConfigNode* node;  ///< null where the file has nothing
  bool settled;            ///< its values do not come from the file: nothing in it can be missing
  std::vector<std::string> keys{};
};

/// Fills options from the tree, and notes every problem on the way.
class ConfigReader : public OptionVisitor {
 public:
  explicit ConfigReader(const ConfigDocument& document) : document_(document), problems_(document.problems) {
    open("", &document.root, false);
  }

  /// All problems in the order of the file's lines, those of `--set` last.
  std::vector<ConfigProblem> finish(const std::vector<CatalogueEntry>& known) {
    for (const Level& level : levels_)
      if (level.node && level.node->kind == NodeKind::map) find_unknown_keys(level, known);
    std::stable_sort(problems_.begin(), problems_.end(), [](const ConfigProblem& a, const ConfigProblem& b) {
      return a.line != b.line && (b.line == 0 || (a.line != 0 && a.line < b.line));
    });
    return problems_;
  }

 protected:
  void visit(const char* key, Value value, const OptionInfo& info) override {
    const ConfigNode* node = take(key);
    const std::string path = join_path(open_.back()->path, key);
    if (!node || (node->kind == NodeKind::nothing && info.required)) {
      if (info.required && !open_.back()->settled)
        report(path, "this option is required",
               "write " + expectation_text(value, info) + ": " + info.meaning);
      return;
    }
    for (const BadValue& bad : assign(value, info, *node))
      report(bad.item < 0 ? path : item_path(path, static_cast<std::size_t>(bad.item)), bad.what, bad.remedy);
  }

  void enter(const char* key, const std::string& meaning) override {
    const ConfigNode* node = take(key);
    const std::string path = join_path(open_.back()->path, key);
    if (node && node->kind != NodeKind::nothing && node->kind != NodeKind::map)
      return reject(path, "a section is expected, " + meaning,
                    "indent its options below it, `key: value` in each line");
    open(path, node, open_.back()->settled);
  }

  bool enter_optional(const char* key, bool present, const std::string& meaning) override {
    const ConfigNode* node = take(key);
    const std::string path = join_path(open_.back()->path, key);
    const auto wanted = node ? boolean(*node) : std::nullopt;
    if (node && (node->kind == NodeKind::nothing || wanted == false)) return false;
    if (node && node->kind != NodeKind::map && !wanted) {
      reject(path, "a section is expected, " + meaning,
             "indent its options below it, `key: value` in each line; true takes their defaults, false goes "
             "without");
      return true;
    }
    if (node || present) open(path, node, open_.back()->settled || !node);
    return node || present;
  }

  std::size_t enter_list(const char* key, std::size_t items, const std::string& meaning) override {
    const ConfigNode* node = take(key);
    const std::string path = join_path(open_.back()->path, key);
    if (node && node->kind != NodeKind::list) {
      reject(path, "a list of sections is expected, " + meaning,
             "write each item behind a dash, `- key: value`, or [] for none");
      return items;
    }
    open(path, node, open_.back()->settled || !node);
    return node ? node->children.size() : items;
  }

  bool replaces_items() const override { return open_.back()->node != nullptr; }

  void enter_item(std::size_t item) override {
    const Level& list = *open_.back();
    const std::string path = item_path(list.path, item);
    const ConfigNode* node = list.node ? &list.node->children[item] : nullptr;
    if (node && node->kind != NodeKind::nothing && node->kind != NodeKind::map)
      return reject(path, "a section is expected as the list's item",
                    "write `- key: value`, with further keys below the first");
    open(path, node, list.settled);
  }

  void leave() override { open_.pop_back(); }

 private:
  const ConfigNode* take(const char* key) {
    Level& level = *open_.back();
    level.keys.emplace_back(key);
    return level.node && level.node->kind == NodeKind::map ? level.node->member(key) : nullptr;
  }

  void open(const std::string& path, const ConfigNode* node, bool settled) {
    levels_.push_back({path, node, settled});
    open_.push_back(&levels_.back());
  }

  /// Goes on with the defaults below something that cannot be read.
  void reject(const std::string& path, const std::string& what, const std::string& remedy) {
    report(path, what, remedy);
    open(path, nullptr, true);
  }

  void report(const std::string& path, const std::string& what, const std::string& remedy) {
    problems_.push_back(document_.problem(path, what, remedy));
  }

  void find_unknown_keys(const Level& level, const std::vector<CatalogueEntry>& known) {
    for (const ConfigNode& child : level.node->children)
      if (std::find(level.keys.begin(), level.keys.end(), child.key) == level.keys.end())
        report_unknown_key(level, child, known);
  }

  void report_unknown_key(const Level& level, const ConfigNode& child,
                          const std::vector<CatalogueEntry>& known);

  const ConfigDocument& document_;
  std::vector<ConfigProblem> problems_;
  std::deque<Level> levels_;  ///< all that were visited; a deque, because `open_` points into it
  std::vector<Level*> open_;
};

std::string section_name(const std::string& path) {
  return path.empty() ? "at the top of the file" : "in section \"" + path + '"';
}

/// "it belongs in section "survey" or ...", for a key that other sections know; empty if none does.
std::string other_homes(const std::string& key, const std::vector<CatalogueEntry>& known) {
  std::vector<std::string> homes;
  for (const CatalogueEntry& entry : known)
    if (name_of(entry.path) == key) homes.push_back(section_name(parent_of(entry.path)));
  return homes.empty() ? "" : "it belongs " + join(homes, " or ");
}

void ConfigReader::report_unknown_key(const Level& level, const ConfigNode& child,
                                      const std::vector<CatalogueEntry>& known) {
  const std::string path = join_path(level.path, child.key);
  const std::string here = section_name(level.path);
  const auto is_this = [&](const CatalogueEntry& entry) { return entry.path == without_items(path); };
  const auto say = [&](const std::string& what, const std::string& remedy) {
    problems_.push_back(document_.problem(child.line, path, flow_text(child), what, remedy));
  };
  if (std::any_of(known.begin(), known.end(), is_this))
    return say("the key has no effect with the other choices made " + here,
               "remove it, or choose what it belongs to");

  const std::string home = other_homes(child.key, known);
  const std::string meant = closest(child.key, level.keys);
  std::string remedy;
  if (!meant.empty()) remedy = "did you mean \"" + meant + "\"? ";
  if (!home.empty()) remedy += (meant.empty() ? "" : "or else ") + home + "; ";
  if (level.keys.empty()) return say("unknown key " + here, remedy + "there are no keys here");
  say("unknown key " + here, remedy + "the keys here are: " + join(level.keys));
}

}  // namespace

void Config::read_described(const DescribeOptions& options, const DescribeOptions& all) const {
  const std::vector<CatalogueEntry> known = catalogue_of(all);
  ConfigReader reader(*document_);
  options(reader);
  const std::vector<ConfigProblem> problems = reader.finish(known);
  if (problems.empty()) return;
  std::string text;
  if (problems.size() > 1)
    text = document_->name + " has " + std::to_string(problems.size()) + " problems:\n";
  for (const ConfigProblem& problem : problems) text += (&problem == &problems[0] ? "" : "\n") + problem.text;
  throw UserError(text);
}

}  // namespace fathom
