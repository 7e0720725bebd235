// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "io/config.hpp"

namespace fathom {
/// A small case with every kind of option, for the tests of the reader, the manual and the resolved case. In
/// a namespace of its own: the program has other types of these names, and they share an executable.
inline namespace sample {

struct Layer {
  double width = 200;
  std::optional<double> strength;

  bool operator==(const Layer&) const = default;
  void describe(OptionVisitor& option) {
    option("width", width,
           {.meaning = "thickness of the absorbing layer", .unit = "m", .min = 0, .max = 5000});
    option("strength", strength, {.meaning = "damping at the outer edge; none: from the width", .min = 0});
  }
};

struct Stage {
  double max_frequency = 5;
  int iterations = 10;
  std::optional<Layer> mute;

  bool operator==(const Stage&) const = default;
  void describe(OptionVisitor& option) {
    option("max_frequency", max_frequency,
           {.meaning = "highest frequency", .unit = "Hz", .min = 0.1, .max = 200});
    option("iterations", iterations, {.meaning = "optimizer steps", .min = 1, .max = 1000});
    option.section("mute", mute, "taper of the early arrivals");
  }
};

struct Inversion {
  std::string method = "lbfgs";
  int seed = 7;
  std::vector<Stage> stages{Stage{}, Stage{.max_frequency = 9, .iterations = 20, .mute = std::nullopt}};

  bool operator==(const Inversion&) const = default;
  void describe(OptionVisitor& option) {
    option("method", method, {.meaning = "optimizer", .choices = {"lbfgs", "newton", "gradient"}});
    if (method == "newton") option("krylov_steps", seed, {.meaning = "inner steps of Newton's method"});
    if (method != "newton")
      option("memory", seed, {.meaning = "steps that the optimizer remembers", .min = 1});
    option.list("stages", stages, "frequency stages, from low to high");
  }
};

struct Survey {
  std::vector<double> first{0, 20};
  std::vector<std::string> components{"p"};
  double depth = 10;

  bool operator==(const Survey&) const = default;
  void describe(OptionVisitor& option) {
    option("first", first, {.meaning = "position of the first source", .unit = "m", .min = -1e5, .max = 1e5});
    option("components", components, {.meaning = "what is recorded", .choices = {"p", "vx", "vz"}});
    option("depth", depth, {.meaning = "depth of all receivers", .unit = "m", .min = 0});
  }
};

struct Case {
  std::string name;
  bool free_surface = false;
  std::optional<std::string> notes;
  std::optional<int> threads = 2;
  Survey survey;
  std::optional<Layer> pml = Layer{};
  Inversion inversion;

  bool operator==(const Case&) const = default;
  void describe(OptionVisitor& option) {
    option("name", name, {.meaning = "name of the case", .required = true});
    option("free_surface", free_surface, {.meaning = "whether the top reflects"});
    option("notes", notes, {.meaning = "anything worth keeping; none by default"});
    option("threads", threads, {.meaning = "threads of a rank; none: all cores", .min = 1});
    option.section("survey", survey, "sources and receivers");
    option.section("pml", pml, "absorbing layer");
    option.section("inversion", inversion, "how the model is recovered");
  }
};

inline Case read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Case options;
  Config::from_text(text, "case.yaml", overrides).read(options);
  return options;
}

inline std::string complaint(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    read(text, overrides);
  } catch (const UserError& error) {
    return error.what();
  }
  return "no complaint";
}

/// Every part must be in the message.
inline testing::AssertionResult says(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    if (message.find(part) == std::string::npos)
      return testing::AssertionFailure() << "\"" << part << "\" is missing in:\n" << message;
  return testing::AssertionSuccess();
}

}  // namespace sample
}  // namespace fathom
