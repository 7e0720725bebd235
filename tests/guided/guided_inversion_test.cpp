// SPDX-License-Identifier: BSD-3-Clause

// A user's module in an inversion.

#include <gtest/gtest.h>

#include <memory>

#include "ml/torch.hpp"
#include "solver/inversion.hpp"
#include "solver/optimizer.hpp"
#include "solver/simulation.hpp"
#include "tests/solver/small_case.hpp"

namespace fathom {
namespace {

class Petsc : public testing::Environment {
 public:
  void SetUp() override { session = std::make_unique<PetscSession>(); }
  void TearDown() override { session.reset(); }
  std::unique_ptr<PetscSession> session;
};
const auto* const petsc = testing::AddGlobalTestEnvironment(new Petsc);

/// An inversion of a small case with total variation and this guide, and what it said.
struct GuidedRun {
  std::vector<double> model;
  std::int64_t solves = 0;
  std::string said;
};

GuidedRun run_with(const std::string& guide, const std::string& module_body) {
  const Scratch scratch;
  torch::jit::Module module("guide");
  module.define("def forward(self, x):\n" + module_body);
  module.save(scratch / "guide.pt");
  const Case the_case = load_text(
      scratch,
      changed(sound_case,
              {{"    width: 34\n", "    width: 12\n"},
               {"    width: 60\n", "    width: 12\n"},
               {"    count: 5\n", "    count: 3\n"},
               {"spacing: 10\nsurvey", "spacing: 12.5\nsurvey"},
               {"inversion:\n",
                "inversion:\n  regularizer:\n    kind: total_variation\n    guards: {mode: off}\n    "
                "guide: {" +
                    guide + "}\n"}}));
  Communicator alone;
  GuidedRun run;
  InversionObserver observer;
  observer.say = [&](const std::string& line) { run.said += line + "\n"; };
  const InversionResult result = Inversion(the_case, alone, simulate(the_case, alone), observer).run({});
  run.model = to_host(result.model.at("vp"));
  run.solves = result.pde_solves;
  return run;
}

const std::string kept = "  z = x[:, 0:1] * 0\n";

// These two believe the guide, so that it alone makes the difference: guarded_inversion_test.cpp has the
// guards.

TEST(GuidedInversion, IsThatWithoutAGuideBitByBitWhenTheModuleSaysNothing) {
  // No edge anywhere: Theta = 1; no confidence: P = 0.
  const GuidedRun silent =
      run_with("kind: torchscript, file: guide.pt", kept + "  return torch.cat([z, z, z, z, z, z], 1)\n");
  const GuidedRun unguided = run_with("kind: none", kept + "  return z\n");
  EXPECT_EQ(silent.model, unguided.model);
  EXPECT_EQ(silent.solves, unguided.solves)
      << "the depth image and the gradient of a stage's start are needed anyway";
  const GuidedRun steered = run_with("kind: torchscript, file: guide.pt",
                                     kept + "  return torch.cat([z, z, z + 0.5, z, z + 1, z + 1], 1)\n");
  EXPECT_NE(steered.model, unguided.model);
}

TEST(GuidedInversion, GoesOnUnguidedWithAWarningWhenTheModuleFails) {
  // Right for the images it is tried on, not for those of the case.
  const std::string moody =
      "  z = x[:, 0:1] * 0\n  if x.size(2) > 64:\n    z = z / 0\n  return torch.cat([z, "
      "z, z, z, z, z], 1)\n";
  const GuidedRun failed = run_with("kind: torchscript, file: guide.pt", moody);
  EXPECT_NE(failed.said.find("warning: the guide says nothing: the network answers"), std::string::npos)
      << failed.said;
  EXPECT_EQ(failed.model, run_with("kind: none", moody).model);
}

}  // namespace
}  // namespace fathom
