// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfit.hpp"
#include "solver/misfits/adaptive.hpp"
#include "solver/misfits/envelope.hpp"
#include "solver/misfits/huber.hpp"
#include "solver/misfits/least_squares.hpp"
#include "solver/misfits/normalised_correlation.hpp"
#include "solver/misfits/student_t.hpp"

namespace fathom {

void MisfitOptions::describe(OptionVisitor& option) {
  option(
      "kind", kind,
      {.meaning = "distance: least_squares; huber and student_t for outliers, normalised_correlation for "
                  "wrong amplitudes, envelope and adaptive for starts that are more than half a period off",
       .choices = misfits().names()});
  option.section("huber", huber, "of kind huber");
  option.section("student_t", student_t, "of kind student_t");
  option.section("envelope", envelope, "of kind envelope");
  option.section("adaptive", adaptive, "of kind adaptive");
}

const Registry<Misfit, const MisfitOptions&>& misfits() {
  using Options = MisfitOptions;
  static const Registry<Misfit, const MisfitOptions&> table(
      "misfit", {{"least_squares", "half the squared residual",
                  [](const Options&) { return std::make_unique<LeastSquares>(); }},
                 {"huber", "squared where the residual is small, linear where it is large",
                  [](const Options& options) { return std::make_unique<Huber>(options.huber); }},
                 {"student_t", "logarithmic where the residual is large",
                  [](const Options& options) { return std::make_unique<StudentT>(options.student_t); }},
                 {"normalised_correlation", "traces of unit norm",
                  [](const Options&) { return std::make_unique<NormalisedCorrelation>(); }},
                 {"envelope", "half the squared difference of envelopes",
                  [](const Options& options) { return std::make_unique<Envelope>(options.envelope); }},
                 {"adaptive", "mean squared lag of the filter that turns observed into predicted traces",
                  [](const Options& options) { return std::make_unique<Adaptive>(options.adaptive); }}});
  return table;
}

}  // namespace fathom
