// SPDX-License-Identifier: BSD-3-Clause
#include "ml/mirror.hpp"

#include "ml/network_contract.hpp"

namespace fathom {

Images mirrored(const Images& images) {
  Images result(images.channels, images.nx, images.nz);
  for (int channel = 0; channel < images.channels; ++channel)
    for (int ix = 0; ix < images.nx; ++ix)
      for (int iz = 0; iz < images.nz; ++iz)
        result.at(channel, ix, iz) = images.at(channel, images.nx - 1 - ix, iz);
  return result;
}

Images mirrored_answer(const Images& answer) {
  Images result = mirrored(answer);
  for (std::size_t cell = 0; cell < result.cells(); ++cell)
    result.channel(output_normal_x)[cell] = -result.channel(output_normal_x)[cell];
  return result;
}

namespace {

Images mean_of(Images one, const Images& other) {
  for (std::size_t i = 0; i < one.values.size(); ++i)
    one.values[i] = 0.5f * (one.values[i] + other.values[i]);
  return one;
}

}  // namespace

Images MirrorMean::apply(const Images& inputs) const {
  return mean_of(ask(*network_, inputs), mirrored_answer(ask(*network_, mirrored(inputs))));
}

Images MirrorMean::pull_back(const Images& inputs, const Images& change) const {
  return mean_of(fathom::pull_back(*network_, inputs, change),
                 mirrored(fathom::pull_back(*network_, mirrored(inputs), mirrored_answer(change))));
}

}  // namespace fathom
