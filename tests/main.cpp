// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cstdlib>

#include "physics/field.hpp"
#include "tests/io/scratch.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // Open MPI removes its folder in /tmp when a process ends, under the feet of another that begins.
  const fathom::Scratch sessions;
  ::setenv("OMPI_MCA_orte_tmpdir_base", (sessions / "").c_str(), 1);
  Kokkos::ScopeGuard kokkos(argc, argv);
  return RUN_ALL_TESTS();
}
