// SPDX-License-Identifier: BSD-3-Clause

// LibTorch and what is written against it are in a module (ml/torch) that is opened when it is wanted.

#include <dlfcn.h>

#include "ml/learner.hpp"
#include "physics/denormals.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr const char* module_name = "libfathom_torch.so";

/// Found in the folder lib beside the program's: the build sets the program's run path so. It is never
/// closed.
const Learner* open_module() {
  const KeepDenormals kept;
  void* const module = ::dlopen(module_name, RTLD_NOW | RTLD_LOCAL);
  if (!module) throw RunError(std::string("cannot load LibTorch: ") + ::dlerror());
  void* const factory = ::dlsym(module, "fathom_learner");
  if (!factory) throw RunError(std::string("cannot use ") + module_name + ": " + ::dlerror());
  return reinterpret_cast<const Learner* (*)()>(factory)();
}

}  // namespace

const Learner& learner() {
  static const Learner* const opened = open_module();
  return *opened;
}

bool has_learner() {
  return true;
}

}  // namespace fathom
