// SPDX-License-Identifier: BSD-3-Clause

// Guides that a user wrote in TorchScript: modules are written here, and read as fathom reads them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "ml/learned_guide.hpp"
#include "ml/network_contract.hpp"
#include "ml/torch.hpp"
#include "physics/denormals.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {
namespace {

/// Writes a module whose forward(x) has this body.
std::string write_module(const std::string& path, const std::string& body) {
  torch::jit::Module module("guide");
  module.register_parameter("weight", at::full({1}, 0.5), false);
  module.define("def forward(self, x):\n" + body);
  module.save(path);
  return path;
}

const std::string good =
    "  v = x[:, 0:1]\n"
    "  edge = torch.sigmoid(x[:, 2:3])\n"
    "  return torch.cat([self.weight * v, v - v, edge, v - v, v - v + 1, edge], 1)\n";

Images some_inputs(int nx, int nz) {
  Images inputs(input_channels, nx, nz);
  for (std::size_t i = 0; i < inputs.values.size(); ++i) inputs.values[i] = std::sin(0.37f * float(i));
  return inputs;
}

TEST(TorchScript, AppliesTheModuleThatIsInTheFile) {
  const Scratch scratch;
  const auto network = learner().load_script(write_module(scratch / "good.pt", good));
  const Images inputs = some_inputs(40, 33), answer = ask(*network, inputs);
  ASSERT_EQ(answer.channels, int(output_channels));
  for (int ix = 0; ix < 40; ++ix)
    for (int iz = 0; iz < 33; ++iz) {
      EXPECT_EQ(answer.at(output_residual, ix, iz), 0.5f * inputs.at(0, ix, iz));
      EXPECT_NEAR(answer.at(output_edge, ix, iz), 1 / (1 + std::exp(-inputs.at(2, ix, iz))), 1e-6);
    }
}

TEST(TorchScript, PullsAChangeOfTheAnswerBackToTheQuestion) {
  const Scratch scratch;
  const auto network = learner().load_script(write_module(scratch / "good.pt", good));
  const Images inputs = some_inputs(40, 33);
  Images change(output_channels, 40, 33);
  for (std::size_t cell = 0; cell < change.cells(); ++cell)
    change.channel(output_residual)[cell] = std::cos(0.2f * float(cell));
  const Images pull = pull_back(*network, inputs, change);
  ASSERT_EQ(pull.channels, int(input_channels));
  for (std::size_t cell = 0; cell < pull.cells(); ++cell) {
    EXPECT_EQ(pull.channel(0)[cell], 0.5f * change.channel(output_residual)[cell]);
    EXPECT_EQ(pull.channel(2)[cell], 0);
  }
}

TEST(TorchScript, LeavesTheProcessorsTreatmentOfSubnormalsAsItWas) {
  const Scratch scratch;
  const std::string path = write_module(scratch / "good.pt", good);
  const volatile float tiny = 1e-39f;
  const auto kept = [&] { return tiny * 1.f != 0; };
  {
    const FlushDenormals flush;
    ask(*learner().load_script(path), some_inputs(32, 32));
    EXPECT_FALSE(kept());
  }
  ask(*learner().load_script(path), some_inputs(32, 32));
  EXPECT_TRUE(kept());
}

TEST(TorchScript, WorksOnOneThread) {
  learner();
  EXPECT_EQ(at::get_num_threads(), 1);
}

std::string reason_against(const std::string& path) {
  try {
    learned_guides().make("torchscript", {{}, path, {}});
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

TEST(TorchScript, IsTriedWhenItIsLoaded) {
  const Scratch scratch;
  EXPECT_EQ(reason_against(write_module(scratch / "good.pt", good)), "");
  const std::vector<std::pair<std::string, std::string>> bad{
      {"  return x\n", "9 channels"},
      {"  return x[:, 0:6] + 3\n", "probability"},
      {"  return x[:, 0:6] / 0\n", "not finite"},
      {"  return (x, x)\n", "Tensor"},
      {"  return torch.rand_like(x[:, 0:6])\n", "differently"},
      {"  return torch.cat([x, torch.zeros([1, 1, 7, 7])], 1)\n", "Sizes of tensors"}};
  for (const auto& [body, word] : bad) {
    const std::string reason = reason_against(write_module(scratch / "bad.pt", body));
    EXPECT_NE(reason.find(word), std::string::npos) << word << " in: " << reason;
    EXPECT_NE(reason.find("remedy"), std::string::npos) << reason;
  }
}

TEST(TorchScript, RefusesFilesThatAreNone) {
  const Scratch scratch;
  std::ofstream(scratch / "text.pt") << "this is no module";
  for (const std::string name : {"text.pt", "absent.pt"}) {
    const std::string reason = reason_against(scratch / name);
    EXPECT_NE(reason.find("is not a TorchScript module"), std::string::npos) << reason;
    EXPECT_EQ(std::count(reason.begin(), reason.end(), '\n'), 1) << reason;
  }
}

}  // namespace
}  // namespace fathom
