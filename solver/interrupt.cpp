// SPDX-License-Identifier: BSD-3-Clause
#include "solver/interrupt.hpp"

#include <csignal>

namespace fathom {
namespace {

volatile std::sig_atomic_t raised = 0;

extern "C" void raise_flag(int signal) {
  if (raised) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  raised = 1;
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, raise_flag);
  std::signal(SIGTERM, raise_flag);
}

bool interrupted() {
  return raised != 0;
}

}  // namespace fathom
