// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Optimal checkpointing of a chain of steps that is to be reversed (Griewank & Walther, Algorithm 799:
// revolve, ACM Transactions on Mathematical Software 26, 2000).

#include <algorithm>

namespace fathom {

/// (s + r)! / (s! r!): links that s states in memory allow to reverse when none is computed more than r times
/// again. In double: it grows fast.
inline double reversible_links(int states, int repetitions) {
  if (repetitions < 0) return 0;
  const int fewer = std::min(states, repetitions), more = std::max(states, repetitions);
  double links = 1;
  for (int k = 1; k <= fewer; ++k) links = links * (more + k) / k;
  return links;
}

/// Links that have to be computed again to reverse a chain of `links`, with `states` states in memory at any
/// time, that at its start among them: r links - (s + r)! / ((s + 1)! (r - 1)!), r the fewest repetitions
/// that will do. The optimum.
inline double repeated_links(int links, int states) {
  int repetitions = 0;
  while (reversible_links(states, repetitions) < links) ++repetitions;
  return double(repetitions) * links - reversible_links(states + 1, repetitions - 1);
}

/// How far from a state to the next one that is kept, where `states` (at least 2) may be, that one included,
/// for a chain of at least 2 links.
inline int links_to_next_state(int links, int states) {
  int best = 1;
  double least = -1;
  for (int ahead = 1; ahead < links; ++ahead) {
    const double cost = ahead + repeated_links(links - ahead, states - 1) + repeated_links(ahead, states);
    if (least >= 0 && cost >= least) continue;
    least = cost;
    best = ahead;
  }
  return best;
}

}  // namespace fathom
