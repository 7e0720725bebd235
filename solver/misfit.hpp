// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "physics/options.hpp"
#include "physics/registry.hpp"
#include "physics/survey.hpp"

namespace fathom {

/// How far predicted data is from observed data.
class Misfit {
 public:
  virtual ~Misfit() = default;
  /// The value for one shot, and its exact derivative with respect to every predicted sample. Both gathers
  /// have one time axis and the same receivers; integrals over time carry the step dt. Zero, with a vanishing
  /// derivative, where the prediction is the data; whatever else a misfit needs to know (scales, floors) it
  /// takes from the observed gather alone, so that a line search sees one function.
  virtual double value_and_adjoint_source(const Gather& predicted, const Gather& observed,
                                          Gather& adjoint_source) const = 0;
};

struct HuberOptions {
  double threshold = 1;

  void describe(OptionVisitor& option);
};

struct StudentTOptions {
  double degrees = 2;
  double scale = 0.5;

  void describe(OptionVisitor& option);
};

struct EnvelopeOptions {
  double floor = 0.05;

  void describe(OptionVisitor& option);
};

struct AdaptiveOptions {
  double water_level = 0.01;
  std::optional<double> max_lag;

  void describe(OptionVisitor& option);
};

/// Which misfit, and the parameters of all of them.
struct MisfitOptions {
  std::string kind = "least_squares";
  HuberOptions huber;
  StudentTOptions student_t;
  EnvelopeOptions envelope;
  AdaptiveOptions adaptive;

  void describe(OptionVisitor& option);
};

/// Misfits by name.
const Registry<Misfit, const MisfitOptions&>& misfits();

}  // namespace fathom
