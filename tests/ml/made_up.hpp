// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "regularizers/guide.hpp"

namespace fathom {

inline Field field_of(const Grid& grid, const std::function<double(int ix, int iz)>& value) {
  std::vector<double> values;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iz = 0; iz < grid.size[2]; ++iz) values.push_back(value(ix, iz));
  const Field field = make_field("made up", grid);
  from_host(values, field);
  return field;
}

/// Five rows of water over rock that becomes faster with depth, and something in every other field.
inline Situation situation_on(const Grid& grid) {
  Situation situation;
  situation.velocity = {
      grid, {{"vp", field_of(grid, [](int, int iz) { return iz < 5 ? 1500. : 1800. + 20 * iz; })}}};
  situation.frozen.resize(grid.cells());
  for (std::size_t cell = 0; cell < grid.cells(); ++cell)
    situation.frozen[cell] = int(cell) % grid.size[2] < 5;
  situation.start = field_of(grid, [](int, int iz) { return iz < 5 ? 1500. : 1700. + 20 * iz; });
  situation.descent = field_of(grid, [](int ix, int iz) { return 1e-20 * std::sin(0.3 * ix + 0.5 * iz); });
  situation.illumination = field_of(grid, [](int, int iz) { return 7 * std::pow(10., -0.1 * iz); });
  situation.image = field_of(grid, [](int ix, int iz) { return 1e9 * std::cos(0.2 * ix - 0.4 * iz); });
  situation.min_frequency = 3;
  situation.max_frequency = 8;
  return situation;
}

}  // namespace fathom
