// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <vector>

#include "physics/communicator.hpp"

namespace fathom {

/// Seconds that the ranks take for a task together, from barrier to barrier; the same on every rank.
double seconds_of(Communicator& communicator, const std::function<void()>& task);

/// The median of several repetitions, after one that is not counted (it touches the memory).
double median_seconds(int repetitions, Communicator& communicator, const std::function<void()>& task);

double median(std::vector<double> values);

}  // namespace fathom
