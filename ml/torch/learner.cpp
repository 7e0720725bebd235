// SPDX-License-Identifier: BSD-3-Clause
#include "ml/learner.hpp"

#include <malloc.h>

#include <cstdlib>

#include "ml/network_shape.hpp"
#include "ml/torch/unet.hpp"

namespace fathom {
namespace {

/// Tensors come and go by the hundred. By default large ones go back to the system each time, and faulting
/// their pages in again takes as long as all that is computed with them.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
}

/// oneDNN compiles what it needs for each size of image. Those of a training are more than it keeps by
/// default, and to compile them takes longer than to run them.
void keep_compiled_code() {
  constexpr int overwrite = 0;
  setenv("DNNL_PRIMITIVE_CACHE_CAPACITY", "16384", overwrite);  // read when it is first used
}

/// The transpose of an answer's Jacobian, applied to a change of it.
template <class F>
Images pulled_back(const F& answer_to, const Images& inputs, const Images& change) {
  const c10::AutoGradMode gradients(true);
  at::Tensor question = to_tensor(inputs);
  question.requires_grad_(true);
  return to_images(torch::autograd::grad({answer_to(question)}, {question}, {to_tensor(change)}).at(0));
}

class Script final : public Network {
 public:
  explicit Script(torch::jit::Module module) : module_(std::move(module)) {}

  Images apply(const Images& inputs) const override {
    return torch_call("a TorchScript module failed", [&] {
      const c10::InferenceMode no_gradients;
      torch::jit::Module module = module_;  // forward() is not const; the copy shares the weights
      return to_images(module.forward({to_tensor(inputs)}).toTensor());
    });
  }
  Images pull_back(const Images& inputs, const Images& change) const override {
    return torch_call("a TorchScript module failed", [&] {
      torch::jit::Module module = module_;
      return pulled_back([&](const at::Tensor& question) { return module.forward({question}).toTensor(); },
                         inputs, change);
    });
  }

 private:
  torch::jit::Module module_;
};

at::Tensor vector_of(const std::vector<float>& values) {
  return at::from_blob(const_cast<float*>(values.data()), {std::int64_t(values.size())}, at::kFloat).clone();
}

class Trained final : public Network {
 public:
  Trained(const NetworkShape& shape, const std::vector<float>& weights)
      : shape_(shape), weights_(vector_of(weights)) {}

  Images apply(const Images& inputs) const override {
    return torch_call("the network failed", [&] {
      const c10::InferenceMode no_gradients;
      return to_images(answer_to(to_tensor(inputs)));
    });
  }
  Images pull_back(const Images& inputs, const Images& change) const override {
    return torch_call("the network failed", [&] {
      return pulled_back([&](const at::Tensor& question) { return answer_to(question); }, inputs, change);
    });
  }

 private:
  at::Tensor answer_to(const at::Tensor& inputs) const {
    return mapped(shape_, unet(shape_, weights_, inputs));
  }

  NetworkShape shape_;
  at::Tensor weights_;
};

class TorchLearner final : public Learner {
 public:
  TorchLearner() {
    keep_freed_memory();
    keep_compiled_code();
    at::set_num_threads(1);
    at::set_num_interop_threads(1);
    at::globalContext().setDeterministicAlgorithms(true, false);
    // An optimised graph may round otherwise than the graph of the first calls: answers must not depend on
    // how often a network was asked.
    torch::jit::getProfilingMode() = false;
    torch::jit::getExecutorMode() = false;
  }

  std::unique_ptr<Network> load_script(const std::string& path) const override {
    try {
      return torch_call("cannot read it", [&] {
        torch::jit::Module module = torch::jit::load(path, at::kCPU);
        module.eval();
        return std::make_unique<Script>(std::move(module));
      });
    } catch (const RunError& error) {
      const std::string reason = error.what();
      throw UserError(path + " is not a TorchScript module: " + reason.substr(0, reason.find('\n')),
                      "export it with torch.jit.script(model).save(...), or trace it");
    }
  }

  std::unique_ptr<Network> make_network(const NetworkShape& shape,
                                        const std::vector<float>& weights) const override {
    if (weights.size() != parameters_of(shape)) throw RunError("the weights do not fit the network's shape");
    return std::make_unique<Trained>(shape, weights);
  }

  Loss add_gradient(const NetworkShape& shape, const std::vector<float>& weights, const Images& inputs,
                    const Target& target, std::vector<double>& gradient) const override {
    return torch_call("training failed", [&] {
      at::Tensor parameters = vector_of(weights);
      parameters.requires_grad_(true);
      const std::vector<at::Tensor> terms =
          losses(shape, unet(shape, parameters, to_tensor(inputs)), to_tensor(target.images));
      at::add(at::add(terms[0], terms[1]), at::add(terms[2], terms[3])).backward();
      const at::Tensor slopes = parameters.grad().contiguous();
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += double(slopes.data_ptr<float>()[i]);
      const auto value = [&](int term) { return double(terms[std::size_t(term)].item<float>()); };
      return Loss{value(0), value(1), value(2), value(3)};
    });
  }
};

}  // namespace
}  // namespace fathom

extern "C" __attribute__((visibility("default"))) const fathom::Learner* fathom_learner() {
  static const fathom::TorchLearner learner;
  return &learner;
}
