// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/regularizer.hpp"
#include "regularizers/tikhonov.hpp"
#include "regularizers/total_variation.hpp"

namespace fathom {

const Registry<Regularizer, const RegularizerShape&>& regularizers() {
  static const Registry<Regularizer, const RegularizerShape&> table(
      "regularizer",
      {{"tikhonov", "smoothness: half the squared gradient of the model",
        [](const RegularizerShape&) { return std::make_unique<Tikhonov>(); }},
       {"total_variation", "few edges, where and which way a guide says: weighted and steerable variation",
        [](const RegularizerShape& shape) {
          return std::make_unique<TotalVariation>(Variation(shape.guidance), shape.eps);
        }}});
  return table;
}

}  // namespace fathom
