// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "solver/misfit.hpp"

namespace fathom {

/// Negative logarithm of Student's distribution of the residuals r, scaled to be r^2 / 2 where they are
/// small:
///
///     sum over receivers of the integral of  s^2 nu / 2  ln(1 + r^2 / (nu s^2)) dt
///
/// (Aravkin, van Leeuwen and Herrmann, 2011). nu are the degrees of freedom, s is `scale` times the typical
/// rms of the shot's observed traces (TraceScale). The pull of a residual grows up to sqrt(nu) s and fades
/// beyond: an outlier is ignored, and a bad start may be taken for one.
class StudentT final : public Misfit {
 public:
  explicit StudentT(const StudentTOptions& options) : options_(options) {}
  double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                  Gather& adjoint_source) const override;

 private:
  StudentTOptions options_;
};

}  // namespace fathom
