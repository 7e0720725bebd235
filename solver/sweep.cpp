// SPDX-License-Identifier: BSD-3-Clause
#include "solver/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>

#include "io/run_folder.hpp"
#include "physics/error.hpp"
#include "solver/case.hpp"
#include "solver/check.hpp"
#include "solver/commands.hpp"

namespace fathom {
namespace {

std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> values(1);
  int depth = 0;
  char quote = 0;
  for (const char letter : text) {
    if (quote) {
      if (letter == quote) quote = 0;
    } else if (letter == '"' || letter == '\'') {
      quote = letter;
    } else if (letter == '[' || letter == '{') {
      ++depth;
    } else if (letter == ']' || letter == '}') {
      --depth;
    } else if (letter == ',' && depth == 0) {
      values.emplace_back();
      continue;
    }
    values.back() += letter;
  }
  return values;
}

/// The case of a variant as `invert` will be asked for it.
CaseArguments arguments_of(const CaseArguments& all, const Sweep& sweep, std::size_t variant) {
  CaseArguments one = all;
  one.settings.push_back(sweep.setting(variant));
  one.sweep.clear();
  one.variant = sweep.name(variant);
  return one;
}

/// Loads and checks every variant before anything is written; the case's name.
std::string require_sound_variants(const CaseArguments& arguments, const Sweep& sweep, int ranks,
                                   int ranks_here) {
  std::string name;
  for (std::size_t variant = 0; variant < sweep.values.size(); ++variant) {
    const Case the_case =
        load_case(arguments.path, arguments_of(arguments, sweep, variant).settings, arguments.data);
    Forecast forecast;
    require_sound(the_case, check(the_case, ranks, forecast, ranks_here));
    name = the_case.name;
  }
  return name;
}

std::string folder_of(const CaseArguments& arguments, const std::string& case_name) {
  return arguments.out.empty() ? "runs/" + case_name + "-sweep" : arguments.out;
}

std::string folder_of_variant(const std::string& folder, const Sweep& sweep, std::size_t variant) {
  return (std::filesystem::path(folder) / sweep.name(variant)).string();
}

}  // namespace

std::string Sweep::name(std::size_t variant) const {
  std::string name = key.substr(key.rfind('.') + 1) + "=" + values[variant];
  const std::string kept = "=._-+";
  for (char& letter : name)
    if (!std::isalnum(static_cast<unsigned char>(letter)) && kept.find(letter) == std::string::npos)
      letter = '_';
  return name;
}

Sweep parse_sweep(const std::string& text) {
  const auto refuse = [&](const std::string& what) {
    throw UserError("--sweep " + text + ": " + what,
                    "write --sweep key.path=value,value,... such as inversion.regularizer.weight=0.01,0.1,1");
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) refuse("there is no key");
  Sweep sweep{text.substr(0, equals), split_values(text.substr(equals + 1))};
  if (sweep.values.size() < 2) refuse("there are not two values");
  std::set<std::string> names;
  for (std::size_t variant = 0; variant < sweep.values.size(); ++variant) {
    if (sweep.values[variant].find_first_not_of(' ') == std::string::npos) refuse("a value is empty");
    if (!names.insert(sweep.name(variant)).second)
      refuse("two values have the folder " + sweep.name(variant));
  }
  return sweep;
}

int invert_variants(const CaseArguments& arguments, Communicator& communicator,
                    std::vector<std::string>& folders) {
  const Sweep sweep = parse_sweep(arguments.sweep);
  const int variants = int(sweep.values.size());
  const int groups = std::min(communicator.size(), variants);
  const std::string folder = folder_of(
      arguments,
      require_sound_variants(arguments, sweep, communicator.size() / groups, communicator.ranks_here()));
  // A folder with results is met before the first variant runs, not before its own.
  for (int variant = 0; variant < variants; ++variant) {
    folders.push_back(folder_of_variant(folder, sweep, std::size_t(variant)));
    RunFolder(folders.back(), arguments.resume, communicator);
  }
  const int group = communicator.rank() % groups;
  const std::unique_ptr<Communicator> ranks = communicator.split(group);
  int code = 0;
  for (int variant = group; variant < variants && code == 0; variant += groups) {
    CaseArguments one = arguments_of(arguments, sweep, std::size_t(variant));
    one.out = folders[std::size_t(variant)];
    code = invert(one, *ranks);
  }
  return int(communicator.max(code));
}

int plot_variants(const std::vector<std::string>& folders) {
  std::vector<std::string> words{"--tradeoff"};
  words.insert(words.end(), folders.begin(), folders.end());
  std::cout << std::flush;
  return plot(words);
}

}  // namespace fathom
