// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/denoiser.hpp"
#include "regularizers/regularizer.hpp"
#include "regularizers/tikhonov.hpp"
#include "regularizers/total_variation.hpp"

namespace fathom {

const Registry<Regularizer, const RegularizerShape&>& regularizers() {
  static const Registry<Regularizer, const RegularizerShape&> table(
      "regularizer",
      {{"tikhonov", "smoothness: half the squared gradient of the model",
        [](const RegularizerShape&) { return std::make_unique<Tikhonov>(); }},
       {"denoiser", "little that a learned guide would still change of the model: half the square of that",
        [](const RegularizerShape& shape) { return std::make_unique<DenoiserPrior>(shape.denoiser); }},
       {"total_variation", "few edges, where and which way a guide says: weighted and steerable variation",
        [](const RegularizerShape& shape) {
          return std::make_unique<TotalVariation>(Variation(shape.guidance), shape.eps);
        }}});
  return table;
}

}  // namespace fathom
