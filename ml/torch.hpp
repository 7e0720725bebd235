// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The one door to LibTorch: its headers take half a minute to compile, so few files go through it.

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/script.h>

#include <algorithm>
#include <exception>
#include <string>

#include "ml/images.hpp"
#include "physics/denormals.hpp"
#include "physics/error.hpp"

namespace fathom {

/// A tensor [1, channel, x, z] with the images' values.
inline at::Tensor to_tensor(const Images& images) {
  return at::from_blob(const_cast<float*>(images.values.data()), {1, images.channels, images.nx, images.nz},
                       at::kFloat)
      .clone();
}

/// The inverse. Throws RunError for a tensor of another kind.
inline Images to_images(const at::Tensor& tensor) {
  if (tensor.dim() != 4 || tensor.size(0) != 1)
    throw RunError("a network answered with a tensor that is not [1, channel, x, z]");
  const at::Tensor values = tensor.to(at::kCPU, at::kFloat).contiguous();
  Images images(int(values.size(1)), int(values.size(2)), int(values.size(3)));
  std::copy_n(values.data_ptr<float>(), images.values.size(), images.values.data());
  return images;
}

/// Runs something of Torch's, with the processor's default arithmetic. Its failures become RunErrors, `what`
/// in front.
template <class F>
auto torch_call(const std::string& what, const F& f) {
  const KeepDenormals kept;
  try {
    return f();
  } catch (const c10::Error& error) {
    throw RunError(what + ": " + error.what_without_backtrace());
  } catch (const std::exception& error) {
    throw RunError(what + ": " + error.what());
  }
}

}  // namespace fathom
