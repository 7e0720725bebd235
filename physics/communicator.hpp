// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace fathom {

/// The ranks that share the work. Declared without MPI, so that everything builds and runs without it; this
/// class is the communicator of a single rank, `solver/communicator.hpp` has the one over MPI.
class Communicator {
 public:
  virtual ~Communicator() = default;
  virtual int rank() const { return 0; }
  virtual int size() const { return 1; }
  bool is_root() const { return rank() == 0; }
  /// Ranks of the whole program, whatever their groups, that share this rank's machine, itself included.
  virtual int ranks_here() const { return 1; }
  virtual void barrier() {}
  /// Element-wise sums over the ranks, the same bits on each of them.
  virtual void sum(double* /*values*/, std::size_t /*count*/) {}
  virtual double max(double value) { return value; }
  /// Root's bytes, on every rank.
  virtual void broadcast(void* /*bytes*/, std::size_t /*count*/) {}
  /// Address of the MPI_Comm behind it, or null: for adapters that pass it on to a library.
  virtual const void* mpi_communicator() const { return nullptr; }
  /// The ranks of this one's group, in their order (collective).
  virtual std::unique_ptr<Communicator> split(int /*group*/) { return std::make_unique<Communicator>(); }
  /// Whether it is true on any rank.
  bool any(bool value) { return max(value ? 1. : 0.) > 0; }
};

}  // namespace fathom
