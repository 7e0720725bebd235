// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/denoiser.hpp"

namespace fathom {

double DenoiserPrior::value_and_gradient(const Model& u, Model& gradient) const {
  if (!denoiser_) return 0;
  const double volume = u.grid.cell_volume();
  double value = 0;
  for (const auto& [name, field] : u.properties) {
    std::vector<double> slopes(u.grid.cells(), 0.), sum = to_host(gradient.at(name));
    value += volume * denoiser_->value_and_gradient(to_host(field), slopes);
    for (std::size_t cell = 0; cell < sum.size(); ++cell) sum[cell] += volume * slopes[cell];
    from_host(sum, gradient[name]);
  }
  return value;
}

}  // namespace fathom
