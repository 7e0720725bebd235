// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "physics/error.hpp"

namespace fathom {

/// Number of single-character edits that turn one word into the other (Levenshtein).
inline std::size_t edit_distance(const std::string& from, const std::string& to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t substitution = diagonal + (from[i - 1] != to[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row.back();
}

/// The word of a list that the user probably meant, or an empty string when none is close.
inline std::string closest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

inline std::string join(const std::vector<std::string>& words, const std::string& separator = ", ") {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : separator) + word;
  return joined;
}

/// A name becomes a thing. Tables are written out in one file a kind (registry.cpp), never filled by static
/// objects.
template <class Interface, class... Arguments>
class Registry {
 public:
  using Factory = std::function<std::unique_ptr<Interface>(Arguments...)>;
  struct Entry {
    std::string name;
    std::string meaning;
    Factory make;
  };

  Registry(std::string kind, std::vector<Entry> entries)
      : kind_(std::move(kind)), entries_(std::move(entries)) {}

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Entry& entry : entries_) all.push_back(entry.name);
    return all;
  }

  const std::vector<Entry>& entries() const { return entries_; }

  std::unique_ptr<Interface> make(const std::string& name, Arguments... arguments) const {
    for (const Entry& entry : entries_)
      if (entry.name == name) return entry.make(std::forward<Arguments>(arguments)...);
    const std::string suggestion = closest(name, names());
    throw UserError("no " + kind_ + " is called \"" + name + "\"",
                    (suggestion.empty() ? "" : "did you mean \"" + suggestion + "\"? ") +
                        ("there are: " + join(names())));
  }

 private:
  std::string kind_;
  std::vector<Entry> entries_;
};

}  // namespace fathom
