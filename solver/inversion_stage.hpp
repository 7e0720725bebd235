// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What an inversion holds while it works on a stage. Only for the parts of Inversion.

#include <memory>
#include <optional>
#include <vector>

#include "solver/inversion.hpp"
#include "solver/stage_problem.hpp"

namespace fathom {

/// All that lives as long as a stage.
struct Inversion::Stage {
  int number = 0;
  StageOptions options;
  Band band;
  Model start;  // on the stage's grid
  std::unique_ptr<Propagator> propagator;
  std::unique_ptr<Misfit> misfit;
  std::unique_ptr<Parameterization> parameterization;
  std::vector<bool> frozen;         // of that grid
  std::optional<DepthImage> image;  // that was taken at its start
  std::optional<DivergenceFigures> divergence;
  Guidance guidance;                              // for velocity
  std::optional<StageProblem::AtStart> at_start;  // of the data, where the guide had to know
  std::unique_ptr<Regularizer> regularizer;
  std::unique_ptr<Regularizer> yardstick;  // the same without a guide, for relative weights
  std::unique_ptr<DataObjective> data;
  std::unique_ptr<ShotBatches> batches;  // of a stochastic optimizer
  std::unique_ptr<StageProblem> problem;
  Box box;
  OptimizerState state;
  int iteration = 0;
  std::vector<double> values;                 // of the objective after each iteration
  std::vector<double> misfits;                // the data's part of them
  std::optional<Gathers> closing_prediction;  // of the last model, where closing the stage took it
};

}  // namespace fathom
