// SPDX-License-Identifier: BSD-3-Clause
#include "solver/tao_petsc.hpp"

#include <fmt/format.h>

#include "physics/error.hpp"
#include "solver/optimizer.hpp"

namespace fathom {
namespace {

std::string& petsc_complaint() {
  static std::string complaint;
  return complaint;
}

PetscErrorCode remember_complaint(MPI_Comm, int, const char* function, const char*, PetscErrorCode code,
                                  PetscErrorType type, const char* message, void*) {
  if (type == PETSC_ERROR_INITIAL)
    petsc_complaint() = fmt::format("{}: {}", function, message ? message : "");
  return code;
}

}  // namespace

void check_petsc(PetscErrorCode code) {
  if (code) throw RunError(fmt::format("PETSc error {}: {}", static_cast<int>(code), petsc_complaint()));
}

PetscErrorCode write_vec(const std::vector<double>& from, double factor, Vec to) {
  PetscScalar* values = nullptr;
  PetscCall(VecGetArrayWrite(to, &values));
  for (std::size_t i = 0; i < from.size(); ++i) values[i] = factor * from[i];
  return VecRestoreArrayWrite(to, &values);
}

std::vector<double> read_vec(Vec from) {
  PetscInt size = 0;
  const PetscScalar* values = nullptr;
  check_petsc(VecGetLocalSize(from, &size));
  check_petsc(VecGetArrayRead(from, &values));
  std::vector<double> to(values, values + size);
  check_petsc(VecRestoreArrayRead(from, &values));
  return to;
}

VecHandle make_vec(const std::vector<double>& values) {
  Vec vec = nullptr;
  check_petsc(VecCreateSeq(PETSC_COMM_SELF, static_cast<PetscInt>(values.size()), &vec));
  VecHandle handle(vec);
  check_petsc(write_vec(values, 1, vec));
  return handle;
}

PetscSession::PetscSession() {
  PetscBool running = PETSC_FALSE;
  PetscInitialized(&running);
  if (running) return;
  static char program[] = "fathom", no_files[] = "-skip_petscrc", no_signals[] = "-no_signal_handler";
  static char* arguments[] = {program, no_files, no_signals, nullptr};
  static char** argument_list = arguments;
  static int count = 3;
  check_petsc(PetscInitialize(&count, &argument_list, nullptr, nullptr));
  owns_ = true;
  check_petsc(PetscPushErrorHandler(remember_complaint, nullptr));
  register_line_search();
  register_proximal();
  register_adam();
}

PetscSession::~PetscSession() {
  if (owns_) PetscFinalize();
}

}  // namespace fathom
