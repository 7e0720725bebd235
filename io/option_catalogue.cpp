// SPDX-License-Identifier: BSD-3-Clause
#include "io/option_catalogue.hpp"

#include <utility>

#include "io/config_tree.hpp"
#include "io/option_value.hpp"

namespace fathom {

namespace {

using EntryKind = CatalogueEntry::Kind;

class Catalogue : public OptionVisitor {
 public:
  std::vector<CatalogueEntry> entries;

 protected:
  void visit(const char* key, Value value, const OptionInfo& info) override {
    entries.push_back({.kind = EntryKind::option,
                       .path = join_path(open_.back(), key),
                       .depth = depth(),
                       .meaning = info.meaning,
                       .value = value_text(value),
                       .type = kind_text(value),
                       .info = info});
  }

  void enter(const char* key, const std::string& meaning) override {
    open(EntryKind::section, key, meaning, "");
  }

  bool enter_optional(const char* key, bool present, const std::string& meaning) override {
    open(EntryKind::optional_section, key, meaning, present ? "present" : "absent");
    return true;
  }

  std::size_t enter_list(const char* key, std::size_t items, const std::string& meaning) override {
    const std::string count = items == 1 ? "1 item" : std::to_string(items) + " items";
    open(EntryKind::list, key, meaning, items == 0 ? "empty" : count);
    return 0;  // the sample item stands for all of them
  }

  void enter_item(std::size_t) override { open_.push_back(std::string(open_.back())); }
  void leave() override { open_.pop_back(); }
  bool wants_sample_item() const override { return true; }

 private:
  int depth() const {
    int sections = 0;
    for (std::size_t i = 1; i < open_.size(); ++i)
      sections += open_[i] != open_[i - 1];  // an item is no level
    return sections;
  }

  void open(EntryKind kind, const char* key, const std::string& meaning, const std::string& value) {
    const std::string path = join_path(open_.back(), key);
    entries.push_back({.kind = kind, .path = path, .depth = depth(), .meaning = meaning, .value = value});
    open_.push_back(path);
  }

  std::vector<std::string> open_{""};
};

}  // namespace

std::vector<CatalogueEntry> catalogue_of(const DescribeOptions& options) {
  Catalogue catalogue;
  options(catalogue);
  return std::move(catalogue.entries);
}

}  // namespace fathom
