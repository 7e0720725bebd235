// SPDX-License-Identifier: BSD-3-Clause
#include "io/raw_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "io/atomic_file.hpp"
#include "io/sha256.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "raw models are copied from memory as they are");

std::string sidecar_of(const std::string& path) {
  return std::filesystem::path(path).replace_extension(".json").string();
}

Json read_sidecar(const std::string& path) {
  if (!std::filesystem::is_regular_file(path))
    throw UserError("there is no sidecar " + path + " that tells the grid of the raw model",
                    R"(write one: {"nx": 200, "nz": 100, "dx": 10, "dz": 10}, spacings in m)");
  try {
    Json sidecar = Json::parse(read_file(path));
    if (!sidecar.is_object())
      throw UserError(path + " is not a JSON object", R"(it should look like {"nx": 200, ...})");
    return sidecar;
  } catch (const Json::exception& error) {
    throw UserError(fmt::format("{} is not valid JSON: {}", path, error.what()), "correct it");
  }
}

/// Points or spacing along an axis: a positive number.
template <class T>
T positive(const Json& sidecar, const std::string& key, const std::string& path,
           const T* fallback = nullptr) {
  if (!sidecar.contains(key) && fallback) return *fallback;
  const Json value = sidecar.value(key, Json());
  const bool right_type = std::is_integral_v<T> ? value.is_number_integer() : value.is_number();
  if (!right_type || !(value.get<double>() > 0) || value.get<double>() > 2e9)
    throw UserError(fmt::format("{}: {} is {}", path, key, value.is_null() ? "missing" : value.dump()),
                    fmt::format("give {} as a positive {}", key,
                                std::is_integral_v<T> ? "whole number of points" : "spacing in m"));
  return value.get<T>();
}

Grid read_grid(const Json& sidecar, const std::string& path) {
  Grid grid;
  const int one = 1;
  grid.size = {positive<int>(sidecar, "nx", path), positive<int>(sidecar, "ny", path, &one),
               positive<int>(sidecar, "nz", path)};
  const double dx = positive<double>(sidecar, "dx", path);
  grid.spacing = {dx, positive<double>(sidecar, "dy", path, &dx), positive<double>(sidecar, "dz", path)};
  if (sidecar.contains("origin")) {
    const Json& origin = sidecar["origin"];
    if (!origin.is_array() || origin.size() != 3 ||
        !std::all_of(origin.begin(), origin.end(), [](const Json& value) { return value.is_number(); }))
      throw UserError(fmt::format("{}: origin is {}", path, origin.dump()),
                      "give the origin as [x, y, z] in m");
    grid.origin = origin.get<std::array<double, 3>>();
  }
  return grid;
}

std::string text(const Json& sidecar, const std::string& key) {
  const Json value = sidecar.value(key, Json());
  return value.is_string() ? value.get<std::string>() : "";
}

std::string property_of(const Json& sidecar, const std::string& path) {
  const std::string told = text(sidecar, "property");
  if (!told.empty()) return told;
  const std::string stem = std::filesystem::path(path).stem().string();
  const std::string first = stem.substr(0, stem.find('_'));
  return unit_of(first).empty() ? "vp" : first;
}

}  // namespace

std::string unit_of(const std::string& property) {
  static const std::map<std::string, std::string> units = {
      {"vp", "m/s"}, {"vs", "m/s"}, {"rho", "kg/m3"}, {"epsilon", "1"}, {"delta", "1"}, {"theta", "rad"}};
  const auto known = units.find(property);
  return known == units.end() ? "" : known->second;
}

void check_property(const std::string& path, const std::string& property, const std::string& units,
                    const Grid& grid, const std::vector<double>& values) {
  if (unit_of(property) == "m/s" && !units.empty() && units != "m/s")
    throw UserError(fmt::format("{}: {} is in {}", path, property, units), "convert it to m/s");
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    if (std::isfinite(Real(values[cell]))) continue;
    const std::size_t nz = grid.size[2], ny = grid.size[1];
    throw UserError(fmt::format("{}: {} is {} in cell ix = {}, iy = {}, iz = {}", path, property,
                                values[cell], cell / nz / ny, cell / nz % ny, cell % nz),
                    "every cell needs a finite value: repair the file");
  }
}

Model read_raw_model(const std::string& path) {
  const std::string sidecar_path = sidecar_of(path);
  const Json sidecar = read_sidecar(sidecar_path);
  const std::string type = text(sidecar, "dtype");
  if (!type.empty() && (!type.starts_with("float32") || type.find("big") != std::string::npos))
    throw UserError(fmt::format("{}: dtype is \"{}\"", sidecar_path, type),
                    "raw models are float32, little-endian: convert the file");
  const Grid grid = read_grid(sidecar, sidecar_path);
  if (!std::filesystem::is_regular_file(path))
    throw UserError("there is no file " + path + " beside its sidecar", "copy it there");
  const std::uintmax_t size = std::filesystem::file_size(path);
  const double expected = double(grid.size[0]) * grid.size[1] * grid.size[2] * sizeof(float);
  if (double(size) != expected)
    throw UserError(
        fmt::format("{} has {} bytes, but its sidecar promises {} x {} x {} values of 4 bytes: {:.0f}", path,
                    size, grid.size[0], grid.size[1], grid.size[2], expected),
        "copy the file again, or correct nx, ny, nz in " + sidecar_path);
  const std::string bytes = read_file(path);
  const std::string checksum = text(sidecar, "sha256");
  if (!checksum.empty() && checksum != sha256(bytes))
    throw UserError(
        path + " does not match the sha256 of its sidecar: it is damaged or was changed",
        "copy the file again, or remove sha256 from " + sidecar_path + " if the change was meant");

  std::vector<float> raw(grid.cells());
  std::memcpy(raw.data(), bytes.data(), bytes.size());
  const std::vector<double> values(raw.begin(), raw.end());
  const std::string property = property_of(sidecar, path);
  check_property(path, property, text(sidecar, "value_units"), grid, values);
  Model model{grid, {}};
  model[property] = make_field(property, grid);
  from_host(values, model[property]);
  return model;
}

void write_raw_model(const std::string& path, const Model& model) {
  if (model.properties.size() != 1)
    throw UserError(
        fmt::format("{} can hold one property, and the model has {}", path, model.properties.size()),
        "write it to a file with the ending .h5");
  const auto& [property, field] = *model.properties.begin();
  const std::vector<double> values = to_host(field);
  const std::vector<float> raw(values.begin(), values.end());
  std::string bytes(raw.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), raw.data(), bytes.size());

  const Grid& grid = model.grid;
  const auto [least, greatest] = std::minmax_element(raw.begin(), raw.end());
  const Json sidecar = {{"property", property},
                        {"dtype", "float32 little-endian"},
                        {"order", "C, (nx, ny, nz): x slow, z fast; z positive down"},
                        {"spacing_units", "m"},
                        {"value_units", unit_of(property)},
                        {"nx", grid.size[0]},
                        {"ny", grid.size[1]},
                        {"nz", grid.size[2]},
                        {"dx", grid.spacing[0]},
                        {"dy", grid.spacing[1]},
                        {"dz", grid.spacing[2]},
                        {"origin", grid.origin},
                        {"min", *least},
                        {"max", *greatest},
                        {"sha256", sha256(bytes)}};
  write_file_atomically(path, bytes);
  write_file_atomically(sidecar_of(path), sidecar.dump(1) + "\n");
}

}  // namespace fathom
