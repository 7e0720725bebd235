// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "solver/case.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {

/// A synthetic case that check() has nothing to say about, a second's work to invert.
inline const std::string sound_case = R"(title: a case in which all is well
truth:
  generate:
    kind: quickstart
    width: 1000
    depth: 500
    spacing: 10
    min_velocity: 1800
    max_velocity: 2800
    body_velocity: 3000
    water_depth: 0
start:
  blur:
    sigma: 100
spacing: 10
survey:
  sources:
    first: [50, 20]
    last: [950, 20]
    count: 5
  receivers:
    first: [0, 10]
    last: [1000, 10]
    count: 41
  wavelet:
    frequency: 8
  duration: 1.2
  sampling: 0.004
data:
  simulate:
    order: 4
    width: 60
physics:
  order: 8
  boundary:
    width: 34
inversion:
  bounds:
    min: 1500
    max: 3600
  stages:
    - max_frequency: 6
      iterations: 3
    - max_frequency: 10
      iterations: 3
)";

/// The case with lines changed, each of which must be there.
using Changes = std::vector<std::pair<std::string, std::string>>;
inline std::string changed(std::string text, const Changes& changes) {
  for (const auto& [from, to] : changes) {
    const std::size_t place = text.find(from);
    if (place == std::string::npos) throw std::logic_error("\"" + from + "\" is not in the case");
    text.replace(place, from.size(), to);
  }
  return text;
}

/// The number of the line that begins with a text, spaces aside.
inline int line_of(const std::string& text, const std::string& begin) {
  std::size_t place = text.find(begin);
  int line = 1;
  for (std::size_t i = 0; i < place; ++i) line += text[i] == '\n';
  return line;
}

inline void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

inline Case load_text(const Scratch& scratch, const std::string& text) {
  write_text(scratch / "case.yaml", text);
  return load_case(scratch / "case.yaml", {});
}

}  // namespace fathom
