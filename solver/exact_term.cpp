// SPDX-License-Identifier: BSD-3-Clause
#include "solver/exact_term.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "solver/spent_time.hpp"

namespace fathom {
namespace {

/// Cells may not be softer than this share of the stiffest: the primal-dual iteration would wait for them.
constexpr double softest = 1e-3;
/// A projection meets its bound to a part in a thousand, and single precision adds a little.
constexpr double slack = 2e-3;
constexpr const char* names[] = {"dual_x", "dual_y", "dual_z"};
constexpr const char* multiplier = "multiplier";

ProximalMemory recalled(const Grid& grid, const OptimizerMemory& memory) {
  ProximalMemory dual;
  if (!memory.count(names[2])) return dual;
  dual.q = make_vector_field("dual", grid);
  for (int axis = 0; axis < 3; ++axis)
    if (const auto found = memory.find(names[axis]); found != memory.end())
      from_host(found->second, dual.q[axis]);
  dual.lambda = memory.at(multiplier).at(0);
  return dual;
}

void remember(const ProximalMemory& dual, const Grid& grid, OptimizerMemory& memory) {
  for (int axis = 0; axis < 3; ++axis)
    if (grid.active(axis) || axis == 2) memory[names[axis]] = to_host(dual.q[axis]);
  memory[multiplier] = {dual.lambda};
}

Field field_of(const std::vector<double>& values, const Grid& grid) {
  const Field field = make_field("values", grid);
  from_host(values, field);
  return field;
}

}  // namespace

ExactTerm::ExactTerm(Parts parts) : parts_(std::move(parts)), metric_(parts_.cells.size(), 1.) {
  double stiffest = 0;
  for (const double scale : parts_.scale) stiffest = std::max(stiffest, 1 / (scale * scale));
  for (std::size_t i = 0; i < metric_.size(); ++i)
    metric_[i] = std::max(1., softest * stiffest * parts_.scale[i] * parts_.scale[i]);
}

std::vector<double> ExactTerm::varied(const std::vector<double>& x) const {
  std::vector<double> v = parts_.fixed;
  for (std::size_t i = 0; i < x.size(); ++i)
    v[parts_.cells[i]] =
        std::clamp(parts_.start[i] + parts_.scale[i] * x[i], parts_.lower[i], parts_.upper[i]);
  for (std::size_t cell = 0; cell < parts_.reference.size(); ++cell) v[cell] -= parts_.reference[cell];
  for (double& value : v) value /= parts_.unit;
  return v;
}

double ExactTerm::value(const std::vector<double>& x) {
  const double variation = parts_.variation.value(field_of(varied(x), parts_.grid), parts_.grid);
  if (!parts_.constrained) return parts_.weight * variation;
  return variation <= parts_.weight * (1 + slack) ? 0 : std::numeric_limits<double>::infinity();
}

/// `centre`: of x, not brought into the bounds. Cells that are not free are held by their box.
ProximalProblem ExactTerm::problem_at(const std::vector<double>& centre, double stiffness) const {
  std::vector<double> fixed(parts_.fixed);
  const auto shifted = [&](std::size_t cell, double parameter) {
    return (parameter - (parts_.reference.empty() ? 0 : parts_.reference[cell])) / parts_.unit;
  };
  std::vector<double> middle(fixed.size()), lower, upper, weight(fixed.size(), 0.);
  for (std::size_t cell = 0; cell < fixed.size(); ++cell) middle[cell] = shifted(cell, fixed[cell]);
  lower = upper = middle;
  double stiffest = 0;
  for (std::size_t i = 0; i < parts_.cells.size(); ++i) {
    const std::size_t cell = parts_.cells[i];
    middle[cell] = shifted(cell, parts_.start[i] + parts_.scale[i] * centre[i]);
    lower[cell] = shifted(cell, parts_.lower[i]);
    upper[cell] = shifted(cell, parts_.upper[i]);
    const double per_unit = parts_.unit / parts_.scale[i];
    weight[cell] = stiffness * metric_[i] * per_unit * per_unit;
    stiffest = std::max(stiffest, weight[cell]);
  }
  for (double& value : weight)
    if (value == 0) value = stiffest;
  const Grid& grid = parts_.grid;
  return {grid, field_of(middle, grid), field_of(weight, grid), field_of(lower, grid), field_of(upper, grid)};
}

std::vector<double> ExactTerm::advance(const std::vector<double>& x, const std::vector<double>& gradient,
                                       double stiffness, const Box& box, OptimizerMemory& memory) {
  double nowhere = 0;
  const Timed timed(parts_.seconds ? *parts_.seconds : nowhere);
  std::vector<double> centre(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) centre[i] = x[i] - gradient[i] / (stiffness * metric_[i]);
  ProximalMemory dual = recalled(parts_.grid, memory);
  const ProximalProblem problem = problem_at(centre, stiffness);
  const ProximalResult result =
      parts_.constrained ? project_onto_variation(parts_.variation, parts_.weight, problem, {}, dual)
                         : minimise_variation(parts_.variation, parts_.weight, problem, {}, dual);
  remember(dual, parts_.grid, memory);
  const std::vector<double> v = to_host(result.v);
  std::vector<double> to(x.size());
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t cell = parts_.cells[i];
    const double parameter = v[cell] * parts_.unit + (parts_.reference.empty() ? 0 : parts_.reference[cell]);
    to[i] = box.clip(i, (parameter - parts_.start[i]) / parts_.scale[i]);
  }
  return to;
}

std::vector<double> ExactTerm::feasible(const std::vector<double>& x, const Box& box) {
  if (std::isfinite(value(x))) return x;
  OptimizerMemory ignored;
  return advance(x, std::vector<double>(x.size(), 0.), 1, box, ignored);
}

}  // namespace fathom
