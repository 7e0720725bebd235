// SPDX-License-Identifier: BSD-3-Clause
#include "io/model_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "io/atomic_file.hpp"
#include "io/raw_model.hpp"
#include "physics/error.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {
namespace {

Model sample(const Grid& grid, const std::vector<std::string>& properties = {"vp"}) {
  Model model{grid, {}};
  for (const std::string& property : properties) {
    std::vector<double> values(grid.cells());
    for (std::size_t cell = 0; cell < values.size(); ++cell) values[cell] = 1500 + 10 * double(cell);
    model[property] = make_field(property, grid);
    from_host(values, model[property]);
  }
  return model;
}

const Grid grid_3d{{4, 3, 5}, {10, 20, 5}, {100.1, -7, 30}};

void expect_same(const Model& read, const Model& written) {
  EXPECT_EQ(read.grid, written.grid);
  ASSERT_EQ(read.properties.size(), written.properties.size());
  for (const auto& [name, field] : written.properties)
    EXPECT_EQ(to_host(read.at(name)), to_host(field)) << name;
}

/// The message of the UserError that reading ends in.
template <class Action>
std::string mistake(Action action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no UserError";
  return {};
}

void expect_mention(const std::string& message, const std::string& words) {
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

void write_text(const std::string& path, const std::string& text) {
  write_file_atomically(path, text);
}

TEST(ModelFile, ComesBackFromRawAndFromHdf5) {
  const Scratch scratch;
  for (const Grid& grid : {grid_3d, grid_2d(6, 4, 12.5, -50, 10)})
    for (const char* name : {"vp.f32", "rho_25m.f32", "model.h5"}) {
      const Model written = sample(grid, {std::string(name).starts_with("rho") ? "rho" : "vp"});
      write_model(scratch / name, written);
      expect_same(read_model(scratch / name), written);
      std::filesystem::remove(scratch / name);
    }
}

TEST(ModelFile, WithoutExtensionIsFoundInEitherFormat) {
  const Scratch scratch;
  const Model written = sample(grid_2d(3, 4, 10));
  write_model(scratch / "a.f32", written);
  write_model(scratch / "b_2.5m.h5", written);
  expect_same(read_model(scratch / "a"), written);
  expect_same(read_model(scratch / "a.json"), written);
  expect_same(read_model(scratch / "b_2.5m"), written);
  EXPECT_THROW(read_model(scratch / "c"), UserError);
  EXPECT_THROW(write_model(scratch / "a.png", written), UserError);
}

TEST(ModelFile, OfSeveralPropertiesNeedsHdf5) {
  const Scratch scratch;
  const Model written = sample(grid_3d, {"vp", "rho", "epsilon"});
  EXPECT_THROW(write_model(scratch / "model.f32", written), UserError);
  write_model(scratch / "model.h5", written);
  expect_same(read_model(scratch / "model.h5"), written);
}

TEST(ModelFile, ReadsTheSmallestSidecar) {
  const Scratch scratch;
  const std::vector<float> values{1500, 1600, 1700, 1800, 1900, 2000};
  write_text(scratch / "m.f32", std::string(reinterpret_cast<const char*>(values.data()), 24));
  write_text(scratch / "m.json", R"({"nx": 2, "nz": 3, "dx": 10, "dz": 5})");
  const Model model = read_model(scratch / "m.f32");
  EXPECT_EQ(model.grid, (Grid{{2, 1, 3}, {10, 10, 5}, {0, 0, 0}}));
  EXPECT_EQ(to_host(model.at("vp")), std::vector<double>(values.begin(), values.end()));
}

TEST(ModelFile, RejectsARawFileThatIsDamaged) {
  const Scratch scratch;
  const Grid grid = grid_2d(6, 4, 10);
  write_model(scratch / "m.f32", sample(grid));
  const std::string bytes = read_file(scratch / "m.f32");

  write_text(scratch / "m.f32", bytes.substr(0, 95));
  expect_mention(mistake([&] { read_model(scratch / "m"); }), "95 bytes");

  std::string flipped = bytes;
  flipped[17] = char(flipped[17] ^ 1);
  write_text(scratch / "m.f32", flipped);
  expect_mention(mistake([&] { read_model(scratch / "m"); }), "sha256");

  std::filesystem::remove(scratch / "m.json");
  expect_mention(mistake([&] { read_model(scratch / "m"); }), "sidecar");
}

TEST(ModelFile, RejectsASidecarThatIsWrong) {
  const Scratch scratch;
  write_text(scratch / "m.f32", std::string(24, '\0'));
  for (const char* sidecar :
       {"{", "[]", "{}", R"({"nx": 2, "nz": 3, "dx": 10})", R"({"nx": 2, "nz": 3, "dx": 10, "dz": -1})",
        R"({"nx": "2", "nz": 3, "dx": 10, "dz": 5})", R"({"nx": 2.5, "nz": 3, "dx": 10, "dz": 5})",
        R"({"nx": 0, "nz": 3, "dx": 10, "dz": 5})",
        R"({"nx": 2, "nz": 3, "dx": 10, "dz": 5, "origin": [0, 0]})",
        R"({"nx": 2, "nz": 3, "dx": 10, "dz": 5, "dtype": "float64"})",
        R"({"nx": 2, "nz": 3, "dx": 10, "dz": 5, "value_units": "km/s"})",
        R"({"nx": 2000000000, "ny": 2000000000, "nz": 2000000000, "dx": 10, "dz": 5})"}) {
    write_text(scratch / "m.json", sidecar);
    expect_mention(mistake([&] { read_model(scratch / "m"); }), "remedy");
  }
}

TEST(ModelFile, RejectsAValueThatIsNotFiniteAndNamesItsCell) {
  const Scratch scratch;
  const Grid grid{{4, 3, 5}, {10, 10, 10}, {0, 0, 0}};
  for (const double wrong :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    Model model = sample(grid);
    std::vector<double> values = to_host(model.at("vp"));
    values[(2 * 3 + 1) * 5 + 4] = wrong;
    from_host(values, model.at("vp"));
    for (const char* name : {"m.f32", "m.h5"}) {
      write_model(scratch / name, model);
      expect_mention(mistake([&] { read_model(scratch / name); }), "ix = 2, iy = 1, iz = 4");
    }
  }
}

TEST(ModelFile, HoldsSeveralModelsByGroup) {
  const Scratch scratch;
  const Model coarse = sample(grid_2d(3, 4, 20)), fine = sample(grid_2d(5, 7, 10), {"vp", "rho"});
  write_models(scratch / "models.h5", {{"/true", &fine}, {"/model", &coarse}, {"/stages/00", &coarse}});
  expect_same(read_model_group(scratch / "models.h5", "/true"), fine);
  expect_same(read_model_group(scratch / "models.h5", "/stages/00"), coarse);
  expect_same(read_model(scratch / "models"), coarse);
  expect_mention(mistake([&] { read_model_group(scratch / "models.h5", "/start"); }), "true");
  EXPECT_THROW(read_model_group(scratch / "models.h5", "/stages"), UserError);
}

TEST(ModelFile, InTwoDimensionsMayComeFromElsewhere) {
  const Scratch scratch;
  Hdf5File file = Hdf5File::create(scratch / "m.h5");
  file.write("/model/vp", {2, 3}, std::vector<double>{1, 2, 3, 4, 5, 6});
  file.set_attribute("/model", "spacing", std::vector<double>{10, 5});
  file.close();
  EXPECT_EQ(read_model(scratch / "m.h5").grid, (Grid{{2, 1, 3}, {10, 10, 5}, {0, 0, 0}}));
}

TEST(ModelFile, RejectsHdf5OfAnotherLayout) {
  const Scratch scratch;
  const auto write = [&](const std::string& axes, const std::vector<double>& spacing,
                         const std::string& units) {
    Hdf5File file = Hdf5File::create(scratch / "m.h5");
    file.write("/model/vp", {2, 1, 3}, std::vector<double>(6, 1500.));
    if (!axes.empty()) file.set_attribute("/model/vp", "axes", axes);
    if (!spacing.empty()) file.set_attribute("/model/vp", "spacing", spacing);
    file.set_attribute("/model/vp", "units", units);
    file.close();
  };
  write("z,y,x", {10, 10, 10}, "m/s");
  expect_mention(mistake([&] { read_model(scratch / "m.h5"); }), "axes");
  write("x,y,z", {}, "m/s");
  expect_mention(mistake([&] { read_model(scratch / "m.h5"); }), "spacing");
  write("x,y,z", {10, 0, 10}, "m/s");
  expect_mention(mistake([&] { read_model(scratch / "m.h5"); }), "spacing");
  write("x,y,z", {10, 10, 10}, "km/s");
  expect_mention(mistake([&] { read_model(scratch / "m.h5"); }), "km/s");
}

TEST(ModelFile, RejectsHdf5ThatIsTruncated) {
  const Scratch scratch;
  write_model(scratch / "m.h5", sample(grid_3d));
  const std::string bytes = read_file(scratch / "m.h5");
  for (std::size_t length = 0; length < bytes.size(); length += 101) {
    write_text(scratch / "cut.h5", bytes.substr(0, length));
    EXPECT_THROW(read_model(scratch / "cut.h5"), UserError) << length;
  }
}

TEST(ModelFile, ThatStandsSurvivesAFullDisk) {
  const Scratch scratch;
  const Model good = sample(grid_2d(3, 4, 10)), large = sample(grid_2d(100, 80, 10));
  for (const char* name : {"m.h5", "m.f32"}) {
    write_model(scratch / name, good);
    {
      const DiskLimit limit(10000);
      EXPECT_THROW(write_model(scratch / name, large), RunError);
    }
    expect_same(read_model(scratch / name), good);
    std::filesystem::remove(scratch / name);
  }
}

TEST(ModelFile, HasAnXdmfSidecarWithTheSlowestAxisFirst) {
  const Scratch scratch;
  const Model solid = sample(grid_3d), flat = sample(grid_2d(6, 4, 12.5, 1, 2));
  write_models_for_display(scratch / "models.h5", {{"/model", &solid}, {"/stages/00", &flat}});
  const std::string xml = read_file(scratch / "models.xdmf");
  for (const char* part :
       {R"(TopologyType="3DCORECTMesh" Dimensions="5 3 4")", ">30 -7 100.1<", ">5 20 10<",
        ">models.h5:/display/model/vp<", R"(TopologyType="3DCORECTMesh" Dimensions="4 1 6")", ">2 0 1<",
        ">12.5 12.5 12.5<", ">models.h5:/display/stages/00/vp<"})
    expect_mention(xml, part);
}

TEST(ModelFile, HoldsWhatIsDisplayedWithXFastest) {
  const Scratch scratch;
  const Model model = sample(grid_3d);
  write_models_for_display(scratch / "models.h5", {{"/model", &model}});
  const Hdf5File file = Hdf5File::open(scratch / "models.h5");
  const auto [nx, ny, nz] = grid_3d.size;
  ASSERT_EQ(file.dimensions("/display/model/vp"),
            (Hdf5File::Dimensions{std::size_t(nz), std::size_t(ny), std::size_t(nx)}));
  const std::vector<double> shown = file.read<double>("/display/model/vp"), vp = to_host(model.at("vp"));
  for (int ix = 0; ix < nx; ++ix)
    for (int iy = 0; iy < ny; ++iy)
      for (int iz = 0; iz < nz; ++iz)
        ASSERT_EQ(shown[(iz * ny + iy) * nx + ix], vp[(ix * ny + iy) * nz + iz]);
  EXPECT_EQ(read_model(scratch / "models.h5").grid, grid_3d);
}

TEST(DataSearch, TakesAnExistingPathAsItIs) {
  const Scratch scratch;
  write_model(scratch / "vp.f32", sample(grid_2d(3, 4, 10)));
  EXPECT_EQ(find_data(scratch / "vp.f32", ""), scratch / "vp.f32");
  EXPECT_EQ(find_data(scratch / "vp", ""), scratch / "vp.f32");
}

TEST(DataSearch, LooksUnderTheOptionFirstAndThenUnderTheVariable) {
  const Scratch first, second;
  for (const Scratch* place : {&first, &second}) {
    std::filesystem::create_directory(*place / "set");
    write_model(*place / "set/vp_7m.h5", sample(grid_2d(3, 4, 7)));
  }
  ::setenv("FATHOM_DATA", (second / "").c_str(), 1);
  EXPECT_EQ(find_data("set/vp_7m", first / ""), first / "set/vp_7m.h5");
  EXPECT_EQ(find_data("set/vp_7m", ""), second / "set/vp_7m.h5");
  expect_mention(mistake([&] { find_data("set/vp_6m", ""); }), "did you mean \"set/vp_7m\"");
  ::unsetenv("FATHOM_DATA");
  EXPECT_THROW(find_data("set/vp_7m", ""), UserError);
}

TEST(DataSearch, TellsWhatIsMissingAndWhereItComesFrom) {
  const std::string message = mistake([] { find_data("marmousi2/vp_3m", "/no/such/folder"); });
  expect_mention(message, "/no/such/folder");
  expect_mention(message, "University of Houston");
  expect_mention(message, "https://wiki.seg.org/wiki/AGL_Elastic_Marmousi");
  expect_mention(message, "CC BY 4.0");
  expect_mention(mistake([] { find_data("overthrust", ""); }), "SEG/EAGE");
}

}  // namespace
}  // namespace fathom
