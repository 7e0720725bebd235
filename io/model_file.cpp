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

/// Where a property stands once more with x fastest, as display programs want it.
std::string displayed(const std::string& group, const std::string& property) {
  return "/display" + group + "/" + property;
}

/// From [x, y, z] to [z, y, x].
std::vector<Real> transposed(const std::vector<double>& values, const Grid& grid) {
  const auto [nx, ny, nz] = grid.size;
  std::vector<Real> turned(values.size());
  std::size_t cell = 0;
  for (int ix = 0; ix < nx; ++ix)
    for (int iy = 0; iy < ny; ++iy)
      for (int iz = 0; iz < nz; ++iz) turned[(std::size_t(iz) * ny + iy) * nx + ix] = Real(values[cell++]);
  return turned;
}

void write_for_display(Hdf5File& file, const std::string& group, const Model& model) {
  const auto& size = model.grid.size;
  for (const auto& [property, field] : model.properties) {
    const std::string dataset = displayed(group, property);
    file.write(dataset, {size.rbegin(), size.rend()}, transposed(to_host(field), model.grid));
    file.set_attribute(dataset, "axes", "z,y,x");
    file.set_attribute(dataset, "units", unit_of(property));
  }
}

void write_groups(const std::string& path, const ModelGroups& models, bool for_display) {
  const std::size_t copies = for_display ? 2 : 1;
  std::size_t bytes = 0, datasets = 0;
  for (const auto& [group, model] : models) {
    bytes += copies * model->grid.cells() * model->properties.size() * sizeof(Real);
    datasets += copies * model->properties.size();
  }
  PendingFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), bytes, datasets);
  for (const auto& [group, model] : models) {
    write_model_group(file, group, *model);
    if (for_display) write_for_display(file, group, *model);
  }
  file.close();
  pending.commit();
}

/// A uniform grid of XDMF. Everything there goes from the slowest axis of an array to the fastest, and the
/// fastest is what is drawn along x: z, y, x. A section is a grid with one point along y.
std::string xdmf_grid(const std::string& file, const std::string& group, const Model& model) {
  const auto backwards = [](const auto& values) {
    return fmt::format("{} {} {}", values[2], values[1], values[0]);
  };
  const Grid& grid = model.grid;
  std::string xml = fmt::format("  <Grid Name=\"{}\" GridType=\"Uniform\">\n", group);
  xml +=
      fmt::format("   <Topology TopologyType=\"3DCORECTMesh\" Dimensions=\"{}\"/>\n", backwards(grid.size));
  xml += "   <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n";
  for (const auto& values : {grid.origin, grid.spacing})
    xml += fmt::format(
        "    <DataItem Format=\"XML\" NumberType=\"Float\" Precision=\"8\" Dimensions=\"3\">{}</DataItem>\n",
        backwards(values));
  xml += "   </Geometry>\n";
  for (const auto& [property, field] : model.properties)
    xml += fmt::format(
        "   <Attribute Name=\"{}\" AttributeType=\"Scalar\" Center=\"Node\">\n"
        "    <DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"{}\" "
        "Dimensions=\"{}\">{}:{}</DataItem>\n"
        "   </Attribute>\n",
        property, sizeof(Real), backwards(grid.size), file, displayed(group, property));
  return xml + "  </Grid>\n";
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
  write_groups(path, models, false);
}

void write_models_for_display(const std::string& path, const ModelGroups& models) {
  write_groups(path, models, true);
  std::string xml = "<?xml version=\"1.0\"?>\n<Xdmf Version=\"2.0\">\n <Domain>\n";
  for (const auto& [group, model] : models)
    xml += xdmf_grid(fs::path(path).filename().string(), group, *model);
  xml += " </Domain>\n</Xdmf>\n";
  write_file_atomically(fs::path(path).replace_extension(".xdmf").string(), xml);
}

}  // namespace fathom
