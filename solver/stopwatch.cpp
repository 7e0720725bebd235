// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stopwatch.hpp"

#include <algorithm>
#include <chrono>

namespace fathom {

double seconds_of(Communicator& communicator, const std::function<void()>& task) {
  using Clock = std::chrono::steady_clock;
  communicator.barrier();
  const Clock::time_point begin = Clock::now();
  task();
  communicator.barrier();
  return communicator.max(std::chrono::duration<double>(Clock::now() - begin).count());
}

double median_seconds(int repetitions, Communicator& communicator, const std::function<void()>& task) {
  task();
  std::vector<double> seconds;
  for (int repetition = 0; repetition < repetitions; ++repetition)
    seconds.push_back(seconds_of(communicator, task));
  return median(seconds);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

}  // namespace fathom
