// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stage_guide.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace fathom {
namespace {

/// The fields of a guidance by the names they have in a checkpoint.
template <class G, class F>
void for_each_field(G& guidance, const F& f) {
  f("theta", guidance.theta);
  f("p_x", guidance.p.x);
  f("p_y", guidance.p.y);
  f("p_z", guidance.p.z);
  f("reference", guidance.reference);
  f("confidence", guidance.confidence);
  f("image", guidance.image);
  f("descent", guidance.descent);
  f("illumination", guidance.illumination);
}

/// Values over their largest: the program's precision may be single, and gradients are tiny.
std::vector<double> scaled_to_one(std::vector<double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  for (double& value : values) value /= largest > 0 ? largest : 1;
  return values;
}

}  // namespace

double slope_of_jump(double jump, const Grid& grid) {
  double narrowest = grid.spacing[2];
  for (int axis = 0; axis < 3; ++axis)
    if (grid.active(axis)) narrowest = std::min(narrowest, grid.spacing[axis]);
  return jump / 1000 / narrowest;
}

Guidance guidance_for(const Parameterization& parameterization, const Guidance& of_velocity) {
  return parameterization.velocity_slope(2500) > 0 ? of_velocity : for_falling_parameter(of_velocity);
}

namespace {

/// A denoiser of velocities, for a parameter in units of `unit`.
class ParameterDenoiser final : public Denoiser {
 public:
  ParameterDenoiser(const Parameterization& parameterization, std::shared_ptr<const Denoiser> of_velocity)
      : parameterization_(parameterization), of_velocity_(std::move(of_velocity)) {}

  double value_and_gradient(const std::vector<double>& u, std::vector<double>& slopes) const override {
    const double unit = parameterization_.unit();
    std::vector<double> velocity(u.size()), of_velocity(u.size(), 0.);
    for (std::size_t cell = 0; cell < u.size(); ++cell)
      velocity[cell] = parameterization_.to_velocity(unit * u[cell]);
    const double value = of_velocity_->value_and_gradient(velocity, of_velocity);
    for (std::size_t cell = 0; cell < u.size(); ++cell)
      slopes[cell] += unit * parameterization_.velocity_slope(velocity[cell]) * of_velocity[cell];
    return value;
  }

 private:
  const Parameterization& parameterization_;
  std::shared_ptr<const Denoiser> of_velocity_;
};

}  // namespace

std::shared_ptr<const Denoiser> denoiser_for(const Parameterization& parameterization,
                                             std::shared_ptr<const Denoiser> of_velocity) {
  if (!of_velocity) return {};
  return std::make_shared<ParameterDenoiser>(parameterization, std::move(of_velocity));
}

std::vector<double> reference_velocity(const RegularizerOptions& options, const Model& start,
                                       const Guidance& guidance) {
  if (options.reference == "start") return to_host(start.at("vp"));
  if (options.reference == "guide" && guidance.reference.size() > 0) return to_host(guidance.reference);
  return {};
}

std::shared_ptr<const Guide> guide_of(const Case& the_case) {
  if (the_case.learned) return the_case.learned;
  const GuideOptions& options = the_case.options.inversion.regularizer->guide;
  return guides().make(options.kind, {options, the_case.guidance.value_or(Guidance{}), the_case.truth});
}

Situation situation_at(const Model& velocity, const std::vector<bool>& frozen, const Model& start_of_all,
                       const StageOptions& stage) {
  Situation situation{velocity, frozen};
  situation.start = resample(start_of_all, velocity.grid).at("vp");
  situation.min_frequency = stage.min_frequency;
  situation.max_frequency = stage.max_frequency;
  return situation;
}

void add_descent(Situation& situation, DataObjective& data, StageProblem::AtStart& found) {
  constexpr double floor = 0.01;
  const Grid& grid = situation.velocity.grid;
  found.value = data.value_and_gradient(situation.velocity, found.gradient, &found.illumination);
  const std::vector<double> light = scaled_to_one(found.illumination);
  std::vector<double> descent(found.gradient.size());
  for (std::size_t cell = 0; cell < descent.size(); ++cell)
    descent[cell] = -found.gradient[cell] / (light[cell] + floor);
  situation.descent = make_field("descent", grid);
  situation.illumination = make_field("illumination", grid);
  from_host(scaled_to_one(descent), situation.descent);
  from_host(light, situation.illumination);
}

void share_guidance(Guidance& guidance, Communicator& communicator) {
  if (communicator.size() == 1) return;
  std::uint64_t length = guidance.abstained.size();
  communicator.broadcast(&length, sizeof(length));
  guidance.abstained.resize(length);
  communicator.broadcast(guidance.abstained.data(), length);
  for_each_field(guidance, [&](const char* name, Field& field) {
    char there = field.size() > 0;
    communicator.broadcast(&there, 1);
    if (!there) {
      field = Field();
      return;
    }
    if (field.size() == 0) field = make_field(name, guidance.grid);
    std::vector<double> values = to_host(field);
    communicator.broadcast(values.data(), values.size() * sizeof(double));
    from_host(values, field);
  });
}

std::map<std::string, std::vector<double>> to_arrays(const Guidance& guidance) {
  std::map<std::string, std::vector<double>> arrays;
  for_each_field(guidance, [&](const char* name, const Field& field) {
    if (field.size() > 0) arrays[name] = to_host(field);
  });
  return arrays;
}

Guidance guidance_from_arrays(const Grid& grid, const std::map<std::string, std::vector<double>>& arrays) {
  Guidance guidance;
  guidance.grid = grid;
  for_each_field(guidance, [&](const char* name, Field& field) {
    const auto found = arrays.find(name);
    if (found == arrays.end()) return;
    field = make_field(name, grid);
    from_host(found->second, field);
  });
  return guidance;
}

}  // namespace fathom
