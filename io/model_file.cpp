// SPDX-License-Identifier: BSD-3-Clause
#include "io/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "io/atomic_file.hpp"
#include "io/raw_model.hpp"
#include "physics/error.hpp"
#include "physics/registry.hpp"

namespace fathom {
namespace {

namespace fs = std::filesystem;

bool is_hdf5_name(const fs::path& path) {
  return path.extension() == ".h5" || path.extension() == ".hdf5";
}
bool is_raw_name(const fs::path& path) {
  return path.extension() == ".f32";
}

Grid read_grid(const Hdf5File& file, const std::string& path, const std::string& group,
               const std::string& dataset) {
  // Attributes that all properties share may stand on their group.
  const auto owner = [&](const char* name) { return file.has_attribute(dataset, name) ? dataset : group; };
  const auto has = [&](const char* name) { return file.has_attribute(owner(name), name); };
  const Hdf5File::Dimensions dimensions = file.dimensions(dataset);
  const std::string expected = dimensions.size() == 2 ? "x,z" : "x,y,z";
  const std::string axes = has("axes") ? file.text_attribute(owner("axes"), "axes") : expected;
  if ((dimensions.size() != 2 && dimensions.size() != 3) || axes != expected)
    throw UserError(
        fmt::format("{}: {} has {} dimensions with axes \"{}\"", path, dataset, dimensions.size(), axes),
        "store it as [x, y, z] with axes \"x,y,z\", or as [x, z] with axes \"x,z\"");
  if (!has("spacing"))
    throw UserError(fmt::format("{}: {} has no attribute spacing", path, dataset),
                    "add it: one number an axis, m");
  std::vector<double> spacing = file.numbers_attribute(owner("spacing"), "spacing");
  std::vector<double> origin(dimensions.size(), 0.);
  if (has("origin")) origin = file.numbers_attribute(owner("origin"), "origin");
  // A 2-D section has no y of its own; it may still be told.
  if (dimensions.size() == 2 && spacing.size() == 2) spacing.insert(spacing.begin() + 1, spacing[0]);
  if (dimensions.size() == 2 && origin.size() == 2) origin.insert(origin.begin() + 1, 0.);
  if (spacing.size() != 3 || origin.size() != 3 || !(spacing[0] > 0 && spacing[1] > 0 && spacing[2] > 0))
    throw UserError(fmt::format("{}: the spacing or origin of {} is wrong", path, dataset),
                    "give one number an axis, in m, spacings positive");
  Grid grid;
  grid.size = {int(dimensions.front()), dimensions.size() == 2 ? 1 : int(dimensions[1]),
               int(dimensions.back())};
  for (int axis = 0; axis < 3; ++axis) {
    grid.spacing[axis] = spacing[axis];
    grid.origin[axis] = origin[axis];
  }
  return grid;
}

Model read_group(const Hdf5File& file, const std::string& path, const std::string& group,
                 const std::vector<std::string>& names) {
  if (!file.exists(group) || !file.is_group(group))
    throw UserError(fmt::format("{} has no group {}", path, group), "there are: " + join(file.list("/")));
  Model model;
  for (const std::string& property : file.list(group)) {
    const std::string dataset = group + "/" + property;
    if (file.is_group(dataset)) continue;
    if (!names.empty() && std::find(names.begin(), names.end(), property) == names.end()) continue;
    const Grid grid = read_grid(file, path, group, dataset);
    if (!model.properties.empty() && grid != model.grid)
      throw UserError(fmt::format("{}: {} lies on another grid than its neighbours", path, dataset),
                      "store all properties of a model on one grid");
    const std::vector<double> values = file.read<double>(dataset);
    const std::string units =
        file.has_attribute(dataset, "units") ? file.text_attribute(dataset, "units") : "";
    check_property(path, property, units, grid, values);
    model.grid = grid;
    model[property] = make_field(property, grid);
    from_host(values, model[property]);
  }
  if (model.properties.empty())
    throw UserError(fmt::format("{}: the group {} holds no property", path, group),
                    "store vp there, for one");
  return model;
}

}  // namespace

Model read_model(const std::string& path) {
  const std::optional<std::string> file = existing_data_file(path);
  if (!file)
    throw UserError("there is no model " + path,
                    "models are files with the ending .h5, or .f32 with a .json sidecar");
  if (is_raw_name(*file)) return read_raw_model(*file);
  if (is_hdf5_name(*file)) return read_model_group(*file, "/model");
  if (fs::path(*file).extension() == ".json" &&
      fs::is_regular_file(fs::path(*file).replace_extension(".f32")))
    return read_raw_model(fs::path(*file).replace_extension(".f32").string());
  throw UserError("the ending of " + *file + " does not tell its format", "models end in .h5, or .f32");
}

void write_model(const std::string& path, const Model& model) {
  if (is_raw_name(path)) return write_raw_model(path, model);
  if (is_hdf5_name(path)) return write_models(path, {{"/model", &model}});
  throw UserError("the ending of " + path + " does not tell the format to write", "end it in .h5, or .f32");
}

Model read_model_group(const std::string& path, const std::string& group,
                       const std::vector<std::string>& names) {
  if (!fs::is_regular_file(path)) throw UserError("there is no file " + path, "correct the path");
  if (!Hdf5File::is_hdf5(path))
    throw UserError(path + " is not an HDF5 file, or is damaged", "make or copy it again");
  try {
    return read_group(Hdf5File::open(path), path, group, names);
  } catch (const RunError& error) {
    throw UserError(error.what(), "the file seems damaged: make or copy it again");
  }
}

void write_model_group(Hdf5File& file, const std::string& group, const Model& model) {
  const Grid& grid = model.grid;
  const auto list = [](const std::array<double, 3>& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  for (const auto& [property, field] : model.properties) {
    const std::string dataset = group + "/" + property;
    const std::vector<double> values = to_host(field);
    file.write(dataset, {grid.size.begin(), grid.size.end()},
               std::vector<Real>(values.begin(), values.end()));
    file.set_attribute(dataset, "origin", list(grid.origin));
    file.set_attribute(dataset, "spacing", list(grid.spacing));
    file.set_attribute(dataset, "axes", "x,y,z");
    file.set_attribute(dataset, "units", unit_of(property));
  }
}

void write_models(const std::string& path, const ModelGroups& models) {
  std::size_t bytes = 0, datasets = 0;
  for (const auto& [group, model] : models) {
    bytes += model->grid.cells() * model->properties.size() * sizeof(Real);
    datasets += model->properties.size();
  }
  PendingFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), bytes, datasets);
  for (const auto& [group, model] : models) write_model_group(file, group, *model);
  file.close();
  pending.commit();
}

void write_xdmf(const std::string& h5_path, const ModelGroups& models) {
  std::string xml = "<?xml version=\"1.0\"?>\n<Xdmf Version=\"2.0\">\n <Domain>\n";
  for (const auto& [group, model] : models) {
    const Grid& grid = model->grid;
    const bool flat = grid.size[1] == 1;
    const auto per_axis = [&](const auto& values) {  // slowest first, as in the file
      return flat ? fmt::format("{} {}", values[0], values[2])
                  : fmt::format("{} {} {}", values[0], values[1], values[2]);
    };
    const auto item = [&](const std::array<double, 3>& values) {
      return fmt::format(
          "    <DataItem Format=\"XML\" NumberType=\"Float\" Precision=\"8\" "
          "Dimensions=\"{}\">{}</DataItem>\n",
          flat ? 2 : 3, per_axis(values));
    };
    xml += fmt::format("  <Grid Name=\"{}\">\n", group);
    xml += fmt::format("   <Topology TopologyType=\"{}DCORECTMesh\" Dimensions=\"{}\"/>\n", flat ? 2 : 3,
                       per_axis(grid.size));
    xml += fmt::format("   <Geometry GeometryType=\"{}\">\n", flat ? "ORIGIN_DXDY" : "ORIGIN_DXDYDZ");
    xml += item(grid.origin) + item(grid.spacing) + "   </Geometry>\n";
    for (const auto& [property, field] : model->properties)
      xml += fmt::format(
          "   <Attribute Name=\"{}\" AttributeType=\"Scalar\" Center=\"Node\">\n"
          "    <DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"{}\" "
          "Dimensions=\"{}\">{}:{}/{}</DataItem>\n"
          "   </Attribute>\n",
          property, sizeof(Real), per_axis(grid.size), fs::path(h5_path).filename().string(), group,
          property);
    xml += "  </Grid>\n";
  }
  xml += " </Domain>\n</Xdmf>\n";
  write_file_atomically(fs::path(h5_path).replace_extension(".xdmf").string(), xml);
}

}  // namespace fathom
