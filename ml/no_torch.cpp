// SPDX-License-Identifier: BSD-3-Clause

// In the place of load_torch.cpp where LibTorch is not there.

#include "ml/learner.hpp"
#include "physics/error.hpp"

namespace fathom {

const Learner& learner() {
  throw UserError(
      "this build of fathom has no LibTorch, which learned guides need",
      "install LibTorch (on Debian: apt-get install libtorch-dev), then configure and build again; "
      "or choose a guide that needs no network");
}

bool has_learner() {
  return false;
}

}  // namespace fathom
