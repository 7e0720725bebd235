// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The histories there are; history.cpp makes the table of them.

#include <memory>
#include <string>
#include <vector>

#include "physics/history.hpp"
#include "physics/memory.hpp"

namespace fathom {

/// Memory on the device that is first touched when it is used.
template <class T>
Kokkos::View<T*> make_store_of(const std::string& label, std::size_t values) {
  const Kokkos::View<T*> store(Kokkos::view_alloc(Kokkos::WithoutInitializing, label), values);
  if (runs_on_host) prefer_huge_pages(store.data(), values * sizeof(T));
  return store;
}
using Store = Kokkos::View<Real*>;
inline Store make_store(const std::string& label, std::size_t values) {
  return make_store_of<Real>(label, values);
}

/// Snapshots pass through a buffer on their way into storage of another form, and out of it.
class Compressed : public History {
 public:
  using History::History;

  void allocate() final;
  Snapshot slot(int step) final { return images(step) ? Snapshot{buffer_.data()} : Snapshot{}; }
  void after_step(int step) final {
    if (images(step)) compress(step / shape_.interval, buffer_);
  }
  Snapshot recall(int step, Replay&) final {
    expand(step / shape_.interval, buffer_);
    return {buffer_.data()};
  }

 protected:
  double buffer_bytes() const { return double(shape_.values()) * sizeof(Real); }
  virtual void allocate_storage() = 0;
  virtual void compress(int image, const Store& snapshot) = 0;
  virtual void expand(int image, const Store& snapshot) = 0;

 private:
  Store buffer_;
};

std::unique_ptr<History> make_stored(const HistoryShape& shape);
std::unique_ptr<History> make_half(const HistoryShape& shape);
std::unique_ptr<History> make_checkpointing(const HistoryShape& shape);
/// Throws UserError for an equation whose steps cannot be taken back.
std::unique_ptr<History> make_boundary_saving(const HistoryShape& shape);
/// Those that a library is needed for: one entry, or none.
std::vector<Registry<History, const HistoryShape&>::Entry> zfp_histories();

}  // namespace fathom
