// SPDX-License-Identifier: BSD-3-Clause
#include "solver/tao_line_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace fathom {
namespace {

constexpr double steep_slope = 0.9;  // of the start's: a trial that is still steeper was too short
constexpr double growth = 5;
constexpr double not_finite_shrink = 0.25;
constexpr int most_unevaluated_shrinks = 50;

struct Trial {
  double step = 0;
  Iterate point{};
  double predicted = 0;  // g_start . (x - x_start)
  double slope = 0;      // g . (x - x_start) / step
  bool finite = false;
};

double directional(const std::vector<double>& gradient, const std::vector<double>& from,
                   const std::vector<double>& to) {
  double sum = 0;
  for (std::size_t i = 0; i < from.size(); ++i) sum += gradient[i] * (to[i] - from[i]);
  return sum;
}

/// Minimiser of the cubic through value and slope at the start and at a trial that is too high.
double interpolate(double start_value, double start_slope, const Trial& trial) {
  const double step = trial.step;
  const double d1 = start_slope + trial.slope + 3 * (start_value - trial.point.value) / step;
  const double d2 = std::sqrt(std::max(0., d1 * d1 - start_slope * trial.slope));
  const double cubic = step - step * (trial.slope + d2 - d1) / (trial.slope - start_slope + 2 * d2);
  return std::isfinite(cubic) ? std::clamp(cubic, 0.1 * step, 0.5 * step) : 0.5 * step;
}

class LineSearch {
 public:
  LineSearch(const Iterate& start, std::vector<double> direction, SmoothObjective& objective, const Box& box,
             const SearchLimits& limits)
      : start_(start),
        direction_(std::move(direction)),
        objective_(objective),
        box_(box),
        limits_(limits),
        next_(start.x) {}

  SearchResult run() {
    if (!prepare()) return finish(false, "the direction does not lead downhill inside the bounds");
    double step = first_step();
    while (result_.evaluations < limits_.evaluations) {
      if (!place(step)) return give_up("the step is lost in rounding");
      Trial trial = evaluate(step);
      if (!trial.finite) {
        if (result_.moved) break;
        step *= not_finite_shrink;
        shrunk_ = true;
        continue;
      }
      const bool low_enough = trial.point.value <= start_.value + sufficient_decrease * trial.predicted;
      const bool lower_than_before = keep_if_lowest(trial);
      if (result_.accepted && !lower_than_before) break;  // an extension that did not pay
      if (!low_enough) {
        if (result_.accepted) break;
        step = interpolate(start_.value, slope_, trial);
        shrunk_ = true;
        continue;
      }
      result_.accepted = true;
      if (shrunk_ || trial.slope >= steep_slope * slope_) break;
      step = std::min(growth * step, limits_.max_change / longest_);
      if (!differs(step)) break;
    }
    if (result_.accepted) return finish(true, "");
    return give_up(fmt::format("no sufficient decrease after {} evaluations", result_.evaluations));
  }

 private:
  /// Removes what points out of the box; whether downhill remains.
  bool prepare() {
    slope_ = 0;
    longest_ = 0;
    for (std::size_t i = 0; i < direction_.size(); ++i) {
      double& d = direction_[i];
      if ((d < 0 && start_.x[i] <= box_.lower[i]) || (d > 0 && start_.x[i] >= box_.upper[i])) d = 0;
      slope_ += start_.gradient[i] * d;
      longest_ = std::max(longest_, std::abs(d));
    }
    return std::isfinite(slope_) && std::isfinite(longest_) && slope_ < 0;
  }

  double first_step() const {
    // Along a gradient, at most the step that would bring a parabola with this value and slope down to zero.
    const double to_zero = start_.value > 0 ? 2 * start_.value / -slope_ : std::numeric_limits<double>::max();
    return std::min(
        {limits_.unit_step ? 1. : to_zero, limits_.first_change / longest_, limits_.max_change / longest_});
  }

  /// next_ = P(x + step d); whether any variable changed from what next_ was.
  bool differs(double step) {
    bool changed = false;
    for (std::size_t i = 0; i < direction_.size(); ++i) {
      const double x = box_.clip(i, start_.x[i] + step * direction_[i]);
      changed |= x != next_[i];
      next_[i] = x;
    }
    return changed;
  }

  /// Sets next_, shortening the step while the projection has turned it uphill.
  bool place(double& step) {
    for (int attempt = 0; attempt < most_unevaluated_shrinks; ++attempt) {
      differs(step);
      if (next_ == start_.x) return false;
      if (directional(start_.gradient, start_.x, next_) < 0) return true;
      if (result_.moved) return false;
      step *= 0.5;
      shrunk_ = true;
    }
    return false;
  }

  Trial evaluate(double step) {
    Trial trial;
    trial.step = step;
    trial.point.x = next_;
    trial.point.gradient.resize(next_.size());
    trial.point.value = objective_.value_and_gradient(trial.point.x, trial.point.gradient);
    ++result_.evaluations;
    trial.finite = is_finite(trial.point);
    trial.predicted = directional(start_.gradient, start_.x, next_);
    trial.slope = directional(trial.point.gradient, start_.x, next_) / step;
    return trial;
  }

  bool keep_if_lowest(Trial& trial) {
    if (!(trial.point.value < (result_.moved ? result_.point.value : start_.value))) return false;
    result_.moved = true;
    result_.step_length = trial.step;
    result_.point = trial.point;
    return true;
  }

  SearchResult give_up(const std::string& why) {
    return finish(result_.accepted,
                  result_.moved && !result_.accepted ? why + ", the lowest point is kept" : why);
  }

  SearchResult finish(bool accepted, const std::string& explanation) {
    result_.accepted = accepted;
    result_.explanation = accepted ? "" : explanation;
    return std::move(result_);
  }

  const Iterate& start_;
  std::vector<double> direction_;
  SmoothObjective& objective_;
  const Box& box_;
  const SearchLimits limits_;
  std::vector<double> next_;
  double slope_ = 0, longest_ = 0;
  bool shrunk_ = false;
  SearchResult result_;
};

}  // namespace

bool is_finite(const Iterate& point) {
  return std::isfinite(point.value) &&
         std::all_of(point.gradient.begin(), point.gradient.end(), [](double g) { return std::isfinite(g); });
}

double largest_change(const std::vector<double>& from, const std::vector<double>& to) {
  double largest = 0;
  for (std::size_t i = 0; i < from.size(); ++i) largest = std::max(largest, std::abs(to[i] - from[i]));
  return largest;
}

SearchResult search_line(const Iterate& start, std::vector<double> direction, SmoothObjective& objective,
                         const Box& box, const SearchLimits& limits) {
  return LineSearch(start, std::move(direction), objective, box, limits).run();
}

}  // namespace fathom
