// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "ml/learner.hpp"
#include "ml/network_shape.hpp"
#include "ml/torch.hpp"

namespace fathom {

/// The network of a shape as a function of its parameters and of [image, channel, x, z]; what comes out is
/// raw: the heads' maps (tanh, sigmoid) are not applied.
at::Tensor unet(const NetworkShape& shape, const at::Tensor& parameters, const at::Tensor& inputs);

/// The four means of Loss, of a raw answer.
std::vector<at::Tensor> losses(const NetworkShape& shape, const at::Tensor& raw, const at::Tensor& target);

/// The raw answer, mapped as network_shape.hpp says.
at::Tensor mapped(const NetworkShape& shape, const at::Tensor& raw);

}  // namespace fathom
