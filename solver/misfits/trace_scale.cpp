// SPDX-License-Identifier: BSD-3-Clause
#include "solver/misfits/trace_scale.hpp"

#include <algorithm>
#include <cmath>

namespace fathom {

TraceScale::TraceScale(const Gather& observed) : quiet(std::size_t(observed.receivers), true) {
  constexpr double quiet_level = 1e-4;
  std::vector<double> rms;
  for (int receiver = 0; receiver < observed.receivers; ++receiver) {
    double sum = 0;
    const double* trace = observed.trace(receiver);
    for (int k = 0; k < observed.time.samples; ++k) sum += trace[k] * trace[k];
    rms.push_back(std::sqrt(sum / observed.time.samples));
  }
  std::vector<double> sorted = rms;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.empty() || !(sorted.back() > 0)) return;
  std::size_t strong = std::size_t(std::ceil(0.9 * double(sorted.size()))) - 1;
  while (!(sorted[strong] > 0)) ++strong;
  const auto first_loud = std::upper_bound(sorted.begin(), sorted.end(), quiet_level * sorted[strong]);
  typical = first_loud[(sorted.end() - first_loud) / 2];
  for (std::size_t receiver = 0; receiver < rms.size(); ++receiver)
    quiet[receiver] = !(rms[receiver] >= *first_loud);
}

}  // namespace fathom
