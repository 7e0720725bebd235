// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/guides/guides.hpp"
#include "regularizers/oracle.hpp"

namespace fathom {

Guidance Given::advise(const Situation& situation) const {
  const Grid& grid = situation.velocity.grid;
  const std::optional<OracleOptions>& omniscient = parts_.options.oracle;
  Guidance guidance =
      omniscient ? oracle(resample(parts_.truth.value(), grid), *omniscient) : on_grid(parts_.given, grid);
  if (guidance.confidence.size() > 0) {
    const std::vector<double> confidence = to_host(guidance.confidence);
    const auto change = [&](Field& field, const auto& by_confidence) {
      std::vector<double> values = to_host(field);
      for (std::size_t cell = 0; cell < values.size(); ++cell)
        values[cell] = by_confidence(confidence[cell], values[cell]);
      field = make_field(field.label(), guidance.grid);
      from_host(values, field);
    };
    if (guidance.weighted())
      change(guidance.theta, [](double c, double theta) { return 1 - c * (1 - theta); });
    for (int axis = 0; axis < 3 && guidance.steered(); ++axis)
      change(guidance.p[axis], [](double c, double p) { return c * p; });
  }
  taper_steering(guidance, situation.frozen, parts_.options.taper);
  return guidance;
}

}  // namespace fathom
