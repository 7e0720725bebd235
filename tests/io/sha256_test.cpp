// SPDX-License-Identifier: BSD-3-Clause
#include "io/sha256.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace fathom {
namespace {

TEST(Sha256, MatchesTheVectorsOfFips180) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(
      sha256(
          "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
          "mnopqrstnopqrstu"),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
  std::string bytes;
  for (int i = 0; i < 517; ++i) bytes += char(i * 31);
  for (const std::size_t piece : {1, 3, 55, 56, 63, 64, 65, 128, 500}) {
    Sha256 digest;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      digest.update(bytes.data() + at, std::min(piece, bytes.size() - at));
    EXPECT_EQ(digest.hexadecimal(), sha256(bytes)) << "in pieces of " << piece;
  }
}

}  // namespace
}  // namespace fathom
