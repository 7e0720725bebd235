// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "regularizers/regularizer.hpp"
#include "solver/band.hpp"
#include "solver/exact_term.hpp"
#include "solver/objective.hpp"
#include "solver/optimizer.hpp"
#include "solver/parameterization.hpp"
#include "solver/shot_batches.hpp"
#include "solver/spent_time.hpp"

namespace fathom {

/// What the optimizer of one stage sees: data misfit plus weighted regularizer, as a function of the cells
/// that may change, m = m_start + scale * x, with m the parameter of the velocity.
///
/// The scale carries the preconditioner: scale^2 is proportional to 1 / (H + floor max H), H the
/// pseudo-Hessian of the parameter, so that quasi-Newton starts from the illumination-compensated gradient.
/// Its maximum is the parameter's equivalent of 1000 m/s at 2500 m/s, which makes x = 1 a large step
/// everywhere.
class StageProblem final : public SmoothObjective {
 public:
  struct Parts {
    DataObjective& data;
    const Parameterization& parameterization;
    const Regularizer* regularizer;  ///< null: none
    VelocityBounds bounds;
    Model start;                             ///< velocity, x = 0
    std::vector<bool> frozen;                ///< cells of the start that stay
    const Regularizer* yardstick = nullptr;  ///< measures relative weights; null: the regularizer itself
    std::vector<double> reference{};         ///< velocity m_r, u = (m - m_r) / s; empty: u = m / s
    bool exact = false;        ///< leave a regularizer that has an exact form to the optimizer, as rough()
    bool constrained = false;  ///< and then as the constraint R <= weight R(start, m_r = 0)
    const ShotBatches* batches = nullptr;  ///< what estimate() works on; null: on all shots
    double strength = 1;                   ///< share of a penalty's weight that is in force
    SpentTime* spent = nullptr;            ///< is added to, where it is given
  };
  explicit StageProblem(Parts parts);

  /// Evaluates data misfit, gradient and illumination at the start once, and sets the scale from them.
  /// `weight` and `relative` are the regularizer's: a relative weight is turned into an absolute one here,
  /// and the share of a constraint into its bound.
  /// `known`: what a former evaluation of the data at the start found.
  struct AtStart {
    double value = 0;
    std::vector<double> gradient, illumination;  ///< of all cells, with respect to velocity
  };
  void measure(double illumination_floor, double weight, bool relative, const AtStart* known = nullptr);
  /// Data misfit and weighted regularizer of an evaluation.
  struct Terms {
    double total = 0, data = 0, regularizer = 0;
  };

  /// Instead, what measure() found in an interrupted run or for another guidance, and the terms at the
  /// current point.
  void restore(std::vector<double> scale, double weight, const Terms& current,
               const AtStart* known = nullptr);

  const std::vector<double>& scale() const { return scale_; }
  /// The weight, all of it, or the bound of a constraint.
  double regularizer_weight() const { return weight_; }
  std::size_t size() const { return cells_.size(); }
  Box box() const;
  /// Velocity at x, on the stage's grid.
  Model model(const std::vector<double>& x) const;

  double value_and_gradient(const std::vector<double>& x, std::vector<double>& gradient) override;
  RoughTerm* rough() override { return exact_.get(); }
  /// The same value without its gradient: half the PDE solves. Leaves the predictions of this rank's shots.
  double value(const std::vector<double>& x, Gathers& predicted);
  /// The size in x of a change that is 1 m/s at 2500 m/s, in the root mean square over the cells.
  double meter_per_second() const;
  /// Where to begin: the start, or what is closest to it within the constraint.
  std::vector<double> starting_point();
  /// With the data misfit of a batch of shots.
  double estimate(std::int64_t draw, const std::vector<double>& x, std::vector<double>& gradient) override;

  /// The terms of a recent evaluation, by its value.
  const Terms& terms_of(double value) const;

 private:
  double relative_unit(const std::vector<double>& velocity) const;
  double variation_of_start() const;
  void make_exact_term();
  double complete(const std::vector<double>& x, const Model& model, double misfit, std::vector<double> slope,
                  std::vector<double>& gradient);
  double penalty(const std::vector<double>& x, const std::vector<double>& velocity,
                 std::vector<double>& slope) const;
  double& regularizer_time() const;
  double regularize(const Regularizer& regularizer, const std::vector<double>& parameter,
                    const std::vector<double>& reference, double weight, std::vector<double>& gradient) const;

  Parts parts_;
  std::vector<std::size_t> cells_;             // those that may change
  std::vector<double> start_, lower_, upper_;  // parameter at them
  std::vector<double> scale_;
  std::vector<double> reference_;  // parameter of all cells, or empty
  double weight_ = 0;              // of which parts_.strength is in force
  std::vector<Terms> recent_;
  std::unique_ptr<AtStart> at_start_;
  std::unique_ptr<ExactTerm> exact_;
  mutable SpentTime own_time_;  // where nobody wants to know
};

}  // namespace fathom
