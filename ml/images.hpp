// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <vector>

namespace fathom {

/// Images of one size, as a network takes and gives them: [channel][x][z], z fastest.
struct Images {
  int channels = 0, nx = 0, nz = 0;
  std::vector<float> values{};

  Images() = default;
  Images(int count, int width, int depth)
      : channels(count), nx(width), nz(depth), values(std::size_t(count) * width * depth) {}

  std::size_t cells() const { return std::size_t(nx) * nz; }
  float* channel(int number) { return values.data() + number * cells(); }
  const float* channel(int number) const { return values.data() + number * cells(); }
  float& at(int number, int ix, int iz) { return channel(number)[std::size_t(ix) * nz + iz]; }
  float at(int number, int ix, int iz) const { return channel(number)[std::size_t(ix) * nz + iz]; }

  bool operator==(const Images&) const = default;
};

}  // namespace fathom
