// SPDX-License-Identifier: BSD-3-Clause
//
// min_v max_q  1/2 |v - c|_W^2 + V <q, D v>,  |q - lambda P| <= lambda Theta,  l <= v <= b, iterated as
//
//     q  <- the point of its ball closest to q + sigma D v_bar
//     v+ <- clip[(v - tau V D^T q + tau W c) / (1 + tau W)],   v_bar = v+ + theta (v+ - v)
//
// Steps: sigma_i V = k_i for the differences of cell i, and tau_j = 1 / sum over the differences i that touch
// cell j of 2 k_i / h_i^2. As (D v)_i^2 <= 2 (v_j^2 + v_j'^2) / h_i^2, this keeps |sigma^1/2 V^1/2 D tau^1/2|
// <= 1 whatever k is. k_i ~ W makes tau_j W_j one number kappa, so that dark and bright cells converge alike.
#include "regularizers/proximal.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fathom {
namespace {

/// tau W to begin with: the acceleration lowers it from there.
constexpr double first_kappa = 1;
constexpr int check_every = 10;

KOKKOS_INLINE_FUNCTION Real clip(Real value, Real lower, Real upper) {
  return value < lower ? lower : value > upper ? upper : value;
}

struct Steps {
  Field sigma, tau;
  double kappa = 0;  ///< least tau W
};

Steps make_steps(const ProximalProblem& problem) {
  const Grid& grid = problem.grid;
  const Differences d(grid);
  const Field weight = problem.weight, sigma = make_field("sigma", grid), tau = make_field("tau", grid);
  const Real norm = 4 * (d.per_x * d.per_x + d.per_y * d.per_y + d.per_z * d.per_z);
  const Real volume = Real(grid.cell_volume()), kappa = Real(first_kappa);
  for_each_cell(
      "dual steps", grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        const int jx = ix + 1 < d.nx ? ix + 1 : ix, jy = iy + 1 < d.ny ? iy + 1 : iy,
                  jz = iz + 1 < d.nz ? iz + 1 : iz;
        const Real mean =
            (weight(ix, iy, iz) + weight(jx, iy, iz) + weight(ix, jy, iz) + weight(ix, iy, jz)) / 4;
        sigma(ix, iy, iz) = norm > 0 ? mean / (kappa * norm * volume) : Real(1);
      });
  for_each_cell(
      "primal steps", grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
        Real sum = 0;
        const Real here = sigma(ix, iy, iz);
        sum += d.per_x * d.per_x *
               ((ix + 1 < d.nx ? here : Real(0)) + (ix > 0 ? sigma(ix - 1, iy, iz) : Real(0)));
        sum += d.per_y * d.per_y *
               ((iy + 1 < d.ny ? here : Real(0)) + (iy > 0 ? sigma(ix, iy - 1, iz) : Real(0)));
        sum += d.per_z * d.per_z *
               ((iz + 1 < d.nz ? here : Real(0)) + (iz > 0 ? sigma(ix, iy, iz - 1) : Real(0)));
        tau(ix, iy, iz) = sum > 0 ? 1 / (2 * volume * sum) : Real(1);
      });
  double least = first_kappa;
  Kokkos::parallel_reduce(
      "least tau W", Kokkos::RangePolicy<>(0, int(grid.cells())),
      KOKKOS_LAMBDA(int cell, double& lowest) {
        const double product = double(tau.data()[cell]) * double(weight.data()[cell]);
        if (product < lowest) lowest = product;
      },
      Kokkos::Min<double>(least));
  return {sigma, tau, least};
}

/// One solve: the fields it works on and its steps.
class PrimalDual {
 public:
  PrimalDual(const Variation& variation, double lambda, const ProximalProblem& problem,
             ProximalMemory& memory)
      : problem_(problem), balls_(variation.balls()), variation_(variation), lambda_(lambda), q_(memory.q) {
    v_ = make_field("v", problem.grid);
    ahead_ = make_field("v ahead", problem.grid);
    optimum_ = make_field("dual optimum", problem.grid);
    put_dual_optimum(v_);
    Kokkos::deep_copy(ahead_, v_);
  }

  void iterate(const Steps& steps, Real scale, Real theta) const {
    dual_step(steps, 1 / scale);
    primal_step(steps, scale, theta);
  }

  /// Fills in value, variation and gap of the point reached.
  void judge(ProximalResult& result) const {
    result.v = v_;
    result.variation = variation_.value(v_, problem_.grid);
    result.value = distance(v_) + lambda_ * result.variation;
    put_dual_optimum(optimum_);
    const double dual = distance(optimum_) + pairing(optimum_);
    const double gap = std::max(result.value - dual, 0.);
    result.gap = result.value > 0 ? gap / result.value : 0;
  }

  // Public for the compilers of GPUs, which want to name the function around a kernel.
  void dual_step(const Steps& steps, Real scale) const {
    const VectorField q = q_;
    const Field ahead = ahead_, sigma = steps.sigma;
    const Variation::Balls balls = balls_;
    const Differences difference(problem_.grid);
    const Real lambda = Real(lambda_);
    for_each_cell(
        "dual step", problem_.grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const CellVector moved =
              vector_at(q, ix, iy, iz) + difference(ahead, ix, iy, iz) * (scale * sigma(ix, iy, iz));
          set_vector(q, ix, iy, iz, balls.closest(moved, lambda, ix, iy, iz));
        });
  }
  void primal_step(const Steps& steps, Real scale, Real theta) const {
    const VectorField q = q_;
    const Field v = v_, ahead = ahead_, tau = steps.tau;
    const ProximalProblem p = problem_;
    const Differences difference(p.grid);
    const Real volume = Real(p.grid.cell_volume());
    for_each_cell(
        "primal step", p.grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const Real step = scale * tau(ix, iy, iz), pull = step * p.weight(ix, iy, iz),
                     before = v(ix, iy, iz);
          const Real moved =
              (before - step * volume * difference.transpose(q, ix, iy, iz) + pull * p.centre(ix, iy, iz)) /
              (1 + pull);
          const Real now = clip(moved, p.lower(ix, iy, iz), p.upper(ix, iy, iz));
          v(ix, iy, iz) = now;
          ahead(ix, iy, iz) = now + theta * (now - before);
        });
  }
  /// The v that is best for q: clip(c - V D^T q / W).
  void put_dual_optimum(const Field& v) const {
    const VectorField q = q_;
    const ProximalProblem p = problem_;
    const Differences difference(p.grid);
    const Real volume = Real(p.grid.cell_volume());
    for_each_cell(
        "dual optimum", p.grid, KOKKOS_LAMBDA(int ix, int iy, int iz) {
          const Real best =
              p.centre(ix, iy, iz) - volume * difference.transpose(q, ix, iy, iz) / p.weight(ix, iy, iz);
          v(ix, iy, iz) = clip(best, p.lower(ix, iy, iz), p.upper(ix, iy, iz));
        });
  }
  /// 1/2 |v - c|_W^2
  double distance(const Field& at) const {
    const Field v = at;
    const ProximalProblem p = problem_;
    return 0.5 * sum_over_cells(
                     "distance", p.grid, KOKKOS_LAMBDA(int ix, int iy, int iz, double& sum) {
                       const double apart = double(v(ix, iy, iz)) - double(p.centre(ix, iy, iz));
                       sum += double(p.weight(ix, iy, iz)) * apart * apart;
                     });
  }
  /// V <q, D v>
  double pairing(const Field& at) const {
    const Field v = at;
    const VectorField q = q_;
    const Differences difference(problem_.grid);
    return problem_.grid.cell_volume() *
           sum_over_cells(
               "pairing", problem_.grid, KOKKOS_LAMBDA(int ix, int iy, int iz, double& sum) {
                 sum += double(vector_at(q, ix, iy, iz).dot(difference(v, ix, iy, iz)));
               });
  }

 private:
  const ProximalProblem& problem_;
  const Variation::Balls balls_;
  const Variation& variation_;
  const double lambda_;
  const VectorField q_;
  Field v_, ahead_, optimum_;
};

ProximalResult solve(const Variation& variation, double lambda, const ProximalProblem& problem,
                     const Steps& steps, const ProximalLimits& limits, ProximalMemory& memory) {
  const PrimalDual iteration(variation, lambda, problem, memory);
  ProximalResult result;
  double scale = 1;
  while (result.iterations < limits.iterations) {
    const double theta = 1 / std::sqrt(1 + 2 * steps.kappa * scale);
    iteration.iterate(steps, Real(scale), Real(theta));
    scale *= theta;
    ++result.iterations;
    if (result.iterations % check_every && result.iterations != limits.iterations) continue;
    iteration.judge(result);
    if (result.gap <= limits.gap) break;
  }
  return result;
}

/// What lambda = 0 gives: the centre in the box.
ProximalResult without_variation(const Variation& variation, const ProximalProblem& problem,
                                 ProximalMemory& memory) {
  for (int axis = 0; axis < 3; ++axis) Kokkos::deep_copy(memory.q[axis], Real(0));
  const PrimalDual untouched(variation, 0, problem, memory);
  ProximalResult result;
  untouched.judge(result);
  return result;
}

/// Half the variance of the centre in the metric of the weight: as large as the quadratic can matter.
double spread_of(const ProximalProblem& problem) {
  const ProximalProblem p = problem;
  const auto moment = [&](int power) {
    return sum_over_cells(
        "moment", p.grid, KOKKOS_LAMBDA(int ix, int iy, int iz, double& sum) {
          const double centre = double(p.centre(ix, iy, iz)), weight = double(p.weight(ix, iy, iz));
          sum += power == 0 ? weight : power == 1 ? weight * centre : weight * centre * centre;
        });
  };
  const double weight = moment(0), mean = moment(1) / weight;
  return 0.5 * std::max(moment(2) - weight * mean * mean, 0.);
}

void scale_dual(ProximalMemory& memory, double factor) {
  for (int axis = 0; axis < 3; ++axis) {
    const Field q = memory.q[axis];
    const Real by = Real(factor);
    Kokkos::parallel_for(
        "scale dual", Kokkos::RangePolicy<>(0, int(q.size())),
        KOKKOS_LAMBDA(int cell) { q.data()[cell] *= by; });
  }
}

}  // namespace

ProximalResult minimise_variation(const Variation& variation, double lambda, const ProximalProblem& problem,
                                  const ProximalLimits& limits, ProximalMemory& memory) {
  if (memory.q.x.size() == 0) memory.q = make_vector_field("dual", problem.grid);
  if (!(lambda > 0)) return without_variation(variation, problem, memory);
  return solve(variation, lambda, problem, make_steps(problem), limits, memory);
}

ProximalResult project_onto_variation(const Variation& variation, double bound,
                                      const ProximalProblem& problem, const ProximalLimits& limits,
                                      ProximalMemory& memory) {
  constexpr int most_trials = 30;
  constexpr double slack = 1e-3;
  if (memory.q.x.size() == 0) memory.q = make_vector_field("dual", problem.grid);
  ProximalMemory none{make_vector_field("dual", problem.grid), 0};
  const ProximalResult free = without_variation(variation, problem, none);
  if (free.variation <= bound * (1 + slack)) {
    memory = none;
    return free;
  }
  const Steps steps = make_steps(problem);
  // R falls with lambda, from R(free) at 0. A guess where there is none: the multiplier that would carry all
  // of the distance if R fell in proportion.
  double low = 0, above = free.variation - bound, high = 0, below = 0;
  double lambda = memory.lambda, used = memory.lambda;
  ProximalResult best, last;
  int iterations = 0, side = 0;
  if (!(lambda > 0)) lambda = 0.1 * spread_of(problem) / free.variation;
  for (int trial = 0; trial < most_trials; ++trial) {
    if (used > 0) scale_dual(memory, lambda / used);
    last = solve(variation, lambda, problem, steps, limits, memory);
    used = lambda;
    iterations += last.iterations;
    const double excess = last.variation - bound;
    if (excess <= slack * bound) best = last;
    if (std::abs(excess) <= slack * bound) break;
    if (excess > 0) {
      if (side == 1) below /= 2;  // Illinois: the end that stays loses weight
      low = lambda;
      above = excess;
      side = 1;
    } else {
      if (side == -1) above /= 2;
      high = lambda;
      below = -excess;
      side = -1;
    }
    lambda = high > 0 ? (low * below + high * above) / (below + above) : 4 * lambda;
  }
  memory.lambda = used;
  if (best.v.size() == 0) best = last;
  best.iterations = iterations;
  return best;
}

}  // namespace fathom
