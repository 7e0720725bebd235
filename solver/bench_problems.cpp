// SPDX-License-Identifier: BSD-3-Clause
#include "solver/bench_problems.hpp"

#include <algorithm>
#include <cmath>

#include "solver/peak_memory.hpp"
#include "solver/stopwatch.hpp"

namespace fathom {
namespace {

constexpr double slowest = 1500;  // m/s, of every model

/// A Ricker wavelet is 20 dB below its peak at this multiple of its peak frequency.
constexpr double ricker_band = 2.2;

Grid cube(int cells) {
  return {{cells, cells, cells}, {10, 10, 10}, {0, 0, 0}};
}

/// Velocity increases with depth and waves along x and y.
Model make_model(const Grid& grid, double fastest) {
  std::vector<double> vp;
  vp.reserve(grid.cells());
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iy = 0; iy < grid.size[1]; ++iy)
      for (int iz = 0; iz < grid.size[2]; ++iz) {
        const double wave = std::cos(0.02 * ix) * std::cos(0.03 * iy) * std::sin(0.05 * iz);
        const double depth = double(iz) / (grid.size[2] - 1);
        vp.push_back(slowest + (fastest - slowest) * std::clamp(depth + 0.1 * wave, 0., 1.));
      }
  Model model{grid, {}};
  model["vp"] = make_field("vp", grid);
  from_host(vp, model["vp"]);
  return model;
}

Shot make_shot(const BenchProblem& problem, const Communicator& communicator) {
  const Grid& grid = problem.grid;
  Shot shot;
  shot.id = communicator.rank();
  const int column = grid.size[0] * (communicator.rank() + 1) / (communicator.size() + 1);
  shot.source = {grid.coordinate(0, column), grid.coordinate(1, grid.size[1] / 2), grid.coordinate(2, 2)};
  for (int ix = 0; ix < grid.size[0]; ix += problem.receiver_interval)
    for (int iy = 0; iy < grid.size[1]; iy += problem.receiver_interval)
      shot.receivers.push_back({grid.coordinate(0, ix), grid.coordinate(1, iy), grid.coordinate(2, 1)});
  return shot;
}

PropagatorSetup make_setup(const BenchProblem& problem) {
  PropagatorSetup setup;
  setup.options.order = problem.order;
  setup.options.time_step = problem.time.step;
  if (problem.is_gradient()) setup.options.history = problem.history;
  setup.grid = problem.grid;
  setup.time = problem.time;
  setup.fastest = 1.01 * problem.fastest;
  setup.max_frequency = ricker_band * problem.frequency;
  setup.dominant_frequency = problem.frequency;
  return setup;
}

/// One shot's propagation or gradient, again and again.
class Task {
 public:
  Task(const BenchProblem& problem, const Model& model, const Communicator& communicator)
      : gradient_wanted_(problem.is_gradient()),
        shot_(make_shot(problem, communicator)),
        wavelet_(ricker(problem.time, problem.frequency, 1.2 / problem.frequency)),
        propagator_(make_setup(problem)) {
    propagator_.set_model(model);
    if (gradient_wanted_) gradient_ = zeros_like(model);
  }

  const Propagator& propagator() const { return propagator_; }
  void forward() { gather_ = propagator_.forward(shot_, wavelet_); }
  /// With the gather for a residual, as if the observed data were zero.
  void run() {
    if (!gradient_wanted_) return forward();
    gather_ = propagator_.forward_for_gradient(shot_, wavelet_);
    propagator_.backward(gather_, gradient_);
  }

  /// The propagator's forecast, model, gradient and gather, and what any process takes.
  double forecast_bytes() const {
    const double receivers = double(shot_.receivers.size());
    const double models =
        double(propagator_.domain().model().cells()) * sizeof(Real) * (gradient_wanted_ ? 2 : 1);
    return propagator_.memory_bytes(int(receivers), gradient_wanted_) + models +
           receivers * double(wavelet_.size()) * sizeof(double) + first_propagation_bytes;
  }

 private:
  bool gradient_wanted_;
  Shot shot_;
  std::vector<double> wavelet_;
  Propagator propagator_;
  Model gradient_;
  Gather gather_;
};

}  // namespace

std::vector<BenchProblem> bench_problems(bool quick) {
  std::vector<BenchProblem> problems;
  const auto add = [&](BenchProblem problem) {
    if (quick) {
      problem.time.samples = 1 + std::max(4, (problem.time.samples - 1) / 20);
      problem.repetitions = 1;
    }
    for (const int order : {4, 8}) {
      problem.order = order;
      problems.push_back(problem);
    }
  };
  add({"2d-1000", 0, "", grid_2d(1000, 1000, 10), {0, 1.1e-3, 1001}, 4500, 15, 1, 5});
  add({"3d-240", 0, "", cube(200), {0, 0.9e-3, 161}, 4500, 15, 4, 3});
  add({"3d-340", 0, "", cube(300), {0, 0.9e-3, 81}, 4500, 15, 4, 3});
  for (const std::string& history : histories().names())
    add({"m2d-gradient", 0, history, grid_2d(461, 151, 20), {0, 2e-3, 2501}, 4500, 6.5, 1, 5});
  return problems;
}

BenchResult run_problem(const BenchProblem& problem, double start_up_bytes, Communicator& communicator,
                        const std::function<void()>& tick) {
  const Model model = make_model(problem.grid, problem.fastest);
  PeakMemory memory;
  Task task(problem, model, communicator);
  task.run();
  BenchResult result;
  result.problem = problem;
  result.start_up_bytes = communicator.max(start_up_bytes);
  result.peak_bytes = communicator.max(memory.stop() - start_up_bytes);
  result.forecast_bytes = communicator.max(task.forecast_bytes());
  tick();

  const Propagator& propagator = task.propagator();
  result.padded_points = propagator.cell_steps();
  result.model_points = double(problem.grid.cells()) * propagator.time_steps();
  result.field_bytes = 3. * sizeof(Real) * double(propagator.domain().padded().cells());
  std::vector<double> seconds, forward;
  for (int repetition = 0; repetition < problem.repetitions; ++repetition) {
    seconds.push_back(seconds_of(communicator, [&] { task.run(); }));
    forward.push_back(problem.is_gradient() ? seconds_of(communicator, [&] { task.forward(); })
                                            : seconds.back());
    tick();
  }
  result.seconds = median(seconds);
  result.forward_seconds = median(forward);
  return result;
}

}  // namespace fathom
