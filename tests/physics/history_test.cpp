// SPDX-License-Identifier: BSD-3-Clause

#include "physics/history.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "physics/revolve.hpp"
#include "tests/physics/homogeneous.hpp"

namespace fathom::testing {
namespace {

/// A layered model with a lens, and waves from a start without the lens: the gradient of the first iteration.
struct Inversion {
  PropagatorSetup setup;
  Model start, truth;
  Shot shot;
  std::vector<double> wavelet;
};

Inversion lens(bool free_surface) {
  const Medium medium{.vp = 1500, .points = 5};
  const double h = medium.spacing();
  Inversion problem;
  const Grid grid = grid_2d(91, 51, h);
  BoundaryOptions boundary;
  boundary.free_surface = free_surface;
  problem.setup = setup_in(medium, grid, 14, 0.9, 8, boundary);
  problem.setup.fastest = 2900;
  problem.setup.time.step = 0.004;
  problem.setup.time.samples = 301;
  problem.setup.max_frequency = ricker_edge * medium.peak;
  std::vector<double> start, truth;
  for (int ix = 0; ix < grid.size[0]; ++ix)
    for (int iz = 0; iz < grid.size[2]; ++iz) {
      const double layered = 1600 + 20. * iz, away = std::hypot((ix - 45) / 14., (iz - 30) / 7.);
      start.push_back(layered);
      truth.push_back(layered + (away < 1 ? 150 : 0));
    }
  problem.start = homogeneous(grid, 0);
  problem.truth = homogeneous(grid, 0);
  from_host(start, problem.start["vp"]);
  from_host(truth, problem.truth["vp"]);
  problem.shot = {0, {20.3 * h, 0, 3.1 * h}, {}};
  for (int ix = 2; ix < 90; ix += 3) problem.shot.receivers.push_back({ix * h, 0, 2 * h});
  problem.wavelet = ricker(problem.setup.time, medium.peak, 0.15);
  return problem;
}

/// The gradient of the first iteration, and how its history was chosen.
struct Outcome {
  std::vector<double> gradient;
  double recomputed_steps = 0;
  std::string history;
};

Outcome outcome_of(const Inversion& problem, const PropagatorOptions& options) {
  PropagatorSetup setup = problem.setup;
  setup.options = options;
  Propagator propagator(setup);
  propagator.set_model(problem.truth);
  const Gather observed = propagator.forward(problem.shot, problem.wavelet);
  propagator.set_model(problem.start);
  Outcome outcome;
  for (int shot = 0; shot < 2; ++shot) {  // the second finds the storage as the first has left it
    Gather residual = propagator.forward_for_gradient(problem.shot, problem.wavelet);
    for (std::size_t k = 0; k < residual.data.size(); ++k) residual.data[k] -= observed.data[k];
    Model gradient = zeros_like(problem.start);
    propagator.backward(residual, gradient);
    outcome.gradient = to_host(gradient.at("vp"));
  }
  outcome.recomputed_steps = propagator.history().history->recomputed_steps();
  outcome.history = propagator.history().name;
  return outcome;
}

std::vector<double> gradient_with(const Inversion& problem, const std::string& history) {
  PropagatorOptions options = problem.setup.options;
  options.history = history;
  return outcome_of(problem, options).gradient;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  return dot(a, b) / (norm(a) * norm(b));
}

/// What lies above the edge of a Ricker wavelet's band aliases a little; the misfit's gradient hardly shows
/// it.
TEST(ThinnedHistory, HasTheFullGradientToHalfAPercentOnAProblemInItsBand) {
  for (const bool free_surface : {false, true}) {
    const Inversion problem = lens(free_surface);
    const std::vector<double> full = gradient_with(problem, "full"),
                              thinned = gradient_with(problem, "thinned");
    report("one_minus_cosine", 1 - cosine(thinned, full));
    EXPECT_GT(cosine(thinned, full), 0.9999);
    EXPECT_LT(report("relative_l2", relative_l2(thinned, full)), 0.005);
  }
}

TEST(ThinnedHistory, KeepsTheNyquistRateOfTheProductOfTwoWavefields) {
  EXPECT_EQ(nyquist_interval(20, 0.001), 20);  // 50 Hz: twice 20 Hz and a quarter
  EXPECT_EQ(nyquist_interval(0, 0.001), 1) << "nothing is known of the band";
  const HistoryShape shape{.steps = 1000, .interval = 20, .extents = {5, 1, 16}};
  const auto thinned = histories().make("thinned", shape);
  EXPECT_EQ(thinned->weight(), 20);
  EXPECT_EQ(thinned->memory_bytes(), 50. * 80 * sizeof(Real));
}

TEST(FullHistory, KeepsEveryStepWhateverTheInterval) {
  const auto full = histories().make("full", {.steps = 7, .interval = 3, .extents = {1, 1, 16}});
  for (int step = 0; step < 7; ++step) EXPECT_TRUE(full->images(step));
  EXPECT_EQ(full->weight(), 1);
  EXPECT_EQ(full->memory_bytes(), 7. * 16 * sizeof(Real));
}

/// In double nothing is gained by comparing with what a float could tell.
TEST(LossyHistories, HaveTheGradientOfTheThinnedOneToAFewPartsInAThousand) {
  const Inversion problem = lens(true);
  const std::vector<double> thinned = gradient_with(problem, "thinned");
  for (const std::string& name : histories().names()) {
    if (name != "half" && name != "zfp") continue;
    const std::vector<double> gradient = gradient_with(problem, name);
    EXPECT_GT(cosine(gradient, gradient_with(problem, "full")), 0.999) << name;
    EXPECT_LT(report("relative_l2_" + name, relative_l2(gradient, thinned)), name == "half" ? 1e-3 : 0.03);
  }
}

TEST(BoundarySaving, HasTheFullGradientToRounding) {
  for (const bool free_surface : {false, true}) {
    const Inversion problem = lens(free_surface);
    PropagatorOptions options = problem.setup.options;
    options.imaging_interval = 1;
    options.history = "full";
    const std::vector<double> full = outcome_of(problem, options).gradient;
    options.history = "boundary";
    const std::vector<double> back = outcome_of(problem, options).gradient;
    EXPECT_LT(report("relative_l2", relative_l2(back, full)), in_double ? 1e-10 : 1e-3);
  }
}

TEST(BoundarySaving, RefusesAnEquationWhoseStepsCannotBeTakenBack) {
  HistoryShape shape{.steps = 10, .interval = 1, .extents = {5, 1, 16}};
  shape.domain = Domain(grid_2d(31, 31, 10), {}, 4);
  EXPECT_THROW(histories().make("boundary", shape), UserError);
  shape.reach = 4;
  EXPECT_NO_THROW(histories().make("boundary", shape));
}

TEST(LossyHistories, TakeTheShareOfTheMemoryTheirBitsSay) {
  HistoryShape shape{.steps = 1000, .interval = 1, .extents = {64, 1, 128}};
  const double stored = histories().make("thinned", shape)->memory_bytes();
  EXPECT_NEAR(histories().make("half", shape)->memory_bytes() / stored, 17. / 16 * 2 / sizeof(Real), 0.01);
  for (const std::string& name : histories().names()) {
    if (name != "zfp") continue;
    EXPECT_NEAR(histories().make(name, shape)->memory_bytes() / stored, 1. / sizeof(Real), 0.01);
  }
}

/// Budgets from room for everything down to the least there can be.
std::vector<double> budgets(const PropagatorSetup& the_setup) {
  PropagatorSetup setup = the_setup;
  setup.options.history = "thinned";
  setup.receivers = 0;
  const Propagator stored(setup);
  const double all = stored.history().history->memory_bytes(), rest = stored.memory_bytes(0, true) - all;
  std::vector<double> found;
  for (const double share : {1.01, 0.6, 0.3, 0.15}) found.push_back(rest + share * all);
  return found;
}

TEST(Checkpointing, HasTheBitsOfTheStoredGradientInAnyMemory) {
  for (const bool free_surface : {false, true}) {
    const Inversion problem = lens(free_surface);
    for (const std::optional<int> interval : {std::optional<int>(1), std::optional<int>()}) {
      PropagatorOptions options = problem.setup.options;
      options.imaging_interval = interval;
      options.history = interval ? "full" : "thinned";
      const std::vector<double> stored = outcome_of(problem, options).gradient;
      PropagatorSetup setup = problem.setup;
      setup.options.imaging_interval = interval;
      for (const double budget : budgets(setup)) {
        options.history = "auto";
        options.memory_budget = std::max(budget, 1e6);
        const Outcome again = outcome_of(problem, options);
        report("recomputed_steps", again.recomputed_steps);
        EXPECT_EQ(again.gradient, stored) << again.history << " in " << *options.memory_budget;
      }
      options.history = "checkpointing";
      options.memory_budget.reset();
      EXPECT_EQ(outcome_of(problem, options).gradient, stored);
    }
  }
}

/// Counts the steps that a history asks for, and remembers in a snapshot or state which step it is of.
class CountingReplay final : public Replay {
 public:
  void save(Real* state) const override { *state = Real(at); }
  void restore(const Real* state) override { at = state ? int(*state) : 0; }
  void advance(int begin, int end, History* slots) override {
    EXPECT_EQ(begin, at) << "a replay goes on where the state is";
    for (at = begin; at < end; ++at, ++steps)
      if (const Snapshot snapshot = slots ? slots->slot(at) : Snapshot{}) *snapshot.values = Real(at);
  }
  void step(int, Snapshot) override {}
  const Field& now() const override { return field_; }
  void turn_around() override {}
  int at = 0;
  int steps = 0;

 private:
  Field field_;
};

/// Steps that a history takes again; all its snapshots must be those of their steps.
int steps_again(History& history) {
  const HistoryShape& shape = history.shape();
  history.allocate();
  CountingReplay forward, replay;
  for (forward.at = 0; forward.at < shape.steps; ++forward.at) {
    history.before_step(forward.at, forward);
    if (const Snapshot snapshot = history.slot(forward.at)) *snapshot.values = Real(forward.at);
    history.after_step(forward.at);
  }
  for (int step = shape.steps - 1; step >= 0; --step)
    if (history.images(step)) {
      EXPECT_EQ(*history.recall(step, replay).values, Real(step));
    }
  return replay.steps;
}

double choose(int n, int k) {
  double product = 1;
  for (int i = 1; i <= k; ++i) product = product * (n - k + i) / i;
  return product;
}

/// Room for one snapshot and, as states are much smaller, for some of them.
TEST(Checkpointing, TakesAsManyStepsAgainAsTheBinomialFormulaSays) {
  for (const int steps : {1, 2, 3, 10, 35, 56, 100})
    for (const int states : {0, 1, 2, 3, 5}) {
      HistoryShape shape{.steps = steps, .interval = 1, .extents = {1, 1, 16}, .state_values = 1};
      shape.budget_bytes = sizeof(Real) * (16 + 1.5 + states);
      const auto history = histories().make("checkpointing", shape);
      EXPECT_LE(history->memory_bytes(), shape.budget_bytes);
      EXPECT_EQ(history->recomputed_steps(), repeated_links(steps, states + 1)) << steps << " " << states;
      EXPECT_EQ(steps_again(*history), history->recomputed_steps()) << steps << " " << states;
    }
  for (const int links : {1, 2, 3, 10, 35, 56, 100})
    for (const int states : {1, 2, 3, 5}) {
      int r = 0;
      while (choose(states + r, states) < links) ++r;
      EXPECT_EQ(repeated_links(links, states), r * double(links) - (r > 0 ? choose(states + r, r - 1) : 0));
    }
}

/// Revolve's optimum, found by trying all schedules.
TEST(Checkpointing, IsOptimal) {
  constexpr int longest = 40, most = 5;
  double least[longest + 1][most + 1];
  for (int states = 1; states <= most; ++states)
    for (int links = 1; links <= longest; ++links) {
      least[links][states] = links * (links - 1) / 2.;
      for (int ahead = 1; states > 1 && ahead < links; ++ahead)
        least[links][states] =
            std::min(least[links][states], ahead + least[links - ahead][states - 1] + least[ahead][states]);
      EXPECT_EQ(repeated_links(links, states), least[links][states]) << links << " " << states;
    }
}

TEST(Checkpointing, ComputesEachBlockOnceAgainWhenItIsToldNoBudget) {
  const HistoryShape shape{.steps = 600, .interval = 3, .extents = {10, 1, 16}, .state_values = 640};
  const auto history = histories().make("checkpointing", shape);
  EXPECT_LT(history->memory_bytes(), 0.4 * histories().make("thinned", shape)->memory_bytes());
  EXPECT_LT(history->recomputed_steps(), shape.steps);
  EXPECT_LE(steps_again(*history), history->recomputed_steps());
}

TEST(AutomaticHistory, IsTheFastestThatFits) {
  HistoryShape shape{.steps = 1000, .interval = 1, .extents = {20, 1, 32}, .state_values = 2000};
  EXPECT_EQ(choose_history("auto", shape).name, "thinned") << "without a limit";
  shape.budget_bytes = 1000. * 640 * sizeof(Real);
  EXPECT_EQ(choose_history("auto", shape).name, "thinned");
  shape.budget_bytes *= 0.99;
  const HistoryChoice again = choose_history("auto", shape);
  EXPECT_EQ(again.name, "checkpointing");
  EXPECT_TRUE(again.fits);
  EXPECT_LE(again.history->memory_bytes(), shape.budget_bytes);
  EXPECT_GT(again.history->recomputed_steps(), 0);
  shape.budget_bytes = (640 + 2000) * sizeof(Real) - 1;
  const HistoryChoice none = choose_history("auto", shape);
  EXPECT_FALSE(none.fits);
  shape.budget_bytes = none.least_bytes;
  EXPECT_TRUE(choose_history("auto", shape).fits);
}

TEST(AutomaticHistory, RefusesABudgetThatNothingFitsAndSaysWhatWould) {
  const Inversion problem = lens(false);
  PropagatorSetup setup = problem.setup;
  setup.options.history = "auto";
  setup.options.imaging_interval = 1;
  setup.receivers = int(problem.shot.receivers.size());
  const auto propagate = [&] {
    Propagator propagator(setup);
    propagator.set_model(problem.start);
    propagator.forward_for_gradient(problem.shot, problem.wavelet);
  };
  const double least = Propagator(setup).least_memory_budget();
  setup.options.memory_budget = 1e5;
  EXPECT_THROW(propagate(), UserError);
  setup.options.memory_budget = Propagator(setup).least_memory_budget();
  EXPECT_LT(*setup.options.memory_budget, least);
  EXPECT_NO_THROW(propagate());
}

/// Bytes in views, now and at most.
std::size_t bytes_now = 0, bytes_at_most = 0;
void count_allocation(Kokkos::Profiling::SpaceHandle, const char*, const void*, std::uint64_t bytes) {
  bytes_now += bytes;
  bytes_at_most = std::max(bytes_at_most, bytes_now);
}
void count_deallocation(Kokkos::Profiling::SpaceHandle, const char*, const void*, std::uint64_t bytes) {
  bytes_now -= bytes;
}

TEST(EveryHistory, TakesTheMemoryThatIsForecast) {
  for (const std::string& name : histories().names()) {
    Inversion problem = lens(false);
    problem.setup.options.history = name;
    Kokkos::Tools::Experimental::set_allocate_data_callback(count_allocation);
    Kokkos::Tools::Experimental::set_deallocate_data_callback(count_deallocation);
    bytes_now = bytes_at_most = 0;
    double forecast = 0;
    {
      Propagator propagator(problem.setup);
      forecast = propagator.memory_bytes(int(problem.shot.receivers.size()), true);
      Model gradient = zeros_like(problem.start), light = zeros_like(problem.start);
      bytes_now = bytes_at_most = 0;
      for (int shot = 0; shot < 2; ++shot) {
        propagator.set_model(problem.start);
        const Gather gather = propagator.forward_for_gradient(problem.shot, problem.wavelet);
        propagator.backward(gather, gradient, &light);
      }
    }
    Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
    Kokkos::Tools::Experimental::set_deallocate_data_callback(nullptr);
    EXPECT_NEAR(report("measured_over_forecast_" + name, double(bytes_at_most) / forecast), 1, 0.05) << name;
  }
}

}  // namespace
}  // namespace fathom::testing
