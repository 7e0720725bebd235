// SPDX-License-Identifier: BSD-3-Clause
#include "io/guide_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/atomic_file.hpp"
#include "io/model_file.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr const char* group = "/guide";

/// The field of that name, if there is one, with every value in a range.
Field take(const Model& fields, const std::string& name, double low, double high, const std::string& path) {
  const auto found = fields.properties.find(name);
  if (found == fields.properties.end()) return {};
  for (const double value : to_host(found->second))
    if (!(value >= low && value <= high))
      throw UserError(fmt::format("{}: {}/{} holds {:.6g}", path, group, name, value),
                      fmt::format("keep its values between {:g} and {:g}", low, high));
  return found->second;
}

VectorField read_steering(const Hdf5File& file, const Grid& grid, const std::string& path) {
  const std::string name = std::string(group) + "/p";
  const std::vector<double> all = file.read<double>(name);
  if (all.size() != 3 * grid.cells() || file.dimensions(name).back() != 3)
    throw UserError(
        fmt::format("{}: {} does not have three components a cell of {}/theta", path, name, group),
        "store it as [x, y, z, component] on the same grid");
  VectorField p = make_vector_field("given steering", grid);
  for (int axis = 0; axis < 3; ++axis) {
    std::vector<double> component(grid.cells());
    for (std::size_t cell = 0; cell < component.size(); ++cell) component[cell] = all[3 * cell + axis];
    if (!std::all_of(component.begin(), component.end(), [](double value) { return std::isfinite(value); }))
      throw UserError(fmt::format("{}: {} holds a value that is not finite", path, name), "repair the file");
    from_host(component, p[axis]);
  }
  return p;
}

}  // namespace

Guidance read_guidance(const std::string& path) {
  const Model fields = read_model_group(path, group, {"theta", "reference", "confidence"});
  if (!fields.properties.count("theta"))
    throw UserError(path + " has no /guide/theta", "store it: 1 where nothing is known of edges");
  Guidance guidance;
  guidance.grid = fields.grid;
  guidance.theta = take(fields, "theta", 1e-6, 1, path);
  guidance.reference = take(fields, "reference", 300, 9000, path);
  guidance.confidence = take(fields, "confidence", 0, 1, path);
  const Hdf5File file = Hdf5File::open(path);
  if (file.exists(std::string(group) + "/p")) guidance.p = read_steering(file, guidance.grid, path);
  return guidance;
}

void write_guidance(const std::string& path, const Guidance& guidance) {
  const Grid& grid = guidance.grid;
  PendingFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), 6 * grid.cells() * sizeof(Real), 4);
  const auto list = [](const std::array<double, 3>& values) {
    return std::vector<double>(values.begin(), values.end());
  };
  const auto write = [&](const std::string& name, Hdf5File::Dimensions dimensions,
                         const std::vector<double>& values, const std::string& axes,
                         const std::string& units) {
    const std::string dataset = std::string(group) + "/" + name;
    file.write(dataset, dimensions, std::vector<Real>(values.begin(), values.end()));
    file.set_attribute(dataset, "origin", list(grid.origin));
    file.set_attribute(dataset, "spacing", list(grid.spacing));
    file.set_attribute(dataset, "axes", axes);
    file.set_attribute(dataset, "units", units);
  };
  Hdf5File::Dimensions size(grid.size.begin(), grid.size.end());
  write("theta", size, guidance.weighted() ? to_host(guidance.theta) : std::vector<double>(grid.cells(), 1.),
        "x,y,z", "1");
  if (guidance.reference.size() > 0) write("reference", size, to_host(guidance.reference), "x,y,z", "m/s");
  if (guidance.confidence.size() > 0) write("confidence", size, to_host(guidance.confidence), "x,y,z", "1");
  if (guidance.steered()) {
    std::vector<double> all(3 * grid.cells());
    for (int axis = 0; axis < 3; ++axis) {
      const std::vector<double> component = to_host(guidance.p[axis]);
      for (std::size_t cell = 0; cell < component.size(); ++cell) all[3 * cell + axis] = component[cell];
    }
    size.push_back(3);
    write("p", size, all, "x,y,z,component", "1");
  }
  file.close();
  pending.commit();
}

}  // namespace fathom
