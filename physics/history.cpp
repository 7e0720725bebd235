// SPDX-License-Identifier: BSD-3-Clause
#include "physics/history.hpp"

#include <algorithm>
#include <cmath>

#include "physics/memory.hpp"

namespace fathom {
namespace {

/// Every `interval`-th step, as it is.
class Sampled final : public History {
 public:
  Sampled(const HistoryShape& shape, int interval) : shape_(shape), interval_(interval) {}

  double memory_bytes() const override { return double(slots()) * double(shape_.values) * sizeof(Real); }
  void allocate() override {
    if (store_.extent(0) > 0) return;
    store_ = Store(Kokkos::ViewAllocateWithoutInitializing("history"), std::size_t(slots()), shape_.values);
    if (runs_on_host) prefer_huge_pages(store_.data(), store_.size() * sizeof(Real));
  }
  bool keeps(int step) const override { return step % interval_ == 0; }
  double weight() const override { return interval_; }
  Snapshot snapshot(int step) const override {
    return {store_.data() + std::size_t(step / interval_) * shape_.values};
  }

 private:
  using Store = Kokkos::View<Real**, Kokkos::LayoutRight>;

  int slots() const { return (shape_.steps + interval_ - 1) / interval_; }

  HistoryShape shape_;
  int interval_;
  Store store_;
};

/// The product of two signals below f holds frequencies below 2 f; its sum over time survives sampling at
/// more than 2 f.
int nyquist_interval(const HistoryShape& shape) {
  constexpr double margin = 1.25;
  if (shape.max_frequency <= 0) return 1;
  return std::max(1, int(std::floor(1 / (2 * margin * shape.max_frequency * shape.time_step))));
}

}  // namespace

const Registry<History, const HistoryShape&>& histories() {
  static const Registry<History, const HistoryShape&> table(
      "history",
      {{"full", "every time step: the exact gradient",
        [](const HistoryShape& shape) { return std::make_unique<Sampled>(shape, 1); }},
       {"thinned", "every k-th time step, at the Nyquist rate of the band", [](const HistoryShape& shape) {
          return std::make_unique<Sampled>(shape, nyquist_interval(shape));
        }}});
  return table;
}

}  // namespace fathom
