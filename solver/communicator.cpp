// SPDX-License-Identifier: BSD-3-Clause
#include "solver/communicator.hpp"

#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace fathom {
namespace {

/// Ranks of the whole program on this machine.
int count_ranks_here() {
  MPI_Comm here;
  int count = 1;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
  MPI_Comm_size(here, &count);
  MPI_Comm_free(&here);
  return count;
}

constexpr std::size_t chunk = std::size_t(1) << 26;  // MPI counts are ints

class MpiCommunicator final : public Communicator {
 public:
  MpiCommunicator(MPI_Comm ranks, int ranks_here) : ranks_(ranks), ranks_here_(ranks_here) {
    MPI_Comm_rank(ranks_, &rank_);
    MPI_Comm_size(ranks_, &size_);
  }
  ~MpiCommunicator() override {
    if (ranks_ != MPI_COMM_WORLD) MPI_Comm_free(&ranks_);
  }
  MpiCommunicator(const MpiCommunicator&) = delete;
  MpiCommunicator& operator=(const MpiCommunicator&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int ranks_here() const override { return ranks_here_; }
  void barrier() override { MPI_Barrier(ranks_); }

  // Reduced on one rank and sent out from there: every rank has the same bits whatever algorithm MPI picks.
  void sum(double* values, std::size_t count) override {
    for (std::size_t begin = 0; begin < count; begin += chunk) {
      const int length = int(std::min(chunk, count - begin));
      MPI_Reduce(rank_ == 0 ? MPI_IN_PLACE : values + begin, rank_ == 0 ? values + begin : nullptr, length,
                 MPI_DOUBLE, MPI_SUM, 0, ranks_);
      MPI_Bcast(values + begin, length, MPI_DOUBLE, 0, ranks_);
    }
  }

  double max(double value) override {
    double result = 0;
    MPI_Allreduce(&value, &result, 1, MPI_DOUBLE, MPI_MAX, ranks_);
    return result;
  }

  void broadcast(void* bytes, std::size_t count) override {
    for (std::size_t begin = 0; begin < count; begin += chunk)
      MPI_Bcast(static_cast<char*>(bytes) + begin, int(std::min(chunk, count - begin)), MPI_BYTE, 0, ranks_);
  }

  const void* mpi_communicator() const override { return &ranks_; }

  std::unique_ptr<Communicator> split(int group) override {
    MPI_Comm ranks = MPI_COMM_NULL;
    MPI_Comm_split(ranks_, group, rank_, &ranks);
    return std::make_unique<MpiCommunicator>(ranks, ranks_here_);
  }

 private:
  MPI_Comm ranks_;
  int ranks_here_, rank_ = 0, size_ = 1;
};

}  // namespace

MpiSession::MpiSession(int* argc, char*** argv) {
  MPI_Init(argc, argv);
  world_ = std::make_unique<MpiCommunicator>(MPI_COMM_WORLD, count_ranks_here());
}

MpiSession::~MpiSession() {
  MPI_Finalize();
}

void MpiSession::abort(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::abort();
}

}  // namespace fathom
