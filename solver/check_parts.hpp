// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The parts of check(): what they share, and in which order they come. Not for others.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "physics/memory.hpp"
#include "solver/band.hpp"
#include "solver/check.hpp"
#include "solver/peak_memory.hpp"

namespace fathom {

/// Collects findings.
class Findings {
 public:
  void ok(std::string topic, std::string found) {
    all_.push_back({Finding::Level::ok, std::move(topic), "", std::move(found), ""});
  }
  void warning(std::string topic, std::string key, std::string found, std::string remedy) {
    all_.push_back(
        {Finding::Level::warning, std::move(topic), std::move(key), std::move(found), std::move(remedy)});
  }
  void error(std::string topic, std::string key, std::string found, std::string remedy) {
    all_.push_back(
        {Finding::Level::error, std::move(topic), std::move(key), std::move(found), std::move(remedy)});
  }
  /// What a UserError says, split into what is wrong and the remedy.
  void error(std::string topic, std::string key, const UserError& fault);

  std::size_t errors() const;
  /// All of them, those of a topic together.
  std::vector<Finding> take();

 private:
  std::vector<Finding> all_;
};

/// Where the options are that decide on one propagator's grid.
struct GridKeys {
  std::string spacing, order, width;
  std::string frequency;  ///< empty: none to change
};

/// A propagator that the run will make: that of a stage, or that of the simulation.
struct PlannedPropagator {
  std::string topic;
  GridKeys keys;
  PropagatorSetup setup;
  std::string model;          ///< in words: "the start"
  double slowest = 0;         ///< m/s, of that model
  double fastest_edge = 0;    ///< m/s, of that model where the absorbing layer continues it
  double edge_frequency = 0;  ///< Hz, where what it propagates is 20 dB down
  int iterations = 0;         ///< of the optimizer

  double memory_bytes = 0;   ///< 0: such a propagator cannot be made
  double cell_steps = 0;     ///< of one propagation
  double repeated = 0;       ///< forward propagations that a gradient's history computes again
  std::string history;       ///< which, and why
  double wanted_budget = 0;  ///< bytes that would do, where there are too few for the history
};

/// What the parts of the check learn from each other.
struct CheckPlan {
  const Case& the_case;
  int ranks = 1, ranks_here = 1;  ///< in all, and on this machine
  VelocityBounds bounds{};
  std::optional<Model>
      surveyed{};  ///< the earth that a simulation sees; absent: data from a file, or an error
  std::vector<PlannedPropagator> stages{};
  std::optional<PlannedPropagator> simulation{};

  /// The key, or `data.file` where the survey comes from there.
  std::string survey_key(const std::string& key) const { return the_case.data_file ? "data.file" : key; }
};

/// Velocities, bounds, extents, frozen cells, the inversion's small print; fills plan.surveyed and
/// plan.bounds. False when the start is of no use.
bool check_models(CheckPlan& plan, Findings& findings);
/// False when there is no use in looking at bands.
bool check_wavelet(const CheckPlan& plan, Findings& findings);
void check_geometry(const CheckPlan& plan, Findings& findings);
void check_data_file(const CheckPlan& plan, Findings& findings);
/// Bands; fills plan.stages and plan.simulation.
void check_bands(CheckPlan& plan, Findings& findings);
/// Step, grid and absorbing layer of every planned propagator.
void check_propagators(CheckPlan& plan, Findings& findings);
void check_cost(const CheckPlan& plan, Findings& findings, Forecast& forecast);

/// Slowest and fastest velocity, and the number of values that are not finite.
struct VelocityRange {
  double low = 0, high = 0;
  std::size_t not_finite = 0;
};
VelocityRange velocity_range(const Model& model);

/// "x = 0 to 4000 m, z = 0 to 1500 m".
std::string extent_in_words(const Grid& grid);
/// Rounded down to three digits, for a recommendation.
double round_down(double value);
/// "1 source", "3 sources".
std::string counted(std::int64_t count, const std::string& noun);

}  // namespace fathom
