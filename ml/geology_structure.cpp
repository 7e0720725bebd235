// SPDX-License-Identifier: BSD-3-Clause
#include "ml/geology_structure.hpp"

#include <algorithm>
#include <cmath>

namespace fathom {

double ramp(double value, double low, double high) {
  if (high <= low) return value < low ? 0 : 1;
  const double t = std::clamp((value - low) / (high - low), 0., 1.);
  return t * t * (3 - 2 * t);
}

double soft_min(double a, double b, double radius) {
  if (std::abs(a - b) > 40 * radius) return std::min(a, b);  // exact in double, and fast
  return std::min(a, b) - radius * std::log1p(std::exp(-std::abs(a - b) / radius));
}

double soft_max(double a, double b, double radius) {
  return -soft_min(-a, -b, radius);
}

Position Fold::operator()(const Position& after) const {
  const double share = full > still ? ramp(after[2], still, full) : 1;
  const double moved = shape(after[0], after[1]) + dip_x * (after[0] - x) + dip_y * after[1];
  return {after[0], after[1], after[2] - share * moved};
}

std::array<double, 2> FaultSurface::local(double at_x, double at_y) const {
  const auto [c, s] = down_dip;
  return {c * (at_x - x) + s * at_y, c * at_y - s * (at_x - x)};
}

double FaultSurface::depth(double u) const {
  return soft_min(soft_max(slope * u, upper_flat, upper_bend), lower_flat, lower_bend);
}

Position Slip::operator()(const Position& after) const {
  const auto [u, v] = fault.local(after[0], after[1]);
  const double depth = fault.depth(u);
  if (after[2] >= depth) return after;
  double slip = heave * ramp(after[2], tip, tip + tip_height);
  if (length > 0) {
    const double along = std::min(1., std::abs(v - centre) / length);
    slip *= (1 - along * along) * (1 - along * along);
  }
  return {after[0] - slip * fault.down_dip[0], after[1] - slip * fault.down_dip[1],
          after[2] - depth + fault.depth(u - slip)};
}

Position Detached::operator()(const Position& after) const {
  const double share = 1 - ramp(after[2], full, still);
  if (share == 0) return after;
  Position before = movement(after);
  for (int axis = 0; axis < 3; ++axis) before[axis] = after[axis] + share * (before[axis] - after[axis]);
  return before;
}

Position Drag::operator()(const Position& after) const {
  const double dx = after[0] - x - lean * (base - after[2]);
  const double distance = std::hypot(dx, after[1] / stretch_y) / radius;
  const double up = uplift * std::exp(-distance * distance);
  const double down = rim * std::exp(-(distance - 2.2) * (distance - 2.2));
  return {after[0], after[1], after[2] + ramp(after[2], still, full) * (up - down)};
}

}  // namespace fathom
