// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "physics/communicator.hpp"
#include "physics/propagator.hpp"

namespace fathom {

/// A propagation, or a gradient, that is measured: each rank has a shot of its own. Absorbing layer of 20
/// cells on each face, receivers on grid points below the top.
struct BenchProblem {
  std::string name;
  int order = 8;
  std::string history;        ///< of a gradient; empty for a forward propagation
  Grid grid;                  ///< of the model, without absorbing cells
  TimeAxis time;              ///< its step is the propagator's too
  double fastest = 0;         ///< m/s, of the model
  double frequency = 0;       ///< Hz, peak of the Ricker wavelet
  int receiver_interval = 1;  ///< cells between receivers, along x and y
  int repetitions = 5;

  bool is_gradient() const { return !history.empty(); }
};

/// The problems of the comparison with other codes, every gradient under every history; `quick` shortens
/// their records and takes one repetition.
std::vector<BenchProblem> bench_problems(bool quick);

/// What came out. Bytes are the largest of all ranks.
struct BenchResult {
  BenchProblem problem;
  double seconds = 0;          ///< of a repetition from barrier to barrier, one shot a rank; the median
  double forward_seconds = 0;  ///< of the same shots propagated forward only, measured in turn
  double padded_points = 0, model_points = 0;  ///< cells times steps of one shot, with and without the layer
  double field_bytes = 0;                      ///< of the three fields that a step streams over
  double start_up_bytes = 0;                   ///< resident before the first problem
  double peak_bytes = 0;                       ///< most that was resident, less the start-up
  double forecast_bytes = 0;                   ///< the propagator's forecast, and what its caller holds
};

/// Runs a problem: once for the memory and to touch it, then for the time. `tick` is called after each
/// repetition. Collective.
BenchResult run_problem(const BenchProblem& problem, double start_up_bytes, Communicator& communicator,
                        const std::function<void()>& tick);

}  // namespace fathom
