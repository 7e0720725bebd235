// SPDX-License-Identifier: BSD-3-Clause

// Built in the place of zfp.cpp where there is no such library.

#include "physics/histories/histories.hpp"

namespace fathom {

std::vector<Registry<History, const HistoryShape&>::Entry> zfp_histories() {
  return {};
}

}  // namespace fathom
