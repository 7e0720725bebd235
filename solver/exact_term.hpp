// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "regularizers/proximal.hpp"
#include "solver/optimizer.hpp"

namespace fathom {

/// The exact variation of a stage's model as a rough term of its variables x: the parameter of a free cell is
/// start + scale x, and v = (m - m_r) / s is what is varied. Either a penalty lambda R(v), or the constraint
/// R(v) <= bound.
class ExactTerm final : public RoughTerm {
 public:
  struct Parts {
    Grid grid;
    const Variation& variation;
    std::vector<std::size_t> cells;    ///< that are free, in the order of x
    std::vector<double> start, scale;  ///< parameter of the free cells
    std::vector<double> lower, upper;  ///< its bounds
    std::vector<double> fixed;         ///< parameter of all cells, for those that are not free
    std::vector<double> reference;     ///< parameter m_r of all cells; empty: zero
    double unit = 1;                   ///< s
    bool constrained = false;
    double weight = 0;          ///< lambda, or the bound
    double* seconds = nullptr;  ///< what its inner iterations take is added
  };
  explicit ExactTerm(Parts parts);

  double value(const std::vector<double>& x) override;
  std::vector<double> advance(const std::vector<double>& x, const std::vector<double>& gradient,
                              double stiffness, const Box& box, OptimizerMemory& memory) override;
  /// The point of the set closest to x; x itself where there is no constraint, or it holds.
  std::vector<double> feasible(const std::vector<double>& x, const Box& box);

 private:
  std::vector<double> varied(const std::vector<double>& x) const;
  ProximalProblem problem_at(const std::vector<double>& centre, double stiffness) const;

  Parts parts_;
  std::vector<double> metric_;  // 1, and more where the scale is so large that W would be below its floor
};

}  // namespace fathom
