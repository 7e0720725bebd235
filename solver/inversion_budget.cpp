// SPDX-License-Identifier: BSD-3-Clause

// When a stage ends, and how an inversion keeps to its limit of PDE solves.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "solver/interrupt.hpp"
#include "solver/inversion_stage.hpp"
#include "solver/stage_method.hpp"

namespace fathom {

/// Those whose data a stage inverts.
int Inversion::shots_of(int stage) const {
  const bool last = stage + 1 == int(case_.options.inversion.stages.size());
  return int(case_.survey.shots.size()) - (last ? 0 : int(held_out_.size()));
}

/// Those that a stochastic method works on; null: all shots at a time.
std::unique_ptr<ShotBatches> Inversion::batches_of(int stage) const {
  const InversionOptions& options = case_.options.inversion;
  if (!is_stochastic(options, options.stages[stage])) return nullptr;
  const AdamOptions& adam = options.optimizer.adam;
  return std::make_unique<ShotBatches>(shots_of(stage), adam.batch, adam.seed, stage,
                                       adam.encoding == "signs");
}

/// What an iteration takes that needs no line search, in the mean.
double Inversion::solves_of_iteration(int stage) const {
  const std::unique_ptr<ShotBatches> batches = batches_of(stage);
  if (!batches) return 2. * shots_of(stage);
  return 2. * (batches->encoded() ? batches->size() : double(shots_of(stage)) / batches->per_epoch());
}

/// What has to come after a stage's last iteration: its own end, the starts and ends of those after it,
/// predictions and images of start and result, and a guide's least trials.
std::int64_t Inversion::solves_to_come(int stage) const {
  const InversionOptions& options = case_.options.inversion;
  const int last = int(options.stages.size()) - 1;
  std::int64_t solves = (options.divergence ? 8 : 2) * std::int64_t(case_.survey.shots.size());
  for (int number = stage; number <= last; ++number) {
    solves += 2 * std::int64_t(held_out_.size());
    if (number > stage) solves += (options.divergence ? 5 : 2) * shots_of(number);  // gradient and image
    if (number < last && is_stochastic(options, options.stages[number])) solves += shots_of(number);
  }
  return solves;
}

/// Where max_solves is not enough for the iterations that are left, since a guide's trials took some, all
/// stages give up the same share of theirs. Otherwise the last would pay alone, which has the highest band
/// and is physics alone; and a stochastic method that is cut off has not come to its small steps.
void Inversion::share_what_is_left(Stage& stage) const {
  const InversionOptions& options = case_.options.inversion;
  stage.planned = stage.options.iterations;
  if (!options.max_solves) return;
  const std::int64_t left = *options.max_solves - solves_ - stage.solves() - solves_to_come(stage.number);
  const int own = stage.options.iterations - stage.iteration;
  double wanted = own * solves_of_iteration(stage.number);
  for (int later = stage.number + 1; later < int(options.stages.size()); ++later)
    wanted += options.stages[later].iterations * solves_of_iteration(later);
  if (wanted <= double(left)) return;
  const double share = double(std::max<std::int64_t>(0, left)) / wanted * own;
  stage.planned = stage.iteration + int(is_last(stage) ? std::floor(share) : std::ceil(share));
}

/// Optimizer evaluations that still fit into max_solves.
int Inversion::affordable_evaluations(const Stage& stage) const {
  const InversionOptions& options = case_.options.inversion;
  if (!options.max_solves) return options.optimizer.max_evaluations;
  const std::int64_t left = *options.max_solves - solves_ - stage.solves() - solves_to_come(stage.number);
  const std::int64_t shots = stage.batches ? stage.batches->size() : stage.data->shots();
  return int(std::clamp<std::int64_t>(left / (2 * shots), 0, options.optimizer.max_evaluations));
}

std::string Inversion::why_stop(const Stage& stage) const {
  if (communicator_.any(interrupted())) return "interrupted";
  if (stage.iteration >= stage.planned)
    return stage.planned < stage.options.iterations
               ? "its share of the limit of PDE solves (max_solves) was spent"
               : "all its iterations were done";
  if (affordable_evaluations(stage) < (stage.batches ? 1 : 2))
    return "the limit of PDE solves (max_solves) was reached";
  if (stage.batches) return {};  // estimates rise and fall
  constexpr std::size_t look_back = 3;
  if (stage.values.size() > look_back) {
    const double before = stage.values[stage.values.size() - 1 - look_back];
    if (before - stage.values.back() < stage.options.tolerance * before)
      return fmt::format("three iterations lowered the objective by less than {:g} (tolerance)",
                         stage.options.tolerance);
  }
  return {};
}

}  // namespace fathom
