// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "physics/domain.hpp"
#include "physics/history.hpp"
#include "physics/model.hpp"
#include "physics/points.hpp"
#include "physics/resampler.hpp"
#include "physics/survey.hpp"
#include "physics/wave_equation.hpp"

namespace fathom {

/// How waves are simulated.
struct PropagatorOptions {
  std::string equation = "acoustic";
  int order = 8;
  double courant = 0.9;
  std::optional<double> time_step;
  BoundaryOptions boundary;
  std::string history = "auto";
  std::optional<int> imaging_interval;
  std::optional<double> memory_budget;
  int zfp_bits = 8;

  void describe(OptionVisitor& option);
};

/// What a propagator is made for; all of it is fixed while models and shots change.
struct PropagatorSetup {
  PropagatorOptions options;
  Grid grid;
  TimeAxis time;                  ///< of wavelet and gathers
  double fastest = 0;             ///< m/s: no model will be faster
  double max_frequency = 0;       ///< Hz: edge of the wavelet's band, for the imaging interval; 0: unknown, 1
  double dominant_frequency = 0;  ///< Hz: tunes the absorbing layer
  int receivers = 0;              ///< the most that a shot has, which the budget is to leave room for
  double memory_share = 0;        ///< bytes, the budget of "auto" where the options name none; 0: no limit
};

/// Simulates shots: u_(n+1) = A(m) u_n + B(m) s_n, d = sampled u. Time loop, storage and gradient for every
/// WaveEquation.
///
/// With w the wavelet and F the map from wavelet to gather: forward is d = F(m) w, backward applies (dF/dm
/// w)^T and F^T, born applies dF/dm w. All are exact transposes of each other, absorbing layer, free surface,
/// interpolation and resampling included (discretise, then differentiate).
class Propagator {
 public:
  /// Allocates nothing large: step(), memory_bytes() and the like are there for a forecast. Throws UserError
  /// for a grid too small for the stencil.
  explicit Propagator(const PropagatorSetup& setup);

  const Domain& domain() const { return domain_; }
  /// The propagator's own step (s), an integer fraction of the survey's, and its number of steps.
  double time_step() const { return time_step_; }
  int time_steps() const { return resampler_.fine_samples() - 1; }
  int substeps() const { return substeps_; }
  /// Bytes of everything it will allocate, for gathers of so many receivers.
  double memory_bytes(int receivers, bool for_gradient) const;
  /// How the forward wavefield is stored for a gradient, and why; the budget (bytes, 0: no limit) that all
  /// the propagator's memory must fit into, and the least that would do.
  const HistoryChoice& history() const { return history_; }
  double memory_budget() const;
  double least_memory_budget() const;
  /// Padded cells times steps of one propagation.
  double cell_steps() const { return double(domain_.padded().cells()) * time_steps(); }
  std::vector<Property> properties() const { return equation_->properties(); }

  /// The model on the setup's grid. UserError when a value is not finite or not below the setup's `fastest`.
  void set_model(const Model& model);

  /// d = F(m) w.
  Gather forward(const Shot& shot, const std::vector<double>& wavelet);
  /// The same, keeping the history that backward() needs. UserError when that does not fit into the budget.
  Gather forward_for_gradient(const Shot& shot, const std::vector<double>& wavelet);
  /// gradient += (dF/dm w)^T r for the shot last given to forward_for_gradient(), r an adjoint source sampled
  /// like the gather; with `illumination` also the pseudo-Hessian's diagonal. Both are on the setup's grid.
  /// Returns F^T r, the gradient with respect to the wavelet.
  std::vector<double> backward(const Gather& adjoint_source, Model& gradient, Model* illumination = nullptr);
  /// dF/dm w dm: the gather that a perturbation of the model scatters, to first order.
  Gather born(const Shot& shot, const std::vector<double>& wavelet, const Model& perturbation);

  /// Propagations of a shot so far: forward, backward and Born count one each.
  std::int64_t solves() const { return solves_; }

 private:
  using Record = Kokkos::View<Real**, Kokkos::LayoutRight>;  // [step][receiver], a view of records_
  using Trace = Kokkos::View<Real*>;
  class ForwardLoop;

  double memory_bytes_without_history(int receivers, bool for_gradient) const;
  Trace fine_wavelet(const std::vector<double>& wavelet) const;
  Gather to_gather(const Record& record) const;
  Record to_record(const Gather& gather);
  Record record_for(int receivers);
  Gather run_forward(const Shot& shot, const std::vector<double>& wavelet, bool keep);
  Model dark(Model& fields, const std::vector<std::string>& names) const;
  void rest(Wavefield& u) const;
  void require_finite(const Wavefield& u, const char* what, int step) const;

  PropagatorSetup setup_;
  Domain domain_;
  std::unique_ptr<WaveEquation> equation_;
  int substeps_ = 1;
  double time_step_ = 0;
  Resampler resampler_;
  HistoryChoice history_;
  Model padded_;  // the model, on the padded grid
  Wavefield wavefield_, scattered_;
  Model images_, lights_;
  Wavefield replayed_;  // of histories that compute the forward wavefield again
  Trace records_;       // [step][receiver], for the largest shot so far
  Shot shot_;           // in progress, to be named in errors
  Shot kept_shot_;      // whose history there is
  Trace kept_wavelet_;
  std::int64_t solves_ = 0;
};

}  // namespace fathom
