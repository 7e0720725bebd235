// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include "physics/field.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  Kokkos::ScopeGuard kokkos(argc, argv);
  return RUN_ALL_TESTS();
}
