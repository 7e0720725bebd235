// SPDX-License-Identifier: BSD-3-Clause
#include "io/guide_file.hpp"

#include <gtest/gtest.h>

#include "io/hdf5.hpp"
#include "io/model_file.hpp"
#include "physics/error.hpp"
#include "tests/io/scratch.hpp"
#include "tests/regularizers/models.hpp"

namespace fathom {
namespace {

const Grid flat{{7, 1, 5}, {10., 10., 20.}, {100., 0., 30.}};
const Grid deep{{4, 3, 5}, {10., 15., 20.}, {100., -7., 30.}};

TEST(GuideFile, GivesBackWhatWasWritten) {
  const Scratch scratch;
  for (const Grid& grid : {flat, deep}) {
    Guidance guidance = testing::rough_guidance(grid);
    guidance.reference =
        testing::sampled_field(grid, [](double x, double, double z) { return 2000 + x + z; });
    guidance.confidence = testing::sampled_field(grid, [](double x, double, double) { return x / 1000; });
    write_guidance(scratch / "guide.h5", guidance);
    const Guidance again = read_guidance(scratch / "guide.h5");
    EXPECT_EQ(again.grid, grid);
    EXPECT_EQ(to_host(again.theta), to_host(guidance.theta));
    EXPECT_EQ(to_host(again.reference), to_host(guidance.reference));
    EXPECT_EQ(to_host(again.confidence), to_host(guidance.confidence));
    for (int axis = 0; axis < 3; ++axis) EXPECT_EQ(to_host(again.p[axis]), to_host(guidance.p[axis]));
  }
}

TEST(GuideFile, NeedsNoMoreThanTheta) {
  const Scratch scratch;
  write_guidance(scratch / "guide.h5", {flat, {}, {}, {}, {}});
  const Guidance again = read_guidance(scratch / "guide.h5");
  for (const double theta : to_host(again.theta)) EXPECT_EQ(theta, 1);
  EXPECT_FALSE(again.steered());
  EXPECT_EQ(again.reference.size(), 0u);
  EXPECT_EQ(again.confidence.size(), 0u);
}

std::string complaint_about(const std::string& path) {
  try {
    read_guidance(path);
  } catch (const UserError& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(GuideFile, RefusesWhatCannotBeAGuidance) {
  const Scratch scratch;
  const auto complaint_of = [&](Guidance guidance) {
    write_guidance(scratch / "guide.h5", guidance);
    return complaint_about(scratch / "guide.h5");
  };
  const auto constant = [](double value) {
    return testing::sampled_field(flat, [value](double, double, double) { return value; });
  };
  EXPECT_NE(complaint_of({flat, constant(1.5), {}, {}, {}}).find("/guide/theta holds 1.5"),
            std::string::npos);
  EXPECT_NE(complaint_of({flat, constant(0), {}, {}, {}}).find("/guide/theta holds 0"), std::string::npos);
  EXPECT_NE(complaint_of({flat, {}, {}, constant(2.5), {}}).find("between 300 and 9000"), std::string::npos);
  EXPECT_NE(complaint_of({flat, {}, {}, {}, constant(-1)}).find("/guide/confidence"), std::string::npos);
  EXPECT_NE(complaint_about(scratch / "absent.h5").find("there is no file"), std::string::npos);
  write_model(scratch / "model.h5", {flat, {{"vp", constant(2000)}}});
  EXPECT_NE(complaint_about(scratch / "model.h5").find("has no group /guide"), std::string::npos);

  Hdf5File file = Hdf5File::create(scratch / "small.h5");
  file.write<double>("/guide/theta", {7, 1, 5}, std::vector<double>(35, 1.));
  file.set_attribute("/guide/theta", "spacing", std::vector<double>{10, 10, 20});
  file.write<double>("/guide/p", {7, 1, 5, 2}, std::vector<double>(70, 0.));
  file.close();
  EXPECT_NE(complaint_about(scratch / "small.h5").find("three components"), std::string::npos);
}

}  // namespace
}  // namespace fathom
