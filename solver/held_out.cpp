// SPDX-License-Identifier: BSD-3-Clause
#include "solver/held_out.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "ml/geology_random.hpp"

namespace fathom {

std::vector<int> held_out_shots(int shots, double share, int seed) {
  if (shots < 4) return {};
  const int count = std::clamp(int(std::lround(share * shots)), 2, shots / 2);
  Random random(std::uint64_t(seed), "held-out shots");
  const double stretch = double(shots) / count, place = random.uniform(0.25, 0.75);
  std::vector<int> held_out;
  for (int i = 0; i < count; ++i) held_out.push_back(int((i + place) * stretch));
  return held_out;
}

std::vector<int> shots_without(int shots, const std::vector<int>& held_out) {
  std::vector<int> others;
  for (int shot = 0; shot < shots; ++shot)
    if (!std::binary_search(held_out.begin(), held_out.end(), shot)) others.push_back(shot);
  return others;
}

PairedScores paired_scores(const std::vector<double>& with, const std::vector<double>& without) {
  assert(with.size() == without.size() && !with.empty());
  PairedScores scores;
  const double count = double(with.size());
  for (std::size_t shot = 0; shot < with.size(); ++shot) {
    scores.with += with[shot];
    scores.without += without[shot];
    scores.difference += (with[shot] - without[shot]) / count;
  }
  if (with.size() < 2) return scores;
  double squares = 0;
  for (std::size_t shot = 0; shot < with.size(); ++shot)
    squares += std::pow(with[shot] - without[shot] - scores.difference, 2);
  scores.standard_error = std::sqrt(squares / (count - 1) / count);
  return scores;
}

}  // namespace fathom
