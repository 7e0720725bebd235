// SPDX-License-Identifier: BSD-3-Clause
#include "ml/targets.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ml/channels.hpp"

namespace fathom {
namespace {

/// Of the change in the next cell along the normal: an interface between two cells is an edge in both.
constexpr double crest = 0.9;

}  // namespace

Target target_of(const Model& truth, const Model& velocity, const std::vector<bool>& frozen) {
  const Grid& grid = truth.grid;
  const int nx = grid.size[0], nz = grid.size[2];
  const std::vector<double> wanted = to_host(truth.at("vp")), now = to_host(velocity.at("vp"));
  const auto cell_of = [&](int ix, int iz) {
    return std::size_t(std::clamp(ix, 0, nx - 1)) * nz + std::size_t(std::clamp(iz, 0, nz - 1));
  };
  // Changes over two cells, smoothed across: the steps of an interface that is not along the grid would turn
  // its normal to the diagonals.
  const auto smoothed = [](double before, double here, double after) {
    return 0.25 * (before + 2 * here + after);
  };
  const auto along_x = [&](int ix, int iz) {
    const auto over = [&](int z) { return wanted[cell_of(ix + 1, z)] - wanted[cell_of(ix - 1, z)]; };
    return smoothed(over(iz - 1), over(iz), over(iz + 1));
  };
  const auto along_z = [&](int ix, int iz) {
    const auto over = [&](int x) { return wanted[cell_of(x, iz + 1)] - wanted[cell_of(x, iz - 1)]; };
    return smoothed(over(ix - 1), over(ix), over(ix + 1));
  };
  const auto change = [&](int ix, int iz) {
    ix = std::clamp(ix, 0, nx - 1);
    iz = std::clamp(iz, 0, nz - 1);
    return std::hypot(along_x(ix, iz), along_z(ix, iz));
  };
  Target target{Images(Target::channels, nx, nz)};
  Images& images = target.images;
  for (int ix = 0; ix < nx; ++ix)
    for (int iz = 0; iz < nz; ++iz) {
      const std::size_t cell = cell_of(ix, iz);
      images.at(Target::residual, ix, iz) = float((wanted[cell] - now[cell]) / velocity_unit);
      images.at(Target::weight, ix, iz) = frozen[cell] ? 0 : 1;
      const double here = change(ix, iz);
      if (here < edge_share * wanted[cell]) continue;
      // Unequal spacings turn the normal.
      const double slope_x = along_x(ix, iz) / grid.spacing[0], slope_z = along_z(ix, iz) / grid.spacing[2];
      const double length = std::hypot(slope_x, slope_z);
      const int step_x = int(std::lround(slope_x / length)), step_z = int(std::lround(slope_z / length));
      if (here < crest * std::max(change(ix + step_x, iz + step_z), change(ix - step_x, iz - step_z)))
        continue;
      images.at(Target::edge, ix, iz) = 1;
      images.at(Target::normal_x, ix, iz) = float(slope_x / length);
      images.at(Target::normal_z, ix, iz) = float(slope_z / length);
    }
  return target;
}

}  // namespace fathom
