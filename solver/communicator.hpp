// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "physics/communicator.hpp"

namespace fathom {

/// MPI's life, once in a program. Ranks that fail alone abort all the others.
class MpiSession {
 public:
  MpiSession(int* argc, char*** argv);
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  /// All ranks.
  Communicator& world() { return *world_; }
  /// Ends every rank at once with an exit code.
  [[noreturn]] void abort(int code);

 private:
  std::unique_ptr<Communicator> world_;
};

}  // namespace fathom
