// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>

namespace fathom {

/// Seconds of this rank that an inversion spent beside the propagation of waves.
struct SpentTime {
  double regularizer = 0;  ///< values, gradients, and the inner iteration of its exact form
  double guide = 0;        ///< answers; the images and gradients that it asks for are PDE solves
};

/// Adds the time of its life to a sum.
class Timed {
 public:
  explicit Timed(double& sum) : sum_(sum) {}
  ~Timed() { sum_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& sum_;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace fathom
