// SPDX-License-Identifier: BSD-3-Clause

// What each misfit beyond least squares is for: its identities, and a small case made for it in which it
// finds what least squares does not.

#include <gtest/gtest.h>

#include <numeric>

#include "solver/misfit.hpp"
#include "tests/physics/problem.hpp"

namespace fathom::testing {
namespace {

constexpr double peak_frequency = 10, period = 1 / peak_frequency;
constexpr TimeAxis axis{0, 0.004, 400};

double pulse(double time) {
  const double a = std::pow(std::numbers::pi * peak_frequency * time, 2);
  return (1 - 2 * a) * std::exp(-a);
}
double pulse_slope(double time) {
  const double b = std::pow(std::numbers::pi * peak_frequency, 2);
  return (2 * b * b * time * time - 3 * b) * 2 * time * std::exp(-b * time * time);
}

Gather arrivals(std::initializer_list<double> times) {
  Gather gather(axis, int(times.size()));
  int receiver = 0;
  for (const double time : times) {
    for (int k = 0; k < axis.samples; ++k) gather.trace(receiver)[k] = pulse(k * axis.step - time);
    ++receiver;
  }
  return gather;
}

Gather scaled(Gather gather, double factor) {
  for (double& sample : gather.data) sample *= factor;
  return gather;
}

double value(const std::string& kind, const Gather& predicted, const Gather& observed,
             const MisfitOptions& options = {}) {
  Gather ignored;
  return misfits().make(kind, options)->value_and_adjoint_source(predicted, observed, ignored);
}

Gather source(const std::string& kind, const Gather& predicted, const Gather& observed,
              const MisfitOptions& options = {}) {
  Gather result;
  misfits().make(kind, options)->value_and_adjoint_source(predicted, observed, result);
  return result;
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

TEST(Huber, IsLeastSquaresBelowItsThreshold) {
  MisfitOptions options;
  options.huber.threshold = 100;
  const Gather predicted = arrivals({0.6, 0.7}), observed = arrivals({0.62, 0.75});
  EXPECT_DOUBLE_EQ(value("huber", predicted, observed, options), value("least_squares", predicted, observed));
  EXPECT_EQ(source("huber", predicted, observed, options).data,
            source("least_squares", predicted, observed).data);
}

TEST(Huber, PullsAnOutlierNoHarderThanItsThreshold) {
  const Gather predicted = arrivals({0.6, 0.7, 0.8}), observed = arrivals({0.6, 0.7, 0.8});
  Gather with_spike = observed, with_larger_spike = observed;
  with_spike.trace(1)[100] += 50;
  with_larger_spike.trace(1)[100] += 5000;
  const double pull = largest(source("huber", predicted, with_spike).data);
  EXPECT_GT(pull, 0);
  EXPECT_DOUBLE_EQ(largest(source("huber", predicted, with_larger_spike).data), pull);
}

TEST(StudentT, IsLeastSquaresWhereResidualsAreSmall) {
  MisfitOptions options;
  options.student_t.scale = 1e3;
  const Gather predicted = arrivals({0.6, 0.7}), observed = arrivals({0.62, 0.75});
  const double expected = value("least_squares", predicted, observed);
  EXPECT_NEAR(value("student_t", predicted, observed, options), expected, 1e-4 * expected);
}

TEST(StudentT, LetsGoOfAnOutlierTheLargerItIs) {
  const Gather data = arrivals({0.6, 0.7, 0.8});
  double last = 1e30;
  for (const double size : {5., 50., 500.}) {
    Gather with_spike = data;
    with_spike.trace(1)[100] += size;
    const double pull = largest(source("student_t", data, with_spike).data);
    EXPECT_GT(pull, 0);
    EXPECT_LT(pull, 0.2 * last);
    last = pull;
  }
}

TEST(NormalisedCorrelation, DoesNotSeeTheAmplitudeOfATrace) {
  const Gather predicted = arrivals({0.6, 0.7}), observed = arrivals({0.62, 0.75});
  Gather uneven = observed;
  for (int k = 0; k < axis.samples; ++k) uneven.trace(1)[k] *= 7;
  const double expected = value("normalised_correlation", predicted, observed);
  EXPECT_NEAR(value("normalised_correlation", scaled(predicted, 3), uneven), expected, 1e-12 * expected);
  // Euler: a function that does not change along p has a derivative across it.
  const Gather pull = source("normalised_correlation", predicted, observed);
  EXPECT_LT(std::abs(dot(pull.data, predicted.data)), 1e-12 * norm(pull.data) * norm(predicted.data));
}

TEST(Envelope, DoesNotSeeThePolarity) {
  const Gather predicted = arrivals({0.6, 0.7}), observed = arrivals({0.62, 0.75});
  EXPECT_EQ(value("envelope", scaled(predicted, -1), observed), value("envelope", predicted, observed));
}

TEST(Envelope, IsThatOfAModulatedWaveWhateverItsPhase) {
  Gather cosine(axis, 1), sine(axis, 1);
  for (int k = 0; k < axis.samples; ++k) {
    const double t = k * axis.step - 0.8, angle = 2 * std::numbers::pi * 20 * t;
    cosine.data[k] = std::exp(-50 * t * t) * std::cos(angle);
    sine.data[k] = std::exp(-50 * t * t) * std::sin(angle);
  }
  EXPECT_LT(value("envelope", sine, cosine), 1e-5 * value("least_squares", sine, cosine));
}

TEST(Adaptive, IsHalfTheSquareOfAShift) {
  for (const double shift : {0.3 * period, -period, 3 * period, -5 * period})
    EXPECT_NEAR(value("adaptive", arrivals({0.8 + shift}), arrivals({0.8})), 0.5 * shift * shift,
                0.01 * shift * shift);
}

TEST(Adaptive, LevelsOffAtItsLargestLag) {
  MisfitOptions options;
  options.adaptive.max_lag = period;
  double last = 0;
  for (const double shift : {0.5 * period, period, 3 * period, 6 * period}) {
    const double here = value("adaptive", arrivals({0.8 + shift}), arrivals({0.8}), options);
    EXPECT_GT(here, last);
    EXPECT_LT(here, 0.5 * period * period);
    last = here;
  }
}

TEST(Adaptive, DoesNotSeeTheAmplitudeOfATrace) {
  const Gather predicted = arrivals({0.6, 0.7}), observed = arrivals({0.62, 0.75});
  const double expected = value("adaptive", predicted, observed);
  EXPECT_NEAR(value("adaptive", scaled(predicted, 3), scaled(observed, 0.1)), expected, 1e-10 * expected);
}

class MisfitOfATrace : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Normalising, MisfitOfATrace,
                         ::testing::Values("normalised_correlation", "envelope", "adaptive", "huber",
                                           "student_t"),
                         [](const auto& info) { return info.param; });

TEST_P(MisfitOfATrace, LearnsNothingFromTracesWithoutData) {
  Gather observed = arrivals({0.6, 0.7, 0.8}), predicted = arrivals({0.62, 0.73, 0.85});
  std::fill_n(observed.trace(1), axis.samples, 0.);
  for (const double trace : source(GetParam(), predicted, observed).data) EXPECT_TRUE(std::isfinite(trace));
  std::fill(observed.data.begin(), observed.data.end(), 0.);
  EXPECT_EQ(value(GetParam(), predicted, observed), 0);
  EXPECT_EQ(largest(source(GetParam(), predicted, observed).data), 0);
}

TEST_P(MisfitOfATrace, IsFiniteForAPredictionOfNothing) {
  const Gather observed = arrivals({0.6, 0.7});
  EXPECT_GT(value(GetParam(), Gather(axis, 2), observed), 0);
  for (const double sample : source(GetParam(), Gather(axis, 2), observed).data)
    EXPECT_TRUE(std::isfinite(sample));
}

/// How far (in periods) a single arrival may be off on both sides for the misfit still to lead it home.
double basin(const std::string& kind) {
  const Gather observed = arrivals({0.8});
  for (double shift = 0.1 * period;; shift += 0.1 * period) {
    if (shift > 5 * period) return 5;
    for (const double side : {-1., 1.}) {
      const double arrival = 0.8 + side * shift;
      const Gather pull = source(kind, arrivals({arrival}), observed);
      double slope = 0;  // of the misfit with respect to the arrival time
      for (int k = 0; k < axis.samples; ++k) slope -= pull.data[k] * pulse_slope(k * axis.step - arrival);
      if (!(slope * side > 0)) return shift / period - 0.1;
    }
  }
}

TEST(Basin, IsTwiceThatOfLeastSquaresForEnvelopesAndUnlimitedForFilters) {
  const double of_least_squares = basin("least_squares");
  EXPECT_LT(of_least_squares, 0.6);
  EXPECT_GE(basin("envelope"), 2 * of_least_squares);
  EXPECT_GE(basin("adaptive"), 5);
}

/// A small inversion: receivers in a row, a wave that passes through one cell more on its way to each next
/// one, with an echo within the cell; the unknowns are the slownesses of the cells (relative to 1).
class Row {
 public:
  static constexpr int cells = 12;

  static Gather predict(const std::vector<double>& slowness) {
    Gather gather(axis, cells);
    visit(slowness, [&](int receiver, int k, double direct, double echo, double) {
      gather.trace(receiver)[k] = pulse(direct) + 0.7 * pulse(echo);
    });
    return gather;
  }

  static std::vector<double> gradient(const std::vector<double>& slowness, const Gather& pull) {
    std::vector<double> at_receivers(cells, 0.), result(cells, 0.);
    visit(slowness, [&](int receiver, int k, double direct, double echo, double echo_time) {
      const double along = pull.trace(receiver)[k];
      at_receivers[receiver] -= along * cell_time * (pulse_slope(direct) + 0.7 * pulse_slope(echo));
      result[receiver] -= along * 0.7 * pulse_slope(echo) * echo_time;
    });
    for (int receiver = 0; receiver < cells; ++receiver)
      for (int cell = 0; cell <= receiver; ++cell) result[cell] += at_receivers[receiver];
    return result;
  }

  /// Steepest descent of the travel times, with steps that are halved until the misfit falls.
  static std::vector<double> invert(const std::string& kind, const Gather& observed,
                                    std::vector<double> slowness) {
    const auto misfit = misfits().make(kind, {});
    double step = 0.01;
    Gather pull;
    double here = misfit->value_and_adjoint_source(predict(slowness), observed, pull);
    for (int iteration = 0; iteration < 400; ++iteration) {
      const std::vector<double> downhill = precondition(gradient(slowness, pull));
      const double longest = largest(downhill);
      if (!(longest > 0)) break;
      for (;;) {
        std::vector<double> trial = slowness;
        for (int cell = 0; cell < cells; ++cell) trial[cell] -= step * downhill[cell] / longest;
        Gather ignored;
        if (misfit->value_and_adjoint_source(predict(trial), observed, ignored) < here) {
          slowness = trial;
          break;
        }
        step /= 2;
        if (step < 1e-7) return slowness;
      }
      step *= 1.5;
      here = misfit->value_and_adjoint_source(predict(slowness), observed, pull);
    }
    return slowness;
  }

 private:
  static constexpr double cell_time = 0.6 * period, echo_delay = 0.5 * period;

  template <class Visitor>
  static void visit(const std::vector<double>& slowness, const Visitor& visitor) {
    double arrival = 0.2;
    for (int receiver = 0; receiver < cells; ++receiver) {
      arrival += slowness[receiver] * cell_time;
      for (int k = 0; k < axis.samples; ++k) {
        const double direct = k * axis.step - arrival;
        visitor(receiver, k, direct, direct - slowness[receiver] * echo_delay, echo_delay);
      }
    }
  }

  /// (T^T T)^-1, T the sum up to each cell: differences of differences.
  static std::vector<double> precondition(const std::vector<double>& gradient) {
    std::vector<double> at(cells), result(cells);
    for (int i = 0; i < cells; ++i) at[i] = gradient[i] - (i + 1 < cells ? gradient[i + 1] : 0);
    for (int i = 0; i < cells; ++i) result[i] = at[i] - (i > 0 ? at[i - 1] : 0);
    return result;
  }
};

struct Trouble {
  std::vector<double> truth, start;
  Gather observed;
};

Trouble calm() {
  Trouble trouble{std::vector<double>(Row::cells), std::vector<double>(Row::cells, 1.), {}};
  Noise noise(3);
  for (double& s : trouble.truth) s = 1 + 0.05 * noise();
  trouble.observed = Row::predict(trouble.truth);
  return trouble;
}

Trouble outliers() {
  Trouble trouble = calm();
  Noise noise(7);
  for (const int bad : {2, 6, 9})
    for (int wrong = 0; wrong < 3; ++wrong) {
      const double time = 0.4 + 0.5 * (noise() + 1);
      for (int k = 0; k < axis.samples; ++k)
        trouble.observed.trace(bad)[k] += 5 * pulse(k * axis.step - time);
    }
  return trouble;
}

Trouble wrong_amplitudes() {
  Trouble trouble = calm();
  Noise noise(5);
  for (int receiver = 0; receiver < Row::cells; ++receiver) {
    const double gain = std::pow(3, noise());
    for (int k = 0; k < axis.samples; ++k) trouble.observed.trace(receiver)[k] *= gain;
  }
  return trouble;
}

Trouble cycle_skipped() {
  Trouble trouble = calm();
  for (double& s : trouble.truth) s += 0.14;  // more than a period late at the last receiver
  trouble.observed = Row::predict(trouble.truth);
  return trouble;
}

double error(const Trouble& trouble, const std::vector<double>& slowness) {
  std::vector<double> difference(slowness.size());
  for (std::size_t i = 0; i < slowness.size(); ++i) difference[i] = slowness[i] - trouble.truth[i];
  return norm(difference);
}

using Match = std::tuple<const char*, Trouble (*)()>;

class MisfitMadeFor : public ::testing::TestWithParam<Match> {};

INSTANTIATE_TEST_SUITE_P(
    Trouble, MisfitMadeFor,
    ::testing::Values(Match{"huber", outliers}, Match{"student_t", outliers},
                      Match{"normalised_correlation", wrong_amplitudes}, Match{"adaptive", wrong_amplitudes},
                      Match{"envelope", cycle_skipped}, Match{"adaptive", cycle_skipped}),
    [](const auto& info) {
      const auto trouble = std::get<1>(info.param);
      return std::string(std::get<0>(info.param)) + (trouble == outliers           ? "_outliers"
                                                     : trouble == wrong_amplitudes ? "_amplitudes"
                                                                                   : "_cycles");
    });

TEST_P(MisfitMadeFor, FindsTheModelThatLeastSquaresMisses) {
  const Trouble trouble = std::get<1>(GetParam())();
  const double with_it =
      error(trouble, Row::invert(std::get<0>(GetParam()), trouble.observed, trouble.start));
  const double with_squares = error(trouble, Row::invert("least_squares", trouble.observed, trouble.start));
  EXPECT_LT(with_it, 0.5 * with_squares);
  EXPECT_LT(with_it, 0.5 * error(trouble, trouble.start));
}

TEST(EveryMisfitAtEase, FindsTheModelFromCleanDataNearby) {
  const Trouble trouble = calm();
  for (const std::string& kind : misfits().names()) {
    const double after = error(trouble, Row::invert(kind, trouble.observed, trouble.start));
    EXPECT_LT(after, 0.1 * error(trouble, trouble.start)) << kind;
  }
}

}  // namespace
}  // namespace fathom::testing
