// SPDX-License-Identifier: BSD-3-Clause
#include "solver/density.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "physics/error.hpp"
#include "physics/wave_equation.hpp"
#include "solver/case.hpp"

namespace fathom {
namespace {

std::vector<Property> properties_of(const std::string& equation) {
  const Domain any(grid_2d(16, 16, 10), {}, 1);
  return wave_equations().make(equation, any, 2)->properties();
}

enum class Origin { file, gardner, constant };

Origin origin_of(const Model& model, const DensityOptions& options) {
  if (options.rule == "constant") return Origin::constant;
  return options.rule == "model" && model.properties.contains("rho") ? Origin::file : Origin::gardner;
}

/// 310 vp^(1/4) below the water, or a constant.
void add_density(Model& model, const DensityOptions& options) {
  std::vector<double> density = to_host(model.at("vp"));
  if (options.rule == "constant") {
    std::fill(density.begin(), density.end(), options.value);
  } else {
    const std::vector<bool> water = frozen_cells(model, {true, std::nullopt});
    for (std::size_t cell = 0; cell < density.size(); ++cell)
      density[cell] = water[cell] ? options.water : 310 * std::pow(density[cell], 0.25);
  }
  model["rho"] = make_field("rho", model.grid);
  from_host(density, model["rho"]);
}

void require_believable(const Property& property, const Model& model) {
  const std::vector<double> values = to_host(model.at(property.name));
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low >= property.min && *high <= property.max) return;
  const std::string range = fmt::format("{} runs from {:.5g} to {:.5g}", property.name, *low, *high);
  if (property.name == "rho" && *high < 20)
    throw UserError(range + ": it seems to be in g/cm^3", "multiply it by 1000: kg/m^3 is wanted");
  throw UserError(fmt::format("{}: outside {:g} to {:g} {}, or not a number", range, property.min,
                              property.max, property.unit),
                  "repair the model, or check its units: " + property.unit + " is wanted");
}

}  // namespace

void DensityOptions::describe(OptionVisitor& option) {
  option(
      "rule", rule,
      {.meaning =
           "model: the rho of the model's own file, or Gardner's relation where it has none or the start is "
           "made up; gardner: 310 vp^0.25 below the water, whatever the file says; constant: `value`",
       .choices = {"model", "gardner", "constant"}});
  option("value", value,
         {.meaning = "density for the rule `constant`", .unit = "kg/m^3", .min = 500, .max = 6000});
  option("water", water,
         {.meaning = "density of the water (cells from the top below 1510 m/s) beside Gardner's relation",
          .unit = "kg/m^3",
          .min = 500,
          .max = 2000});
}

void complete_properties(Model& model, const std::string& equation, const DensityOptions& options) {
  const std::vector<Property> wanted = properties_of(equation);
  Model complete{model.grid, {}};
  for (const Property& property : wanted) {
    if (property.name == "rho" && origin_of(model, options) != Origin::file) add_density(model, options);
    if (!model.properties.contains(property.name))
      throw UserError(fmt::format("there is no {} ({}), which the wave equation {} needs", property.name,
                                  property.unit, equation),
                      "name a model that has it, or choose another physics.equation");
    if (property.name != "vp") require_believable(property, model);
    complete[property.name] = model.at(property.name);
  }
  model = complete;
}

}  // namespace fathom
