// SPDX-License-Identifier: BSD-3-Clause

// Snapshots as they are, all of them in memory.

#include "physics/histories/histories.hpp"

namespace fathom {
namespace {

class Stored final : public History {
 public:
  using History::History;

  double memory_bytes() const override {
    return double(shape_.images()) * double(shape_.values()) * sizeof(Real);
  }
  void allocate() override {
    if (store_.size() == 0) store_ = make_store("history", std::size_t(shape_.images()) * shape_.values());
  }
  Snapshot slot(int step) override { return images(step) ? at(step) : Snapshot{}; }
  Snapshot recall(int step, Replay&) override { return at(step); }

 private:
  Snapshot at(int step) const {
    return {store_.data() + std::size_t(step / shape_.interval) * shape_.values()};
  }

  Store store_;
};

}  // namespace

std::unique_ptr<History> make_stored(const HistoryShape& shape) {
  return std::make_unique<Stored>(shape);
}

}  // namespace fathom
