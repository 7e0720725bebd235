// SPDX-License-Identifier: BSD-3-Clause
#include "solver/gradient_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <utility>

#include "physics/error.hpp"
#include "solver/band.hpp"
#include "solver/blur.hpp"
#include "solver/check_parts.hpp"
#include "solver/simulation.hpp"
#include "solver/vectors.hpp"

namespace fathom {
namespace {

constexpr bool in_double = sizeof(Real) == 8;
constexpr double dot_gate = in_double ? 1e-12 : 1e-5, slope_gate = in_double ? 1e-6 : 1e-3;
constexpr int directions = 2;
constexpr const char* topic = "gradient";

using Vector = std::vector<double>;

/// Values in [-1, 1], the same on every machine.
Vector noise(std::size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  Vector values(count);
  for (double& value : values) value = 2 * double(engine()) / double(engine.max()) - 1;
  return values;
}

Model with_velocity(const Model& like, const Vector& values) {
  Model model = clone(like);
  from_host(values, model["vp"]);
  return model;
}

/// A change of one property alone.
Model change_of(const Model& like, const std::string& property, const Vector& values) {
  Model change = zeros_like(like);
  from_host(values, change[property]);
  return change;
}

const Shot& middle_shot(const Case& the_case) {
  return the_case.survey.shots[the_case.survey.shots.size() / 2];
}

/// The middle shot of a case in its first stage, ready to be inverted.
class OneShot {
 public:
  OneShot(const Case& the_case, std::function<void()> on_step)
      : case_(the_case),
        on_step_(std::move(on_step)),
        stage_(the_case.options.inversion.stages.front()),
        bounds_(velocity_bounds(the_case.options.inversion.bounds, the_case.start)),
        model_(resample(the_case.start, stage_grid(the_case.start.grid, stage_))),
        misfit_(misfits().make(the_case.options.inversion.misfit.kind, the_case.options.inversion.misfit)) {
    Case alone = the_case;
    alone.survey.shots = {middle_shot(the_case)};
    band_ = make_band(alone, stage_, bounds_.max, observed_data(alone, communicator_));
    if (!the_case.data_file) on_step_();
  }

  /// Makes the propagator anew.
  void use_history(const std::string& history) {
    objective_.reset();
    propagator_.reset();
    PropagatorSetup setup = stage_setup(case_.options, band_, model_.grid, bounds_.max);
    setup.options.history = history;
    if (history == "full") setup.options.memory_budget.reset();  // the yardstick
    propagator_ = std::make_unique<Propagator>(setup);
    objective_ = std::make_unique<DataObjective>(DataObjective::Parts{
        communicator_, *propagator_, band_.survey, band_.observed, *misfit_, band_.window});
  }

  const Shot& shot() const { return band_.survey.shots.front(); }
  const Band& band() const { return band_; }
  /// The one that is in use, chosen where the case says `auto`.
  const std::string& history() const { return propagator_->history().name; }
  const Model& model() const { return model_; }
  const VelocityBounds& bounds() const { return bounds_; }

  double value_and_gradient(Vector& gradient) {
    const double value = objective_->value_and_gradient(model_, gradient);
    on_step_();
    on_step_();
    return value;
  }
  double value(const Vector& velocity) {
    const double value = objective_->misfit_of(objective_->predict(with_velocity(model_, velocity)));
    on_step_();
    return value;
  }
  Gather forward() {
    propagator_->set_model(model_);
    on_step_();
    return propagator_->forward_for_gradient(shot(), band_.survey.wavelet);
  }
  /// J^T r and, returned, F^T r of the last forward propagation.
  Vector backward(const Gather& r, Vector& gradient, const std::string& property = "vp") {
    Model image = zeros_like(model_);
    Vector wavelet = propagator_->backward(r, image);
    gradient = to_host(image.at(property));
    on_step_();
    return wavelet;
  }
  Gather born(const Vector& perturbation, const std::string& property = "vp") {
    on_step_();
    return propagator_->born(shot(), band_.survey.wavelet, change_of(model_, property, perturbation));
  }
  /// What a model predicts that differs in one property.
  Gather forward(const std::string& property, const Vector& values) {
    Model other = clone(model_);
    from_host(values, other[property]);
    propagator_->set_model(other);
    on_step_();
    return propagator_->forward(shot(), band_.survey.wavelet);
  }

 private:
  const Case& case_;
  std::function<void()> on_step_;
  Communicator communicator_;  // one rank
  StageOptions stage_;
  VelocityBounds bounds_;
  Model model_;
  std::unique_ptr<Misfit> misfit_;
  Band band_;
  std::unique_ptr<Propagator> propagator_;
  std::unique_ptr<DataObjective> objective_;
};

/// Random changes of the velocity, in m/s and 1 at their largest, as smooth as waves can tell; none where the
/// model is within 2 % of its upper bound.
Vector random_direction(const OneShot& problem, unsigned seed) {
  const Vector velocity = to_host(problem.model().at("vp"));
  const double slowest = *std::min_element(velocity.begin(), velocity.end());
  const double sigma = 0.25 * slowest / problem.band().dominant_frequency;
  Model rough = with_velocity(problem.model(), noise(velocity.size(), seed));
  Vector direction = to_host(blur(rough, sigma, "velocity", false).at("vp"));
  double largest = 0;
  for (std::size_t cell = 0; cell < direction.size(); ++cell) {
    if (velocity[cell] * 1.02 > problem.bounds().max) direction[cell] = 0;
    largest = std::max(largest, std::abs(direction[cell]));
  }
  for (double& value : direction) value /= largest > 0 ? largest : 1;
  return direction;
}

/// Of several random directions that along which the misfit changes most: one that happens to lie across the
/// gradient would measure nothing.
Vector telling_direction(const OneShot& problem, const Vector& gradient, unsigned seed) {
  constexpr unsigned tries = 8;
  Vector best = random_direction(problem, seed);
  for (unsigned other = 1; other < tries; ++other) {
    Vector next = random_direction(problem, seed + other);
    if (std::abs(dot(gradient, next)) > std::abs(dot(gradient, best))) best = std::move(next);
  }
  return best;
}

void judge(Findings& findings, bool good, const std::string& words) {
  if (good)
    findings.ok(topic, words);
  else
    findings.error(topic, "", words,
                   "do not trust an inversion with this gradient; run the tests of the build (ctest), and "
                   "report the case");
}

/// Both dot products; returns the Born data, by whose strength steps are chosen.
double check_adjoints(OneShot& problem, const Vector& direction, double& predicted_norm, Findings& findings) {
  const Gather predicted = problem.forward();
  predicted_norm = norm(predicted.data);
  Gather random(predicted.time, predicted.receivers);
  random.data = noise(random.data.size(), 7);
  Vector image;
  const Vector back = problem.backward(random, image);
  const double source_error =
      std::abs(dot(predicted.data, random.data) - dot(problem.band().survey.wavelet, back)) /
      (predicted_norm * norm(random.data));
  judge(findings, source_error < dot_gate,
        fmt::format("<F w, d> = <w, F^T d> but for {:.1e} of the norms (limit {:.0e})", source_error,
                    dot_gate));
  const Gather scattered = problem.born(direction);
  const double strength = norm(scattered.data);
  const double born_error =
      std::abs(dot(scattered.data, random.data) - dot(direction, image)) / (strength * norm(random.data));
  judge(findings, born_error < dot_gate,
        fmt::format("<J dm, d> = <dm, J^T d> but for {:.1e} of the norms (limit {:.0e})", born_error,
                    dot_gate));
  return strength;
}

/// With values at h, -h and h/2 the derivative at 0 is known to third order in h:
/// h f'(0) = 8/3 [ (f(h/2) - f(0)) - (f(h) + f(-h) - 2 f(0)) / 8 - (f(h) - f(-h)) / 16 ].
void check_slope(OneShot& problem, double value, double slope, const Vector& direction, double step,
                 Findings& findings) {
  const Vector velocity = to_host(problem.model().at("vp"));
  const auto change = [&](double by) {
    Vector moved = velocity;
    for (std::size_t cell = 0; cell < moved.size(); ++cell) moved[cell] += by * direction[cell];
    return problem.value(moved) - value;
  };
  const double forward = change(step), backward = change(-step), half = change(step / 2);
  const double measured = 8. / 3 * (half - (forward + backward) / 8 - (forward - backward) / 16) / step;
  const double error = std::abs(measured - slope) / std::abs(slope);
  const double order = std::log2(std::abs(forward - step * slope) / std::abs(half - step / 2 * slope));
  judge(findings, error < slope_gate && (!in_double || std::abs(order - 2) < 0.02),
        fmt::format("along a random change of {:.2g} m/s the misfit's slope is the gradient's but for {:.1e} "
                    "(limit {:.0e}); the Taylor remainder is of order {:.2f}",
                    step, error, slope_gate, order));
}

/// A property that an inversion keeps has a gradient too: that Born modelling is the derivative of the
/// prediction, and J^T its transpose.
void check_property(OneShot& problem, const std::string& property, Findings& findings) {
  const Vector values = to_host(problem.model().at(property));
  Vector direction = random_direction(problem, 900);
  for (std::size_t cell = 0; cell < values.size(); ++cell) direction[cell] *= 0.02 * values[cell];
  Gather random = problem.forward();
  const double predicted = norm(random.data);
  random.data = noise(random.data.size(), 8);
  Vector image;
  problem.backward(random, image, property);
  const Gather scattered = problem.born(direction, property);
  const double strength = norm(scattered.data);
  const double born_error =
      std::abs(dot(scattered.data, random.data) - dot(direction, image)) / (strength * norm(random.data));
  judge(findings, born_error < dot_gate,
        fmt::format("{}: <J dm, d> = <dm, J^T d> but for {:.1e} of the norms (limit {:.0e})", property,
                    born_error, dot_gate));
  const double step = std::min(1., (in_double ? 1e-4 : 0.01) * predicted / strength);
  const auto moved = [&](double by) {
    Vector other = values;
    for (std::size_t cell = 0; cell < other.size(); ++cell) other[cell] += by * direction[cell];
    return problem.forward(property, other).data;
  };
  Vector difference = moved(step);
  const Vector backward = moved(-step);
  for (std::size_t k = 0; k < difference.size(); ++k)
    difference[k] = (difference[k] - backward[k]) / (2 * step) - scattered.data[k];
  const double error = norm(difference) / strength;
  judge(findings, error < slope_gate,
        fmt::format("{}: the data changes as Born modelling says but for {:.1e} (limit {:.0e})", property,
                    error, slope_gate));
}

/// The step along a direction that changes the data by a small share of what is predicted, and by less than
/// what is left to explain: beyond that, the misfit's fourth order shows.
double step_for(const OneShot& problem, double value, double scattered, double predicted) {
  const double wanted = in_double ? 3e-4 : std::min(0.01, 0.3 * std::sqrt(value));
  const Vector velocity = to_host(problem.model().at("vp"));
  const double slowest = *std::min_element(velocity.begin(), velocity.end());
  return std::min(wanted * predicted / scattered, 0.015 * slowest);  // the direction is 1 at its largest
}

void check_history(OneShot& problem, const std::string& history, const Vector& exact, Findings& findings) {
  if (history == "full") {
    findings.ok(topic, "the case stores the full wavefield: its gradient is the exact one");
    return;
  }
  problem.use_history(history);
  Vector gradient;
  problem.value_and_gradient(gradient);
  const double cosine = dot(gradient, exact) / (norm(gradient) * norm(exact));
  for (std::size_t cell = 0; cell < exact.size(); ++cell) gradient[cell] -= exact[cell];
  const std::string words = fmt::format(
      "with the history \"{}\" it differs by {:.1e} (relative L2), 1 - "
      "cosine {:.0e}",
      problem.history(), norm(gradient) / norm(exact), std::max(0., 1 - cosine));
  if (cosine >= 0.999)
    findings.ok(topic, words);
  else
    findings.warning(topic, "physics.history", words,
                     "use physics.history full, or coarser grids to afford it");
}

/// False, with a finding, when full storage does not fit into the machine.
bool check_room(const Case& the_case, Findings& findings) {
  const StageOptions& stage = the_case.options.inversion.stages.front();
  const VelocityBounds bounds = velocity_bounds(the_case.options.inversion.bounds, the_case.start);
  const Band band = make_band(the_case, stage, bounds.max);
  PropagatorSetup setup =
      stage_setup(the_case.options, band, stage_grid(the_case.start.grid, stage), bounds.max);
  setup.options.history = "full";
  setup.options.memory_budget.reset();
  const double needed = Propagator(setup).memory_bytes(int(middle_shot(the_case).receivers.size()), true);
  if (needed < 0.8 * machine_memory()) return true;
  findings.warning(topic, "physics.history",
                   fmt::format("not checked: full storage takes {} of this machine's {}",
                               bytes_in_words(needed), bytes_in_words(machine_memory())),
                   "check a smaller case: a coarser spacing, or shorter records (--set)");
  return false;
}

}  // namespace

std::vector<Finding> check_gradient(const Case& the_case,
                                    const std::function<void(int done, int all)>& on_step) {
  const std::string history = the_case.options.physics.history;
  const int others = int(the_case.start.properties.size()) - 1;
  const int all =
      2 + 3 + 3 * directions + 5 * others + (history == "full" ? 0 : 2) + (the_case.data_file ? 0 : 1);
  int done = 0;
  Findings findings;
  if (!check_room(the_case, findings)) return findings.take();
  OneShot problem(the_case, [&] {
    ++done;
    if (on_step) on_step(done, all);
  });
  problem.use_history("full");
  Vector gradient;
  const double value = problem.value_and_gradient(gradient);
  findings.ok(topic, fmt::format("shot {} up to {:.4g} Hz: misfit {:.3g} at the start", problem.shot().id,
                                 the_case.options.inversion.stages.front().max_frequency, value));
  if (value < 1e-5 || norm(gradient) == 0) {
    findings.warning(topic, "start", "the start explains the data: there is no gradient to check",
                     "check with another start");
    return findings.take();
  }
  Vector chosen[directions];
  double step = 0;
  for (int i = 0; i < directions; ++i) {
    chosen[i] = telling_direction(problem, gradient, 100 * unsigned(i + 1));
    if (i == 0) {
      double predicted = 0;
      const double scattered = check_adjoints(problem, chosen[0], predicted, findings);
      step = step_for(problem, value, scattered, predicted);
    }
    check_slope(problem, value, dot(gradient, chosen[i]), chosen[i], step, findings);
  }
  for (const auto& [property, field] : the_case.start.properties)
    if (property != "vp") check_property(problem, property, findings);
  check_history(problem, history, gradient, findings);
  return findings.take();
}

}  // namespace fathom
