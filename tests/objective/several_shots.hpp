// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "solver/objective.hpp"
#include "tests/physics/problem.hpp"

namespace fathom::testing {

/// The small problem with several shots, each with receivers of its own (or all with the same, in a fixed
/// spread), data from another model, and a window that fades the records' ends.
struct SeveralShots {
  explicit SeveralShots(int shots, bool free_surface = false,
                        const std::string& misfit_name = "least_squares", bool fixed_spread = false)
      : problem(small_problem({.free_surface = free_surface})),
        propagator(problem.setup),
        misfit(misfits().make(misfit_name, {})) {
    const Grid& grid = problem.setup.grid;
    survey.time = problem.setup.time;
    survey.wavelet = problem.wavelet;
    for (int id = 0; id < shots; ++id) {
      Shot shot = problem.shot;
      shot.id = id;
      shot.source[0] = grid.origin[0] + (id + 0.7) / (shots + 1) * grid.extent(0);
      if (!fixed_spread) shot.receivers.resize(shot.receivers.size() - std::size_t(id % 3));
      survey.shots.push_back(shot);
    }
    const std::vector<Property> properties = propagator.properties();
    propagator.set_model(random_model(grid, properties, 77));
    for (const Shot& shot : survey.shots) observed.emplace(shot.id, propagator.forward(shot, survey.wavelet));
    window.assign(std::size_t(survey.time.samples), 1.);
    for (int k = 0; k < 20; ++k) window[window.size() - 1 - k] = (k + 0.5) / 20;
  }

  DataObjective objective(Communicator& communicator) {
    return DataObjective({communicator, propagator, survey, observed, *misfit, window});
  }
  DataObjective objective() { return objective(alone); }
  const Model& model() const { return problem.model; }
  std::vector<double> velocity() const { return to_host(problem.model.at("vp")); }
  Model with_velocity(const std::vector<double>& values) const {
    Model model = clone(problem.model);
    from_host(values, model["vp"]);
    return model;
  }

  Problem problem;
  Propagator propagator;
  std::unique_ptr<Misfit> misfit;
  Survey survey;
  Gathers observed;
  std::vector<double> window;
  Communicator alone;
};

}  // namespace fathom::testing
