// SPDX-License-Identifier: BSD-3-Clause
#include "physics/sweep.hpp"

#include <cstddef>
#include <memory>
#include <new>

namespace fathom {
namespace {

constexpr std::align_val_t alignment{64};
struct Free {
  void operator()(Real* values) const { ::operator delete[](values, alignment); }
};

}  // namespace

Real* thread_scratch(std::size_t values) {
  thread_local std::unique_ptr<Real[], Free> memory;
  thread_local std::size_t size = 0;
  if (values > size) {
    memory.reset();
    size = 0;
    memory.reset(new (alignment) Real[values]);
    size = values;
  }
  return memory.get();
}

}  // namespace fathom
