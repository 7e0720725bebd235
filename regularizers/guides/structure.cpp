// SPDX-License-Identifier: BSD-3-Clause
//
// J = G_s * (g_I g_I^T + g_M g_M^T), g_I and g_M the slopes of the image and of ln v, each of unit RMS, G_s a
// Gaussian. Its dominant eigenvector is the normal n, its anisotropy c = (l1 - l2) / (l1 + l2) says how well
// it is defined (Bigun and Granlund, ICCV 1987). The signed strength along n is
//     s = n_z I / I_99 + n . g_M / |g_M|_99,   w = c min(1, |s|),   and  sign(s) n  points to faster rock:
// the image has the sign of d/dz ln v.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "regularizers/guides/guides.hpp"
#include "regularizers/quantile.hpp"
#include "regularizers/smoothing.hpp"

namespace fathom {
namespace {

using Values = std::vector<double>;
using Matrix = std::array<std::array<double, 3>, 3>;

std::array<Values, 3> slopes_of(const Field& field, const Grid& grid) {
  const VectorField slopes = differences_of(field, grid);
  return {to_host(slopes.x), to_host(slopes.y), to_host(slopes.z)};
}

/// Differences at the cells themselves, from those between them: products of differences along several axes
/// belong to one place.
std::array<Values, 3> centred(const std::array<Values, 3>& slopes, const Grid& grid) {
  const std::size_t strides[3] = {std::size_t(grid.size[1]) * grid.size[2], std::size_t(grid.size[2]), 1};
  std::array<Values, 3> at_cells = slopes;
  for (int axis = 0; axis < 3; ++axis)
    for (std::size_t cell = 0; cell < at_cells[axis].size(); ++cell)
      if (cell / strides[axis] % std::size_t(grid.size[axis]) > 0)
        at_cells[axis][cell] = 0.5 * (slopes[axis][cell] + slopes[axis][cell - strides[axis]]);
  return at_cells;
}

/// The size that a share of all do not exceed; cells that are not counted are left out.
double quantile_of_sizes(const Values& values, const std::vector<bool>& left_out, double share) {
  Values counted;
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (!left_out[cell]) counted.push_back(std::abs(values[cell]));
  return quantile(std::move(counted), share);
}

/// Eigenvectors (columns) and eigenvalues (the diagonal left) of a symmetric matrix, by Jacobi's rotations.
Matrix diagonalise(Matrix& a) {
  Matrix vectors{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int sweep = 0; sweep < 12; ++sweep)
    for (int p = 0; p < 2; ++p)
      for (int q = p + 1; q < 3; ++q) {
        if (a[p][q] == 0) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::hypot(theta, 1.));
        const double c = 1 / std::hypot(t, 1.), s = t * c;
        for (int k = 0; k < 3; ++k) {
          const double kp = a[k][p], kq = a[k][q];
          a[k][p] = c * kp - s * kq;
          a[k][q] = s * kp + c * kq;
        }
        for (int k = 0; k < 3; ++k) {
          const double pk = a[p][k], qk = a[q][k], vp = vectors[k][p], vq = vectors[k][q];
          a[p][k] = c * pk - s * qk;
          a[q][k] = s * pk + c * qk;
          vectors[k][p] = c * vp - s * vq;
          vectors[k][q] = s * vp + c * vq;
        }
      }
  return vectors;
}

struct Normal {
  std::array<double, 3> n{};
  double anisotropy = 0;
};

Normal dominant(Matrix tensor) {
  const Matrix vectors = diagonalise(tensor);
  int first = 0;
  for (int k = 1; k < 3; ++k)
    if (tensor[k][k] > tensor[first][first]) first = k;
  double second = 0;
  for (int k = 0; k < 3; ++k)
    if (k != first) second = std::max(second, tensor[k][k]);
  const double largest = tensor[first][first];
  Normal normal;
  if (!(largest > 0)) return normal;
  const double sign = vectors[2][first] < 0 ? -1 : 1;
  for (int k = 0; k < 3; ++k) normal.n[k] = sign * vectors[k][first];
  normal.anisotropy = (largest - second) / (largest + second);
  return normal;
}

/// The smoothed tensor, its six parts in the order xx xy xz yy yz zz.
using Tensor = std::array<Values, 6>;

void add_outer_products(Tensor& tensor, const std::array<Values, 3>& slopes,
                        const std::vector<bool>& frozen) {
  double squares = 0;
  std::size_t counted = 0;
  for (std::size_t cell = 0; cell < frozen.size(); ++cell) {
    if (frozen[cell]) continue;
    for (const Values& along : slopes) squares += along[cell] * along[cell];
    ++counted;
  }
  if (!(squares > 0)) return;
  int part = 0;
  for (int a = 0; a < 3; ++a)
    for (int b = a; b < 3; ++b, ++part)
      for (std::size_t cell = 0; cell < frozen.size(); ++cell)
        if (!frozen[cell])
          tensor[part][cell] += slopes[a][cell] * slopes[b][cell] * double(counted) / squares;
}

}  // namespace

Guidance Structure::advise(const Situation& situation) const {
  const Grid& grid = situation.velocity.grid;
  const std::vector<bool>& frozen = situation.frozen;
  Values logarithm = to_host(situation.velocity.at("vp"));
  for (double& value : logarithm) value = std::log(value);
  const Field field = make_field("ln v", grid);
  from_host(logarithm, field);
  const std::array<Values, 3> of_model = slopes_of(field, grid);
  const bool imaged = situation.image.size() > 0;
  const Values image = imaged ? to_host(situation.image) : Values(logarithm.size(), 0.);

  Tensor tensor;
  for (Values& part : tensor) part.assign(logarithm.size(), 0.);
  add_outer_products(tensor, centred(of_model, grid), frozen);
  if (imaged) add_outer_products(tensor, centred(slopes_of(situation.image, grid), grid), frozen);
  for (Values& part : tensor) gaussian(part, grid, options_.smoothing);

  Values steepness(logarithm.size());
  for (std::size_t cell = 0; cell < steepness.size(); ++cell)
    steepness[cell] = std::hypot(of_model[0][cell], of_model[1][cell], of_model[2][cell]);
  const double steep = quantile_of_sizes(steepness, frozen, 0.99),
               bright = quantile_of_sizes(image, frozen, 0.99);

  std::array<Values, 3> p;
  Values theta(logarithm.size(), 1.), confidence(logarithm.size(), 0.);
  for (Values& component : p) component.assign(logarithm.size(), 0.);
  for (std::size_t cell = 0; cell < theta.size(); ++cell) {
    if (frozen[cell]) continue;
    const auto t = [&](int part) { return tensor[part][cell]; };
    const Normal normal = dominant({{{t(0), t(1), t(2)}, {t(1), t(3), t(4)}, {t(2), t(4), t(5)}}});
    double strength = bright > 0 ? normal.n[2] * image[cell] / bright : 0;
    for (int axis = 0; axis < 3 && steep > 0; ++axis)
      strength += normal.n[axis] * of_model[axis][cell] / steep;
    const double edge = normal.anisotropy * std::min(1., std::abs(strength));
    confidence[cell] = edge;
    theta[cell] = options_.theta_min + (1 - options_.theta_min) * (1 - edge);
    for (int axis = 0; axis < 3; ++axis)
      p[axis][cell] = -options_.gamma * edge * theta[cell] * normal.n[axis] * (strength < 0 ? -1 : 1);
  }
  Guidance guidance{grid,
                    make_field("theta", grid),
                    make_vector_field("steering", grid),
                    {},
                    make_field("confidence", grid)};
  from_host(theta, guidance.theta);
  from_host(confidence, guidance.confidence);
  for (int axis = 0; axis < 3; ++axis) from_host(p[axis], guidance.p[axis]);
  taper_steering(guidance, frozen, options_.taper);
  return guidance;
}

}  // namespace fathom
