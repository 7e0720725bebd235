// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stage_guide.hpp"

#include <algorithm>

namespace fathom {
namespace {

/// The fields of a guidance by the names they have in a checkpoint.
template <class G, class F>
void for_each_field(G& guidance, const F& f) {
  f("theta", guidance.theta);
  f("p_x", guidance.p.x);
  f("p_y", guidance.p.y);
  f("p_z", guidance.p.z);
  f("reference", guidance.reference);
  f("confidence", guidance.confidence);
}

}  // namespace

double slope_of_jump(double jump, const Grid& grid) {
  double narrowest = grid.spacing[2];
  for (int axis = 0; axis < 3; ++axis)
    if (grid.active(axis)) narrowest = std::min(narrowest, grid.spacing[axis]);
  return jump / 1000 / narrowest;
}

Guidance guidance_for(const Parameterization& parameterization, const Guidance& of_velocity) {
  return parameterization.velocity_slope(2500) > 0 ? of_velocity : for_falling_parameter(of_velocity);
}

std::vector<double> reference_velocity(const RegularizerOptions& options, const Model& start,
                                       const Guidance& guidance) {
  if (options.reference == "start") return to_host(start.at("vp"));
  if (options.reference == "guide" && guidance.reference.size() > 0) return to_host(guidance.reference);
  return {};
}

std::map<std::string, std::vector<double>> to_arrays(const Guidance& guidance) {
  std::map<std::string, std::vector<double>> arrays;
  for_each_field(guidance, [&](const char* name, const Field& field) {
    if (field.size() > 0) arrays[name] = to_host(field);
  });
  return arrays;
}

Guidance guidance_from_arrays(const Grid& grid, const std::map<std::string, std::vector<double>>& arrays) {
  Guidance guidance;
  guidance.grid = grid;
  for_each_field(guidance, [&](const char* name, Field& field) {
    const auto found = arrays.find(name);
    if (found == arrays.end()) return;
    field = make_field(name, grid);
    from_host(found->second, field);
  });
  return guidance;
}

}  // namespace fathom
