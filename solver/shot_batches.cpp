// SPDX-License-Identifier: BSD-3-Clause
#include "solver/shot_batches.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace fathom {
namespace {

std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// 0 .. count - 1 in a random order (Fisher and Yates).
std::vector<int> shuffled(int count, std::uint64_t key) {
  std::vector<int> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (int last = count - 1; last > 0; --last)
    std::swap(order[last], order[mix(key + std::uint64_t(last)) % std::uint64_t(last + 1)]);
  return order;
}

}  // namespace

ShotBatches::ShotBatches(int shots, int batch, std::uint64_t seed, int stage, bool encoded)
    : shots_(shots),
      groups_(std::clamp(batch, 1, shots)),
      per_epoch_((shots + groups_ - 1) / groups_),
      key_(mix(mix(seed) + std::uint64_t(stage))),
      encoded_(encoded) {}

std::vector<ShotGroup> ShotBatches::operator()(std::int64_t iteration) const {
  return encoded_ ? all_encoded(iteration) : some(iteration);
}

std::vector<ShotGroup> ShotBatches::some(std::int64_t iteration) const {
  const std::uint64_t epoch = mix(key_ + std::uint64_t(iteration / per_epoch_));
  const int turn = int(iteration % per_epoch_);
  std::vector<ShotGroup> batch;
  for (int group = 0; group < groups_; ++group) {
    const auto first_of = [&](int g) { return int(std::int64_t(g) * shots_ / groups_); };
    const std::vector<int> turns = shuffled(per_epoch_, mix(epoch + std::uint64_t(group)));
    for (int shot = first_of(group); shot < first_of(group + 1); ++shot)
      if (turns[shot - first_of(group)] == turn) batch.push_back({{shot, 1.}});
  }
  return batch;
}

std::vector<ShotGroup> ShotBatches::all_encoded(std::int64_t iteration) const {
  const std::uint64_t turn = mix(key_ + std::uint64_t(iteration));
  std::vector<ShotGroup> batch(static_cast<std::size_t>(groups_));
  for (int shot = 0; shot < shots_; ++shot) {
    ShotGroup& group = batch[std::size_t(shot % groups_)];
    const bool positive = group.empty() || (mix(turn + std::uint64_t(shot)) >> 63) != 0;
    group.push_back({shot, positive ? 1. : -1.});
  }
  return batch;
}

}  // namespace fathom
