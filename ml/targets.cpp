// SPDX-License-Identifier: BSD-3-Clause
#include "ml/targets.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ml/channels.hpp"

namespace fathom {

Target target_of(const Model& truth, const Model& velocity, const std::vector<bool>& frozen) {
  const Grid& grid = truth.grid;
  const int nx = grid.size[0], nz = grid.size[2];
  const std::vector<double> wanted = to_host(truth.at("vp")), now = to_host(velocity.at("vp"));
  const auto cell_of = [&](int ix, int iz) {
    return std::size_t(std::clamp(ix, 0, nx - 1)) * nz + std::size_t(std::clamp(iz, 0, nz - 1));
  };
  Target target{Images(Target::channels, nx, nz)};
  Images& images = target.images;
  for (int ix = 0; ix < nx; ++ix)
    for (int iz = 0; iz < nz; ++iz) {
      const std::size_t cell = cell_of(ix, iz);
      images.at(Target::residual, ix, iz) = float((wanted[cell] - now[cell]) / velocity_unit);
      images.at(Target::weight, ix, iz) = frozen[cell] ? 0 : 1;
      // Changes over two cells; unequal spacings turn the normal.
      const double along_x = wanted[cell_of(ix + 1, iz)] - wanted[cell_of(ix - 1, iz)],
                   along_z = wanted[cell_of(ix, iz + 1)] - wanted[cell_of(ix, iz - 1)];
      if (std::hypot(along_x, along_z) < edge_share * wanted[cell]) continue;
      const double slope_x = along_x / grid.spacing[0], slope_z = along_z / grid.spacing[2];
      const double length = std::hypot(slope_x, slope_z);
      images.at(Target::edge, ix, iz) = 1;
      images.at(Target::normal_x, ix, iz) = float(slope_x / length);
      images.at(Target::normal_z, ix, iz) = float(slope_z / length);
    }
  return target;
}

}  // namespace fathom
