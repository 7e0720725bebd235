// SPDX-License-Identifier: BSD-3-Clause
#include <string>
#include <vector>

#include "io/config.hpp"
#include "io/option_value.hpp"

namespace fathom {

namespace {

/// Writes the options as block YAML, two spaces a level.
class YamlWriter : public OptionVisitor {
 public:
  std::string text() const { return text_.empty() ? "{}\n" : text_; }

 protected:
  void visit(const char* key, Value value, const OptionInfo& info) override {
    const std::string unit = info.unit.empty() ? "" : "  # " + info.unit;
    line(std::string(key) + ": " + value_text(value) + unit);
  }

  void enter(const char* key, const std::string&) override { open(key, " {}"); }

  bool enter_optional(const char* key, bool present, const std::string&) override {
    if (present)
      open(key, " {}");
    else
      line(std::string(key) + ": false");
    return present;
  }

  std::size_t enter_list(const char* key, std::size_t items, const std::string&) override {
    open(key, " []");
    return items;
  }

  void enter_item(std::size_t) override {
    pending_dash_ = true;
    open_.push_back({text_.size(), "{}"});
  }

  void leave() override {
    const Level level = open_.back();
    if (text_.size() > level.start) {
      open_.pop_back();
    } else if (pending_dash_) {
      line(level.empty);
      open_.pop_back();
    } else {
      open_.pop_back();
      text_.insert(text_.size() - 1, level.empty);
    }
  }

 private:
  struct Level {
    std::size_t start;  ///< where its text begins
    std::string empty;  ///< what it is when nothing is written
  };

  void line(const std::string& content) {
    std::string indent(2 * open_.size(), ' ');
    if (pending_dash_) indent[indent.size() - 2] = '-';
    pending_dash_ = false;
    text_ += indent + content + '\n';
  }

  void open(const char* key, const char* empty) {
    if (open_.empty() && !text_.empty()) text_ += '\n';
    line(std::string(key) + ':');
    open_.push_back({text_.size(), empty});
  }

  std::string text_;
  std::vector<Level> open_;
  bool pending_dash_ = false;
};

}  // namespace

std::string write_yaml(const DescribeOptions& options) {
  YamlWriter writer;
  options(writer);
  return writer.text();
}

}  // namespace fathom
