// SPDX-License-Identifier: BSD-3-Clause
#include "solver/peak_memory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace fathom {
namespace {

constexpr double MB = 1e6;

/// Holds so many bytes for long enough to be seen.
void hold(double bytes) {
  const std::vector<char> block(std::size_t(bytes), 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

class PeakMemoryBy : public testing::TestWithParam<PeakMemory::Method> {};

TEST_P(PeakMemoryBy, SeesWhatWasHeldAndGivenBack) {
  PeakMemory memory(GetParam());
  const double before = resident_bytes();
  hold(100 * MB);
  EXPECT_NEAR(memory.stop() - before, 100 * MB, 5 * MB);
}

// What they freed may still be the process's own: it is given back first.
TEST_P(PeakMemoryBy, ForgetsEarlierTasks) {
  hold(200 * MB);
  PeakMemory memory(GetParam());
  const double before = resident_bytes();
  hold(40 * MB);
  EXPECT_NEAR(memory.stop() - before, 40 * MB, 5 * MB);
}

INSTANTIATE_TEST_SUITE_P(Methods, PeakMemoryBy,
                         testing::Values(PeakMemory::Method::best, PeakMemory::Method::sampling));

}  // namespace
}  // namespace fathom
