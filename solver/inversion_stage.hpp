// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What an inversion holds while it works on a stage. Only for the parts of Inversion.

#include <memory>
#include <optional>
#include <vector>

#include "solver/inversion.hpp"
#include "solver/stage_problem.hpp"

namespace fathom {

/// A guidance, the problem that it makes of a stage, and how far an optimizer has come with it.
struct Course {
  Guidance guidance;    // for velocity
  double strength = 1;  // share of the regularizer's weight that is in force; 0: there is no regularizer
  std::unique_ptr<Regularizer> regularizer;
  std::unique_ptr<Regularizer> yardstick;  // the same without a guide, for relative weights
  std::unique_ptr<StageProblem> problem;
  Box box;
  OptimizerState state;
  int iteration = 0;
  std::vector<double> values;   // of the objective after each iteration
  std::vector<double> misfits;  // the data's part of them
};

/// All that lives as long as a stage.
struct Inversion::Stage : Course {
  int number = 0;
  StageOptions options;
  int planned = 0;  // iterations, of those of the options: so many as max_solves leaves it
  Band band;
  std::vector<int> shots;  // places of those that are inverted
  Model start;             // on the stage's grid
  std::unique_ptr<Propagator> propagator;
  std::unique_ptr<Misfit> misfit;
  std::unique_ptr<Parameterization> parameterization;
  std::vector<bool> frozen;         // of that grid
  std::optional<DepthImage> image;  // that was taken at its start, of the inverted shots
  std::optional<DivergenceFigures> divergence;
  std::optional<StageProblem::AtStart> at_start;  // of the data, where guide or guards had to know
  std::unique_ptr<DataObjective> data;            // of the inverted shots
  std::unique_ptr<DataObjective> held_out;        // of the others that a guide is judged by
  std::unique_ptr<ShotBatches> batches;           // of a stochastic optimizer
  std::optional<Gathers> closing_prediction;      // of the last model, where closing the stage took it

  /// So far.
  std::int64_t solves() const { return data->solves() + (held_out ? held_out->solves() : 0); }
};

}  // namespace fathom
