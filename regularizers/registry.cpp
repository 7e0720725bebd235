// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/regularizer.hpp"
#include "regularizers/tikhonov.hpp"

namespace fathom {

const Registry<Regularizer>& regularizers() {
  static const Registry<Regularizer> table(
      "regularizer", {{"tikhonov", "smoothness: half the squared gradient of the model", [] {
                         return std::make_unique<Tikhonov>();
                       }}});
  return table;
}

}  // namespace fathom
