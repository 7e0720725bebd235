// SPDX-License-Identifier: BSD-3-Clause
#include "io/checkpoint.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "io/atomic_file.hpp"
#include "physics/error.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {
namespace {

Checkpoint sample(std::size_t values) {
  Checkpoint checkpoint;
  std::uint64_t bits = 88172645463325252u;
  for (std::size_t i = 0; i < values; ++i) {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    checkpoint.arrays["model/vp"].push_back(
        std::bit_cast<double>(bits & 0xbfefffffffffffff));  // any finite number
  }
  checkpoint.arrays["lbfgs/step/3"] = {-0., std::numeric_limits<double>::denorm_min(), 1. / 3};
  checkpoint.arrays["empty"] = {};
  checkpoint.integers = {{"iteration", 17}, {"seed", std::numeric_limits<std::int64_t>::min()}};
  checkpoint.texts = {{"state", std::string("a\0b\n", 4)}, {"none", ""}, {"long", std::string(100000, 'x')}};
  return checkpoint;
}

TEST(Checkpoint, ComesBackBitByBit) {
  const Scratch scratch;
  const Checkpoint written = sample(1000);
  write_checkpoint(scratch / "checkpoint.h5", written);
  const Checkpoint read = read_checkpoint(scratch / "checkpoint.h5");
  EXPECT_EQ(read, written);
  for (const auto& [name, values] : written.arrays)
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(std::bit_cast<std::uint64_t>(read.arrays.at(name)[i]),
                std::bit_cast<std::uint64_t>(values[i]));
}

TEST(Checkpoint, ThatIsAbsentIsRefused) {
  const Scratch scratch;
  EXPECT_THROW(read_checkpoint(scratch / "none.h5"), RunError);
}

TEST(Checkpoint, ThatIsTruncatedIsRefusedAtEveryLength) {
  const Scratch scratch;
  write_checkpoint(scratch / "whole.h5", sample(100));
  const std::string bytes = read_file(scratch / "whole.h5");
  for (std::size_t length = 0; length < bytes.size(); length += 997) {
    std::ofstream(scratch / "cut.h5", std::ios::binary) << bytes.substr(0, length);
    EXPECT_THROW(read_checkpoint(scratch / "cut.h5"), RunError) << "cut to " << length << " bytes";
  }
}

TEST(Checkpoint, WithOverwrittenBytesIsNoticed) {
  const Scratch scratch;
  Checkpoint written = sample(100);
  written.texts.clear();
  write_checkpoint(scratch / "whole.h5", written);
  const std::string bytes = read_file(scratch / "whole.h5");
  int refused = 0, spared = 0;
  for (std::size_t place = 0; place < bytes.size(); place += 3) {
    std::string damaged = bytes;
    damaged[place] = char(~damaged[place]);
    std::ofstream(scratch / "damaged.h5", std::ios::binary) << damaged;
    try {
      // Some bytes mean nothing (padding): then what is read is what was written.
      EXPECT_EQ(read_checkpoint(scratch / "damaged.h5"), written) << "byte " << place;
      ++spared;
    } catch (const RunError& error) {
      EXPECT_NE(std::string(error.what()).find("is damaged"), std::string::npos) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, int(100 * sizeof(double) / 3));
  EXPECT_GT(spared, 0);
}

TEST(Checkpoint, ThatStandsSurvivesAFullDisk) {
  const Scratch scratch;
  const Checkpoint good = sample(50);
  write_checkpoint(scratch / "checkpoint.h5", good);
  const std::uintmax_t needed = [&] {
    write_checkpoint(scratch / "large.h5", sample(20000));
    return std::filesystem::file_size(scratch / "large.h5");
  }();
  for (std::uintmax_t room = 0; room < needed; room += needed / 40) {
    const DiskLimit limit(room);
    EXPECT_THROW(write_checkpoint(scratch / "checkpoint.h5", sample(20000)), RunError)
        << room << " bytes of room";
  }
  EXPECT_EQ(read_checkpoint(scratch / "checkpoint.h5"), good);
  EXPECT_FALSE(std::filesystem::exists(scratch / "checkpoint.h5.partial"));
}

TEST(Checkpoint, ErrorNamesTheFileAndTheReason) {
  const Scratch scratch;
  const DiskLimit limit(4096);
  try {
    write_checkpoint(scratch / "checkpoint.h5", sample(20000));
    FAIL() << "the disk was full";
  } catch (const RunError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("checkpoint.h5"), std::string::npos) << what;
    EXPECT_NE(what.find("File too large"), std::string::npos) << what;
  }
  EXPECT_THROW(write_checkpoint(scratch / "no/such/folder/checkpoint.h5", sample(1)), RunError);
}

}  // namespace
}  // namespace fathom
