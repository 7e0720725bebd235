// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "physics/propagator.hpp"

namespace fathom::testing {

inline constexpr bool in_double = sizeof(Real) == 8;

/// Values in [-1, 1], the same on every machine.
class Noise {
 public:
  explicit Noise(unsigned seed) : engine_(seed) {}
  double operator()() { return double(engine_()) / double(engine_.max()) * 2 - 1; }
  std::vector<double> many(std::size_t count) {
    std::vector<double> values(count);
    for (double& value : values) value = (*this)();
    return values;
  }

 private:
  std::mt19937 engine_;
};

/// A small problem with everything on that may go wrong: unequal spacings, a rough model, a source inside and
/// receivers off the grid, beside the absorbing layer and on each other.
struct Problem {
  PropagatorSetup setup;
  Model model;
  Shot shot;
  std::vector<double> wavelet;
};

/// A field on the padded grid, spread into the memory of a wavefield; zero in the halo.
inline Field with_halo(const Domain& domain, const Field& padded) {
  const Field target = domain.make_wavefield(padded.label());
  const std::vector<double> values = to_host(padded);
  std::vector<double> spread(target.size(), 0.);
  const std::array<int, 3>& size = domain.padded().size;
  std::size_t next = 0;
  for (int ix = 0; ix < size[0]; ++ix)
    for (int iy = 0; iy < size[1]; ++iy)
      for (int iz = 0; iz < size[2]; ++iz) spread[std::size_t(domain.index(ix, iy, iz))] = values[next++];
  from_host(spread, target);
  return target;
}

struct Variant {
  std::string equation = "acoustic";
  int order = 8;
  bool three_d = false;
  bool free_surface = false;
};

/// Every registered wave equation in every order and dimension, with either surface.
inline std::vector<Variant> every_variant() {
  std::vector<Variant> all;
  for (const std::string& equation : wave_equations().names())
    for (const int order : {2, 4, 8})
      for (const bool three_d : {false, true})
        for (const bool free_surface : {false, true}) all.push_back({equation, order, three_d, free_surface});
  return all;
}

inline std::string name_of(const Variant& variant) {
  return variant.equation + "_order" + std::to_string(variant.order) + (variant.three_d ? "_3d" : "_2d") +
         (variant.free_surface ? "_free_surface" : "");
}

inline Model random_model(const Grid& grid, const std::vector<Property>& properties, unsigned seed) {
  Noise noise(seed);
  Model model{grid, {}};
  for (const Property& property : properties) {
    const double middle = property.name == "vp" ? 2200 : 0.5 * (property.min + property.max);
    std::vector<double> values(grid.cells());
    for (double& value : values) value = middle * (1 + 0.15 * noise());
    model[property.name] = make_field(property.name, grid);
    from_host(values, model[property.name]);
  }
  return model;
}

inline Problem small_problem(const Variant& variant, unsigned seed = 1) {
  Problem problem;
  PropagatorSetup& setup = problem.setup;
  setup.options.equation = variant.equation;
  setup.options.order = variant.order;
  setup.options.boundary.width = 6;
  setup.options.boundary.free_surface = variant.free_surface;
  setup.options.history = "full";
  setup.grid = variant.three_d ? Grid{{14, 12, 13}, {10., 11., 9.}, {100., -50., 30.}}
                               : Grid{{31, 1, 26}, {10., 10., 9.}, {100., 0., 30.}};
  setup.time = {-0.02, 0.004, variant.three_d ? 31 : 61};
  setup.fastest = 2800;
  setup.dominant_frequency = 25;
  const std::vector<Property> properties =
      wave_equations()
          .make(variant.equation, Domain(setup.grid, setup.options.boundary, variant.order / 2),
                variant.order)
          ->properties();
  problem.model = random_model(setup.grid, properties, seed);
  problem.wavelet = ricker(setup.time, 25, 0.04);
  const Grid& grid = setup.grid;
  const auto at = [&](double x, double y, double z) -> Position {
    return {grid.origin[0] + x * grid.extent(0), grid.origin[1] + y * grid.extent(1),
            grid.origin[2] + z * grid.extent(2)};
  };
  problem.shot = {7, at(0.43, 0.52, 0.31), {}};
  problem.shot.receivers = {at(0, 0, 0), at(0.61, 0.4, 0.77), at(0.62, 0.41, 0.77), at(1, 1, 1),
                            at(0.43, 0.52, 0.31)};
  return problem;
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
inline double norm(const std::vector<double>& a) {
  return std::sqrt(dot(a, a));
}

inline double dot(const Model& a, const Model& b) {
  double sum = 0;
  for (const auto& [name, field] : a.properties) sum += dot(to_host(field), to_host(b.at(name)));
  return sum;
}
inline double norm(const Model& a) {
  return std::sqrt(dot(a, a));
}

inline double relative_l2(const std::vector<double>& a, const std::vector<double>& reference) {
  double difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference += (a[i] - reference[i]) * (a[i] - reference[i]);
  return std::sqrt(difference / dot(reference, reference));
}

/// model + step * direction
inline Model moved(const Model& model, const Model& direction, double step) {
  Model result = clone(model);
  for (auto& [name, field] : result.properties) {
    std::vector<double> values = to_host(field);
    const std::vector<double> along = to_host(direction.at(name));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += step * along[i];
    from_host(values, field);
  }
  return result;
}

}  // namespace fathom::testing
