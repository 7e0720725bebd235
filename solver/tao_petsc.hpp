// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// PETSc as the solver's tao_*.cpp files use it: handles that destroy, errors that throw. Not for others.

#include <petsctao.h>

#include <memory>
#include <type_traits>
#include <vector>

namespace fathom {

/// Throws RunError with what PETSc complained of.
void check_petsc(PetscErrorCode code);

struct TaoCloser {
  void operator()(Tao tao) const { TaoDestroy(&tao); }
};
struct VecCloser {
  void operator()(Vec vec) const { VecDestroy(&vec); }
};
using TaoHandle = std::unique_ptr<std::remove_pointer_t<Tao>, TaoCloser>;
using VecHandle = std::unique_ptr<std::remove_pointer_t<Vec>, VecCloser>;

/// to = factor * from.
PetscErrorCode write_vec(const std::vector<double>& from, double factor, Vec to);
std::vector<double> read_vec(Vec from);
VecHandle make_vec(const std::vector<double>& values);

/// What PetscSession registers with TAO, each beside what it registers.
void register_line_search();
void register_proximal();
void register_adam();

}  // namespace fathom
