// SPDX-License-Identifier: BSD-3-Clause

// Snapshots are kept for one block of steps at a time. The forward loop leaves those of the last block, and
// on its way a few states of the wavefield; the others are computed again from the nearest state, which may
// leave more states on its way (revolve.hpp). Blocks are counted from the end, so that only the first is
// short.
//
// With room for a state at every block, each block is computed once more: one more forward propagation less
// the last block. With n blocks and c states, revolve's t(n, c + 1) blocks are (the start is at rest and
// needs no memory); room for all snapshots makes it one block, and nothing is computed again.

#include <algorithm>
#include <cstdint>

#include "physics/histories/histories.hpp"
#include "physics/revolve.hpp"

namespace fathom {
namespace {

/// How blocks and states share the memory.
struct BlockPlan {
  int images_per_block = 1;
  int blocks = 1;
  int states = 0;
  double bytes = 0;
  double repeated_blocks = 0;
};

BlockPlan plan_of(const HistoryShape& shape, int images_per_block, int states) {
  BlockPlan plan;
  plan.images_per_block = images_per_block;
  plan.blocks = (shape.images() + images_per_block - 1) / images_per_block;
  plan.states = std::clamp(states, 0, std::max(0, plan.blocks - 2));
  const double wavefields = plan.blocks > 1 ? plan.states + 1. : 0.;
  plan.bytes = sizeof(Real) *
               (double(images_per_block) * double(shape.values()) + wavefields * double(shape.state_values));
  plan.repeated_blocks = repeated_links(plan.blocks, plan.states + 1);
  return plan;
}

/// Without a budget: the least memory in which no block is computed again more than once.
BlockPlan thrifty_plan(const HistoryShape& shape) {
  BlockPlan best = plan_of(shape, std::max(1, shape.images()), 0);
  for (int images = 1; images < shape.images(); ++images) {
    const BlockPlan plan = plan_of(shape, images, shape.images());
    if (plan.bytes < best.bytes) best = plan;
  }
  return best;
}

/// The fewest steps again within a budget; where nothing fits, the least memory.
BlockPlan fastest_plan(const HistoryShape& shape) {
  BlockPlan best = plan_of(shape, 1, 0);
  const auto steps_again = [](const BlockPlan& plan) { return plan.repeated_blocks * plan.images_per_block; };
  const double state = sizeof(Real) * double(shape.state_values);
  for (int images = 1; images <= shape.images(); ++images) {
    const double left = shape.budget_bytes - plan_of(shape, images, 0).bytes;
    if (left < 0) continue;
    const BlockPlan plan = plan_of(shape, images, int(std::min(left / state, double(shape.images()))));
    if (best.bytes > shape.budget_bytes || steps_again(plan) < steps_again(best)) best = plan;
  }
  return best;
}

class Checkpointing final : public History {
 public:
  explicit Checkpointing(const HistoryShape& shape)
      : History(shape), plan_(shape.budget_bytes > 0 ? fastest_plan(shape) : thrifty_plan(shape)) {
    for (int block = 0; free_states() > 0 && plan_.blocks - block > 1;) {
      block += links_to_next_state(plan_.blocks - block, free_states() + 1);
      if (block == plan_.blocks - 1) break;  // its snapshots are there
      kept_.push_back(block);
    }
    first_sweep_ = kept_;
  }

  double memory_bytes() const override { return plan_.bytes; }
  double recomputed_steps() const override {
    return plan_.repeated_blocks * plan_.images_per_block * shape_.interval;
  }
  void allocate() override {
    if (snapshots_.size() > 0) return;
    snapshots_ = make_store("history", std::size_t(plan_.images_per_block) * shape_.values());
    states_ = make_store("wavefield states", std::size_t(plan_.states) * shape_.state_values);
  }

  void before_step(int step, const Replay& replay) override {
    if (step == 0) {
      kept_.clear();
      current_ = plan_.blocks - 1;
    }
    if (kept_.size() < first_sweep_.size() && step == begin_of(first_sweep_[kept_.size()]))
      keep(first_sweep_[kept_.size()], replay);
  }
  Snapshot slot(int step) override {
    if (!images(step) || block_of(step) != current_) return {};
    return {snapshots_.data() + std::size_t((step - begin_of(current_)) / shape_.interval) * shape_.values()};
  }
  Snapshot recall(int step, Replay& replay) override {
    if (block_of(step) != current_) recompute(block_of(step), replay);
    return slot(step);
  }

 private:
  int free_states() const { return plan_.states - int(kept_.size()); }
  /// First step of a block.
  int begin_of(int block) const {
    const int after = (plan_.blocks - block) * plan_.images_per_block;
    return std::max(0, shape_.images() - after) * shape_.interval;
  }
  int block_of(int step) const {
    const int images_after = shape_.images() - 1 - step / shape_.interval;
    return plan_.blocks - 1 - images_after / plan_.images_per_block;
  }
  void keep(int block, const Replay& replay) {
    replay.save(states_.data() + kept_.size() * shape_.state_values);
    kept_.push_back(block);
  }
  /// The snapshots of a block, all later ones being done with.
  void recompute(int wanted, Replay& replay) {
    while (!kept_.empty() && kept_.back() > wanted) kept_.pop_back();
    int block = kept_.empty() ? 0 : kept_.back();
    replay.restore(kept_.empty() ? nullptr : states_.data() + (kept_.size() - 1) * shape_.state_values);
    while (block < wanted) {
      const int links = wanted - block + 1;
      const int ahead = free_states() > 0 ? links_to_next_state(links, free_states() + 1) : links - 1;
      replay.advance(begin_of(block), begin_of(block + ahead), nullptr);
      block += ahead;
      if (block < wanted) keep(block, replay);
    }
    current_ = wanted;
    replay.advance(begin_of(wanted), begin_of(wanted + 1), this);
  }

  BlockPlan plan_;
  std::vector<int> first_sweep_;  // blocks whose states the forward loop keeps
  std::vector<int> kept_;         // blocks whose states there are, in rising order
  int current_ = 0;               // whose snapshots there are
  Store snapshots_, states_;
};

}  // namespace

std::unique_ptr<History> make_checkpointing(const HistoryShape& shape) {
  return std::make_unique<Checkpointing>(shape);
}

}  // namespace fathom
