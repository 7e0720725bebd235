// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/oracle.hpp"

#include <cmath>
#include <random>

#include "regularizers/quantile.hpp"
#include "regularizers/smoothing.hpp"

namespace fathom {

Guidance oracle(const Model& truth, const OracleOptions& options) {
  const Grid& grid = truth.grid;
  Field velocity = truth.at("vp");
  if (options.blur > 0) {
    std::vector<double> values = to_host(velocity);
    gaussian(values, grid, options.blur);
    velocity = make_field("blurred", grid);
    from_host(values, velocity);
  }
  const VectorField slopes = differences_of(velocity, grid);
  std::vector<double> along[3] = {to_host(slopes.x), to_host(slopes.y), to_host(slopes.z)};
  std::vector<double> steepness(grid.cells());
  for (std::size_t cell = 0; cell < steepness.size(); ++cell)
    steepness[cell] = std::hypot(along[0][cell], along[1][cell], along[2][cell]);
  const double delta = 0.05 * quantile(steepness, 0.99);

  std::mt19937 random(unsigned(options.seed));
  Guidance guidance{grid, make_field("theta", grid), make_vector_field("oracle", grid), {}, {}};
  Kokkos::deep_copy(guidance.theta, Real(1));
  for (std::size_t cell = 0; cell < steepness.size(); ++cell) {
    const double length = std::hypot(steepness[cell], delta);
    const bool wrong = double(random()) / 4294967296. < options.flip;
    for (auto& component : along)
      component[cell] *= length > 0 ? (wrong ? 1 : -1) * largest_steering / length : 0;
  }
  for (int axis = 0; axis < 3; ++axis) from_host(along[axis], guidance.p[axis]);
  return guidance;
}

}  // namespace fathom
