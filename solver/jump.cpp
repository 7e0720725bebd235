// SPDX-License-Identifier: BSD-3-Clause
#include "solver/jump.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace fathom {
namespace {

constexpr double edge_width = 1. / 16;  // of the depth
constexpr double nearly = 0.85;         // of what the best choice gains

/// From 0 to 1 around an edge, without a kink.
double ramp(double depth, double edge) {
  const double share = std::clamp((depth - edge) / edge_width + 0.5, 0., 1.);
  return share * share * (3 - 2 * share);
}

double weight_at(double depth, const JumpChoice& choice) {
  const double above = choice.from > 0 ? ramp(depth, choice.from) : 1;
  const double below = choice.to < 1 ? 1 - ramp(depth, choice.to) : 1;
  return above * below;
}

/// Choices around one, an edge moved by `step`.
std::vector<JumpChoice> neighbours(const JumpChoice& choice, double step) {
  std::vector<JumpChoice> all{{choice.alpha == 1 ? 0.5 : 1, choice.from, choice.to}};
  for (const double way : {-step, step}) {
    all.push_back({choice.alpha, choice.from, choice.to + way});
    all.push_back({choice.alpha, choice.from + way, choice.to});
  }
  std::erase_if(all, [](const JumpChoice& c) { return c.from < 0 || c.to > 1 || c.from >= c.to; });
  return all;
}

}  // namespace

Jump::Jump(Parts parts) : parts_(std::move(parts)) {
  const Grid& grid = parts_.before.grid;
  const std::size_t nz = std::size_t(grid.size[2]);
  depth_.assign(grid.cells(), 0.);
  for (std::size_t column = 0; column < depth_.size(); column += nz) {
    std::size_t top = 0;
    while (top < nz && parts_.frozen[column + top]) ++top;
    for (std::size_t iz = top; iz < nz; ++iz) {
      depth_[column + iz] = double(iz - top) * grid.spacing[2];
      deepest_ = std::max(deepest_, depth_[column + iz]);
      if (!parts_.frozen[column + iz]) largest_ = std::max(largest_, std::abs(parts_.step[column + iz]));
    }
  }
}

Model Jump::model(const JumpChoice& choice) const {
  std::vector<double> velocity = to_host(parts_.before.at("vp"));
  for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
    if (parts_.frozen[cell]) continue;
    const double share = deepest_ > 0 ? weight_at(depth_[cell] / deepest_, choice) : 1;
    const double step = std::clamp(parts_.step[cell], -parts_.trust, parts_.trust);
    velocity[cell] =
        std::clamp(velocity[cell] + choice.alpha * share * step, parts_.bounds.min, parts_.bounds.max);
  }
  Model result = clone(parts_.before);
  from_host(velocity, result["vp"]);
  return result;
}

JumpSearch search_jump(const std::function<std::vector<double>(const JumpChoice&)>& score,
                       const std::vector<double>& none, int most) {
  JumpSearch search;
  std::vector<JumpChoice> tried;
  double lowest = std::numeric_limits<double>::infinity();
  const auto attempt = [&](const JumpChoice& choice) {
    if (std::find(tried.begin(), tried.end(), choice) != tried.end()) return false;
    if (int(tried.size()) >= std::max(2, most)) return false;
    tried.push_back(choice);
    const PairedScores scores = paired_scores(score(choice), none);
    if (!(scores.with < lowest)) return false;
    search.best = choice;
    search.scores = scores;
    lowest = scores.with;
    return true;
  };
  attempt({});
  const PairedScores whole = search.scores;
  attempt({0.5, 0, 1});
  double step = std::isfinite(lowest) && search.scores.not_above() ? 0.5 : 0;
  while (step >= 0.125) {
    bool moved = false;
    for (const JumpChoice& choice : neighbours(search.best, step)) moved = attempt(choice) || moved;
    if (!moved) step /= 2;
  }
  if (whole.clearly_lower() && whole.difference <= nearly * search.scores.difference) {
    search.best = {};
    search.scores = whole;
  }
  search.tried = int(tried.size());
  return search;
}

double trust_after(double trust, bool accepted, double alpha) {
  if (!accepted) return 0.5 * trust;
  return alpha == 1 ? 1.5 * trust : trust;
}

}  // namespace fathom
