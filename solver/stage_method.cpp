// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stage_method.hpp"

#include <algorithm>
#include <cmath>

namespace fathom {

OptimizerOptions method_of(const InversionOptions& options, const StageOptions& stage) {
  OptimizerOptions method = options.optimizer;
  if (stage.method) method.method = *stage.method;
  method.adam.planned_iterations = stage.iterations;
  method.adam.step *=
      std::pow(options.stages.front().max_frequency / stage.max_frequency, options.optimizer.adam.step_power);
  return method;
}

bool is_stochastic(const InversionOptions& options, const StageOptions& stage) {
  const OptimizerOptions method = method_of(options, stage);
  return optimizers().make(method.method, method)->is_stochastic();
}

double share_of_shots(const Case& the_case, const StageOptions& stage) {
  const InversionOptions& options = the_case.options.inversion;
  if (!is_stochastic(options, stage)) return 1;
  return std::min(1., options.optimizer.adam.batch / double(the_case.survey.shots.size()));
}

}  // namespace fathom
