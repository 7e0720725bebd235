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

Images MirrorMean::apply(const Images& inputs) const {
  Images answer = ask(*network_, inputs);
  const Images other = mirrored_answer(ask(*network_, mirrored(inputs)));
  for (std::size_t i = 0; i < answer.values.size(); ++i)
    answer.values[i] = 0.5f * (answer.values[i] + other.values[i]);
  return answer;
}

}  // namespace fathom
