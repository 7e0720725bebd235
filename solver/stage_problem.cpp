// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stage_problem.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "physics/error.hpp"
#include "solver/vectors.hpp"

namespace fathom {

StageProblem::StageProblem(Parts parts) : parts_(std::move(parts)) {
  const std::vector<double> velocity = to_host(parts_.start.at("vp"));
  const Parameterization& parameter = parts_.parameterization;
  const double at_min = parameter.from_velocity(parts_.bounds.min),
               at_max = parameter.from_velocity(parts_.bounds.max);
  const auto [low, high] = std::minmax(at_min, at_max);
  for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
    if (parts_.frozen[cell]) continue;
    cells_.push_back(cell);
    start_.push_back(parameter.from_velocity(velocity[cell]));
    lower_.push_back(low);
    upper_.push_back(high);
  }
  for (const double reference : parts_.reference) reference_.push_back(parameter.from_velocity(reference));
  if (cells_.empty())
    throw UserError("every cell of the model is frozen", "freeze less: see inversion.freeze");
}

void StageProblem::measure(double illumination_floor, double weight, bool relative, const AtStart* known) {
  at_start_ = std::make_unique<AtStart>(known ? *known : AtStart{});
  if (!known)
    at_start_->value =
        parts_.data.value_and_gradient(parts_.start, at_start_->gradient, &at_start_->illumination);
  const std::vector<double> illumination = std::move(at_start_->illumination);

  const std::vector<double> velocity = to_host(parts_.start.at("vp"));
  double brightest = 0;
  std::vector<double> light(cells_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const double slope = parts_.parameterization.velocity_slope(velocity[cells_[i]]);
    light[i] = illumination[cells_[i]] * slope * slope;
    brightest = std::max(brightest, light[i]);
  }
  if (!(brightest > 0)) throw RunError("no wave reaches the cells that may change: nothing can be recovered");
  const double darkest = *std::min_element(light.begin(), light.end());
  const double floor = illumination_floor * brightest, unit = parts_.parameterization.unit();
  scale_.resize(cells_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i)
    scale_[i] = unit * std::sqrt((darkest + floor) / (light[i] + floor));

  weight_ = weight;
  if (parts_.constrained && parts_.regularizer && parts_.regularizer->exact())
    weight_ *= variation_of_start();
  else if ((parts_.regularizer || parts_.yardstick) && relative)
    weight_ *= relative_unit(velocity);
  make_exact_term();
}

/// The weight at which the regularizer, without guide and reference, pulls as hard as the data.
///
/// Both are measured in the optimizer's unknowns, whose scale balances illumination: cells next to a source
/// would otherwise speak for all. The regularizer is measured on the start after a small step along the
/// data's gradient: a start that is smooth, or rises linearly, gives variation nothing to pull on, and what
/// it is to keep in check is what the data will draw.
double StageProblem::relative_unit(const std::vector<double>& velocity) const {
  std::vector<double> parameter(velocity.size()), slope(velocity.size());
  for (std::size_t cell = 0; cell < velocity.size(); ++cell) {
    parameter[cell] = parts_.parameterization.from_velocity(velocity[cell]);
    slope[cell] = parts_.parameterization.velocity_slope(velocity[cell]);
  }
  std::vector<double> data_pull(cells_.size()), step(cells_.size());
  double longest = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::size_t cell = cells_[i];
    data_pull[i] = scale_[i] * at_start_->gradient[cell] * slope[cell];
    step[i] = -scale_[i] * data_pull[i];
    longest = std::max(longest, std::abs(step[i] * slope[cell]) / velocity[cell]);
  }
  if (!(longest > 0)) return 0;
  constexpr double small = 0.02;  // of the velocity
  for (std::size_t i = 0; i < cells_.size(); ++i) parameter[cells_[i]] += small / longest * step[i];
  std::vector<double> pull(velocity.size(), 0.);
  regularize(parts_.yardstick ? *parts_.yardstick : *parts_.regularizer, parameter, {}, 1, pull);
  std::vector<double> own_pull(cells_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) own_pull[i] = scale_[i] * pull[cells_[i]];
  const double strength = norm(own_pull);
  return strength > 0 ? norm(data_pull) / strength : 0;
}

/// Once scale and weight are known.
void StageProblem::make_exact_term() {
  const Variation* variation = parts_.exact && parts_.regularizer ? parts_.regularizer->exact() : nullptr;
  if (!variation) return;
  const Grid& grid = parts_.start.grid;
  const double unit = parts_.parameterization.unit();
  std::vector<double> fixed = to_host(parts_.start.at("vp"));
  for (double& value : fixed) value = parts_.parameterization.from_velocity(value);
  exact_ = std::make_unique<ExactTerm>(ExactTerm::Parts{
      grid, *variation, cells_, start_, scale_, lower_, upper_, fixed, reference_, unit, parts_.constrained,
      parts_.constrained ? weight_ : parts_.strength * weight_, &regularizer_time()});
}

/// R of the start in units of s, without a reference: what a constraint is a share of.
double StageProblem::variation_of_start() const {
  std::vector<double> u = to_host(parts_.start.at("vp"));
  for (double& value : u)
    value = parts_.parameterization.from_velocity(value) / parts_.parameterization.unit();
  const Field field = make_field("start", parts_.start.grid);
  from_host(u, field);
  return parts_.regularizer->exact()->value(field, parts_.start.grid);
}

std::vector<double> StageProblem::starting_point() {
  const std::vector<double> start(cells_.size(), 0.);
  return exact_ ? exact_->feasible(start, box()) : start;
}

void StageProblem::restore(std::vector<double> scale, double weight, const Terms& current,
                           const AtStart* known) {
  scale_ = std::move(scale);
  weight_ = weight;
  recent_ = {current};
  if (known) at_start_ = std::make_unique<AtStart>(*known);
  if (scale_.size() != cells_.size())
    throw RunError("the checkpoint does not fit the case: another number of cells");
  make_exact_term();
}

Box StageProblem::box() const {
  Box box;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    box.lower.push_back((lower_[i] - start_[i]) / scale_[i]);
    box.upper.push_back((upper_[i] - start_[i]) / scale_[i]);
  }
  return box;
}

Model StageProblem::model(const std::vector<double>& x) const {
  std::vector<double> velocity = to_host(parts_.start.at("vp"));
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const double parameter = std::clamp(start_[i] + scale_[i] * x[i], lower_[i], upper_[i]);
    velocity[cells_[i]] =
        std::clamp(parts_.parameterization.to_velocity(parameter), parts_.bounds.min, parts_.bounds.max);
  }
  Model model = clone(parts_.start);
  from_host(velocity, model["vp"]);
  return model;
}

/// Adds the weighted regularizer's gradient with respect to the parameter; u is the parameter, less the
/// reference where there is one, in units of 1000 m/s.
double StageProblem::regularize(const Regularizer& regularizer, const std::vector<double>& parameter,
                                const std::vector<double>& reference, double weight,
                                std::vector<double>& gradient) const {
  const double unit = parts_.parameterization.unit();
  Model u = zeros_like(parts_.start), pull = zeros_like(parts_.start);
  std::vector<double> scaled = parameter;
  for (std::size_t cell = 0; cell < reference.size(); ++cell) scaled[cell] -= reference[cell];
  for (double& value : scaled) value /= unit;
  from_host(scaled, u["vp"]);
  const double value = weight * regularizer.value_and_gradient(u, pull);
  const std::vector<double> slopes = to_host(pull.at("vp"));
  for (std::size_t cell = 0; cell < slopes.size(); ++cell) gradient[cell] += weight / unit * slopes[cell];
  return value;
}

double StageProblem::value_and_gradient(const std::vector<double>& x, std::vector<double>& gradient) {
  const Model velocity = model(x);
  std::vector<double> slope;
  const bool start_again =
      at_start_ && std::all_of(x.begin(), x.end(), [](double value) { return value == 0; });
  double misfit = 0;
  if (start_again) {
    misfit = at_start_->value;
    slope = at_start_->gradient;
    at_start_.reset();
  } else {
    misfit = parts_.data.value_and_gradient(velocity, slope);
  }
  return complete(x, velocity, misfit, std::move(slope), gradient);
}

double StageProblem::value(const std::vector<double>& x, Gathers& predicted) {
  const Model velocity = model(x);
  predicted = parts_.data.predict(velocity);
  std::vector<double> ignored(velocity.grid.cells(), 0.);
  Terms terms{0, parts_.data.misfit_of(predicted), penalty(x, to_host(velocity.at("vp")), ignored)};
  terms.total = terms.data + terms.regularizer;
  recent_.push_back(terms);
  return terms.total;
}

double StageProblem::meter_per_second() const {
  double sum = 0;
  for (const double scale : scale_) sum += scale * scale;
  const double unit = 1e-3 * parts_.parameterization.unit();
  return unit / std::sqrt(sum / double(scale_.size()));
}

double StageProblem::estimate(std::int64_t draw, const std::vector<double>& x,
                              std::vector<double>& gradient) {
  if (!parts_.batches) return value_and_gradient(x, gradient);
  const Model velocity = model(x);
  std::vector<double> slope;
  const double misfit =
      parts_.data.estimate(velocity, (*parts_.batches)(draw), parts_.batches->weight(), slope);
  return complete(x, velocity, misfit, std::move(slope), gradient);
}

/// The weighted regularizer at x, whose gradient with respect to the parameter is added to `slope` (but for
/// that of a rough term).
double StageProblem::penalty(const std::vector<double>& x, const std::vector<double>& velocity,
                             std::vector<double>& slope) const {
  const Timed timed(regularizer_time());
  if (exact_) return exact_->value(x);
  const double weight = parts_.strength * weight_;
  if (!parts_.regularizer || !(weight > 0)) return 0;
  std::vector<double> parameter(velocity.size());
  for (std::size_t cell = 0; cell < velocity.size(); ++cell)
    parameter[cell] = parts_.parameterization.from_velocity(velocity[cell]);
  return regularize(*parts_.regularizer, parameter, reference_, weight, slope);
}

double& StageProblem::regularizer_time() const {
  return (parts_.spent ? *parts_.spent : own_time_).regularizer;
}

/// From the data's value and gradient with respect to velocity to those of the whole with respect to x.
double StageProblem::complete(const std::vector<double>& x, const Model& model, double misfit,
                              std::vector<double> slope, std::vector<double>& gradient) {
  const std::vector<double> velocity = to_host(model.at("vp"));
  for (std::size_t cell = 0; cell < slope.size(); ++cell)
    slope[cell] *= parts_.parameterization.velocity_slope(velocity[cell]);
  Terms terms;
  terms.data = misfit;
  terms.regularizer = penalty(x, velocity, slope);
  gradient.resize(cells_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) gradient[i] = scale_[i] * slope[cells_[i]];
  terms.total = terms.data + terms.regularizer;
  recent_.push_back(terms);
  if (recent_.size() > 64) recent_.erase(recent_.begin());
  return terms.total;
}

const StageProblem::Terms& StageProblem::terms_of(double value) const {
  for (auto terms = recent_.rbegin(); terms != recent_.rend(); ++terms)
    if (terms->total == value) return *terms;
  return recent_.back();
}

}  // namespace fathom
