// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "physics/options.hpp"

namespace fathom {

/// How a guide's advice is tried before it is taken (see guards.hpp).
struct GuardOptions {
  std::string mode = "auto";
  double held_out = 0.15;
  int seed = 1;
  bool jumps = true;
  bool steering = true;
  double trust = 2000;
  double scan = 0.03;
  int probation = 6;
  std::string unguided = "tried";

  void describe(OptionVisitor& option);
};

}  // namespace fathom
