// SPDX-License-Identifier: BSD-3-Clause
#include "solver/sea_floor.hpp"

#include <algorithm>
#include <cmath>

#include "solver/case.hpp"

namespace fathom {
namespace {

double compressibility(double velocity) {
  return 1 / (velocity * velocity);
}

}  // namespace

std::vector<double> shares_of_water(const Model& model) {
  const std::vector<double> velocity = to_host(model.at("vp"));
  const std::vector<bool> water = frozen_cells(model, {true, std::nullopt});
  std::vector<double> shares(water.begin(), water.end());
  const std::size_t nz = std::size_t(model.grid.size[2]);
  for (std::size_t column = 0; column < shares.size(); column += nz) {
    std::size_t floor = 0;
    while (floor < nz && water[column + floor]) ++floor;
    if (floor == 0 || floor + 1 >= nz) continue;
    const double above = compressibility(velocity[column + floor - 1]),
                 here = compressibility(velocity[column + floor]),
                 below = compressibility(velocity[column + floor + 1]);
    if (above > below) shares[column + floor] = std::clamp((here - below) / (above - below), 0., 1.);
  }
  return shares;
}

std::vector<double> under_water(std::vector<double> rock, const Model& model,
                                const std::vector<double>& shares) {
  const std::vector<double> velocity = to_host(model.at("vp"));
  for (std::size_t cell = 0; cell < rock.size(); ++cell) {
    const double share = shares[cell];
    if (share == 1) rock[cell] = velocity[cell];
    if (!(share > 0 && share < 1)) continue;
    const double water = compressibility(velocity[cell - 1]);  // above the floor's cell
    rock[cell] = 1 / std::sqrt(share * water + (1 - share) * compressibility(rock[cell]));
  }
  return rock;
}

}  // namespace fathom
