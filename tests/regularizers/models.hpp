// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "regularizers/denoiser.hpp"
#include "regularizers/guide.hpp"
#include "tests/physics/problem.hpp"

namespace fathom::testing {

/// values(x, y, z) at every point of a grid.
template <class Function>
Field sampled_field(const Grid& grid, const Function& values) {
  std::vector<double> all;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz)
        all.push_back(values(grid.coordinate(0, ix), grid.coordinate(1, iy), grid.coordinate(2, iz)));
  const Field field = make_field("sampled", grid);
  from_host(all, field);
  return field;
}

template <class Function>
Model sampled(const Grid& grid, const Function& values) {
  return {grid, {{"vp", sampled_field(grid, values)}}};
}

inline Field random_field(const Grid& grid, unsigned seed) {
  const Field field = make_field("random", grid);
  from_host(Noise(seed).many(grid.cells()), field);
  return field;
}

inline VectorField random_vectors(const Grid& grid, unsigned seed) {
  return {random_field(grid, seed), random_field(grid, seed + 1), random_field(grid, seed + 2)};
}

/// Theta and P that vary over some 50 m, P longer than it may be in places and with parts along every axis.
inline Guidance rough_guidance(const Grid& grid) {
  Guidance guidance;
  guidance.grid = grid;
  guidance.theta = sampled_field(grid, [](double x, double y, double z) {
    return 0.6 + 0.39 * std::sin(x / 40 + y / 60) * std::cos(z / 35);
  });
  guidance.p.x =
      sampled_field(grid, [](double x, double, double z) { return 0.7 * std::sin(x / 30 - z / 50); });
  guidance.p.y =
      sampled_field(grid, [](double, double y, double z) { return 0.5 * std::cos(y / 45 + z / 25); });
  guidance.p.z =
      sampled_field(grid, [](double x, double y, double) { return -0.8 * std::cos(x / 55 + y / 20); });
  return guidance;
}

/// What takes no network to know: it would change a model by its slope along z, over a metre.
class SlopeDenoiser final : public Denoiser {
 public:
  explicit SlopeDenoiser(const Grid& grid) : depth_(std::size_t(grid.size[2])), spacing_(grid.spacing[2]) {}
  double value_and_gradient(const std::vector<double>& u, std::vector<double>& slopes) const override {
    double value = 0;
    for (std::size_t cell = 0; cell < u.size(); ++cell) {
      if (cell % depth_ + 1 == depth_) continue;
      const double change = (u[cell + 1] - u[cell]) / spacing_;
      value += 0.5 * change * change;
      slopes[cell + 1] += change / spacing_;
      slopes[cell] -= change / spacing_;
    }
    return value;
  }

 private:
  std::size_t depth_;
  double spacing_;  // m
};

}  // namespace fathom::testing
