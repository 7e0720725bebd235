// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "physics/communicator.hpp"

namespace fathom {

/// A rate of one rank while the others wait, and of all ranks at once, summed.
struct Rate {
  double one_rank = 0, all_ranks = 0;
};

/// What the machine can do. A rank is one core, unless Kokkos was built with threads.
struct MachineLimits {
  Rate dram;     ///< bytes/s of a += s b, two reads and a write, on arrays much larger than any cache
  Rate l3;       ///< the same on arrays beyond a core's own cache that share the last level
  Rate fma_256;  ///< flop/s of fp32 multiply-adds in registers, with vectors of 256 bits
  Rate fma_512;  ///< and of 512 bits
};

/// All of it, in a few seconds; `quick` takes fewer repetitions. Collective.
MachineLimits measure_limits(bool quick, Communicator& communicator);

/// Bytes/s of all ranks in a += s b when a and b have `bytes` together on each rank: the median of several
/// repetitions, each from barrier to barrier. Collective.
double update_rate(std::size_t bytes, bool quick, Communicator& communicator);

}  // namespace fathom
