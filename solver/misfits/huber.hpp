// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "solver/misfit.hpp"

namespace fathom {

/// Sum over receivers of the integral of rho(predicted - observed) dt,
///
///     rho(r) = r^2 / 2 where |r| <= t,   t (|r| - t / 2) beyond
///
/// (Huber, 1964; Guitton and Symes, Geophysics 68, 2003). t is `threshold` times the typical rms of the
/// shot's observed traces (TraceScale). Outliers pull with a force that does not grow with their size.
class Huber final : public Misfit {
 public:
  explicit Huber(const HuberOptions& options) : options_(options) {}
  double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                  Gather& adjoint_source) const override;

 private:
  HuberOptions options_;
};

}  // namespace fathom
