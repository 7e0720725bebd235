// SPDX-License-Identifier: BSD-3-Clause

// What a case says about its survey: wavelet, geometry, time axis, and the data where it is in a file.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "io/gather_file.hpp"
#include "physics/error.hpp"
#include "solver/check_parts.hpp"
#include "solver/filter.hpp"
#include "solver/stage_method.hpp"

namespace fathom {
namespace {

double peak_of(const std::vector<double>& values) {
  double peak = 0;
  for (const double value : values) peak = std::max(peak, std::abs(value));
  return peak;
}

/// s after the first sample.
double delay_of_peak(const Survey& survey) {
  const auto peak = std::max_element(survey.wavelet.begin(), survey.wavelet.end(),
                                     [](double a, double b) { return std::abs(a) < std::abs(b); });
  return survey.wavelet.empty() ? 0 : double(peak - survey.wavelet.begin()) * survey.time.step;
}

/// Hz, where the wavelet is 20 dB down. A Ricker wavelet is known to be so at 2.21 times its peak frequency,
/// also where its samples are too few to show it.
double wavelet_edge(const CheckPlan& plan) {
  const Survey& survey = plan.the_case.survey;
  const double seen = spectrum_edge(survey.wavelet, survey.time, -20);
  const std::optional<SurveyOptions>& options = plan.the_case.options.survey;
  if (plan.the_case.data_file || !options || options->wavelet.file) return seen;
  return std::max(seen, 2.21 * options->wavelet.frequency);
}

void check_wavelet_ends(const CheckPlan& plan, double peak, Findings& findings) {
  constexpr double silence = 1e-2;
  const std::vector<double>& wavelet = plan.the_case.survey.wavelet;
  const std::optional<SurveyOptions>& options = plan.the_case.options.survey;
  const bool ricker = options && !options->wavelet.file;
  const std::string key = plan.survey_key(ricker ? "survey.wavelet.delay" : "survey.wavelet.file");
  if (std::abs(wavelet.front()) > silence * peak)
    findings.warning("wavelet", key,
                     fmt::format("begins with {:.2g} % of its peak: the jump makes waves of all frequencies",
                                 100 * std::abs(wavelet.front()) / peak),
                     ricker ? fmt::format("delay it by {:.3g} s", 1.5 / options->wavelet.frequency)
                            : "let it begin with zeros");
  if (std::abs(wavelet.back()) > silence * peak)
    findings.warning("wavelet", key,
                     fmt::format("still at {:.2g} % of its peak when the record ends: it is cut off",
                                 100 * std::abs(wavelet.back()) / peak),
                     "record longer, or use a shorter wavelet");
}

void check_sampling(const CheckPlan& plan, Findings& findings) {
  const double step = plan.the_case.survey.time.step, edge = wavelet_edge(plan);
  const double limit = 0.8 / (2 * step);
  const std::string words =
      fmt::format("{:.4g} ms a sample carries {:.3g} Hz (0.8 of Nyquist), the wavelet reaches {:.3g} Hz",
                  1e3 * step, limit, edge);
  if (edge > limit)
    findings.error("time sampling", plan.survey_key("survey.sampling"), words,
                   fmt::format("sample at {:.3g} s or finer", round_down(0.8 / (2 * edge))));
  else
    findings.ok("time sampling", words);
}

/// Sources or receivers, each place once.
struct Spread {
  std::string noun;
  std::string key;
  std::set<Position> places;
};

/// How far a position is beyond the edges of a grid (m), and whether the absorbing layer is there.
struct Excess {
  double distance = 0;
  bool in_layer = true;
};

Excess excess(const Position& position, const Grid& grid, const BoundaryOptions& boundary) {
  Excess result;
  for (int axis = 0; axis < 3; ++axis) {
    if (!grid.active(axis)) continue;
    const double low = grid.origin[axis] - position[axis], high = position[axis] - grid.last(axis);
    const double beyond = std::max(low, high);
    if (beyond <= 1e-6 * grid.spacing[axis]) continue;
    result.distance = std::max(result.distance, beyond);
    const bool above_surface = axis == 2 && low > 0 && boundary.free_surface;
    if (above_surface || beyond > boundary.width * grid.spacing[axis]) result.in_layer = false;
  }
  return result;
}

struct OutsideOf {
  std::int64_t count = 0;
  Position farthest{};
  Excess by{};
};

OutsideOf outside_of(const Spread& spread, const Grid& grid, const BoundaryOptions& boundary) {
  OutsideOf outside;
  for (const Position& place : spread.places) {
    const Excess by = excess(place, grid, boundary);
    if (by.distance == 0) continue;
    ++outside.count;
    if (by.distance > outside.by.distance) {
      outside.farthest = place;
      outside.by = by;
    }
  }
  return outside;
}

std::string in_words(const Position& position, const Grid& grid) {
  return grid.active(1) ? fmt::format("({:.7g}, {:.7g}, {:.7g}) m", position[0], position[1], position[2])
                        : fmt::format("({:.7g}, {:.7g}) m", position[0], position[2]);
}

/// The end of the line of points that leaves the grid.
std::string blame(const CheckPlan& plan, const Spread& spread, const Grid& grid) {
  const std::optional<SurveyOptions>& survey = plan.the_case.options.survey;
  if (plan.the_case.data_file || !survey) return "data.file";
  const LineOptions& line = spread.noun == "source" ? survey->sources : survey->receivers;
  const std::pair<const char*, const std::vector<double>&> ends[] = {
      {"first", line.first}, {"last", line.last}, {"last_line", line.last_line}};
  for (const auto& [name, point] : ends) {
    if (point.size() < 2) continue;
    const Position place{point[0], point.size() == 3 ? point[1] : 0., point.back()};
    if (excess(place, grid, {}).distance > 0) return spread.key + "." + name;
  }
  return spread.key;
}

/// False when some lie outside.
bool check_inside(const CheckPlan& plan, const Spread& spread, Findings& findings) {
  const Grid& grid = plan.the_case.start.grid;
  const BoundaryOptions& boundary = plan.the_case.options.physics.boundary;
  const OutsideOf outside = outside_of(spread, grid, boundary);
  if (outside.count == 0) return true;
  findings.error(
      spread.noun + "s", blame(plan, spread, grid),
      fmt::format("{} of {} outside the model, which covers {}; the farthest, at {}, is {}", outside.count,
                  counted(std::int64_t(spread.places.size()), spread.noun), extent_in_words(grid),
                  in_words(outside.farthest, grid),
                  outside.by.in_layer
                      ? fmt::format("in the absorbing layer, {:.5g} m beyond the edge", outside.by.distance)
                      : fmt::format("{:.5g} m beyond the edge", outside.by.distance)),
      "move them inside, or take a larger model; coordinates are in m");
  return false;
}

/// Grids with a spacing of their own may end before the model does.
void check_inside(const CheckPlan& plan, const Spread& spread, const Grid& grid, const std::string& topic,
                  const std::string& key, Findings& findings) {
  const OutsideOf outside = outside_of(spread, grid, {});
  if (outside.count == 0) return;
  findings.error(topic, key,
                 fmt::format("{} of {} outside its grid: points {:.5g} m apart end at {}", outside.count,
                             counted(std::int64_t(spread.places.size()), spread.noun), grid.spacing[0],
                             extent_in_words(grid)),
                 fmt::format("choose a spacing that divides the model's extent, {}, or move the {}s inwards",
                             extent_in_words(plan.the_case.start.grid), spread.noun));
}

void check_surface(const CheckPlan& plan, const Spread& spread, Findings& findings) {
  const Grid& grid = plan.the_case.start.grid;
  if (!plan.the_case.options.physics.boundary.free_surface) return;
  const std::int64_t silent = std::count_if(spread.places.begin(), spread.places.end(), [&](const auto& p) {
    return std::abs(p[2] - grid.origin[2]) <= 1e-6 * grid.spacing[2];
  });
  if (silent == 0) return;
  findings.error(spread.noun + "s", plan.survey_key(spread.key + ".first"),
                 fmt::format("{} of {} on the free surface, where the pressure is zero: {}", silent,
                             counted(std::int64_t(spread.places.size()), spread.noun),
                             spread.noun == "source" ? "no wave leaves it" : "nothing is recorded"),
                 fmt::format("put them below z = {:.7g} m, half a cell ({:.5g} m) or more", grid.origin[2],
                             0.5 * grid.spacing[2]));
}

void check_shots(const CheckPlan& plan, const Spread& sources, const Spread& receivers, Findings& findings) {
  const Survey& survey = plan.the_case.survey;
  std::size_t least = survey.shots.front().receivers.size(), most = 0;
  for (const Shot& shot : survey.shots) {
    least = std::min(least, shot.receivers.size());
    most = std::max(most, shot.receivers.size());
  }
  const std::int64_t shots = std::int64_t(survey.shots.size());
  if (plan.ranks > shots)
    findings.warning("ranks", plan.survey_key("survey.sources.count"),
                     fmt::format("{} ranks share {}: {} will idle", plan.ranks, counted(shots, "shot"),
                                 plan.ranks - shots),
                     fmt::format("start no more than {}", counted(shots, "rank")));
  findings.ok("survey", fmt::format("{} at {}, {}; {} to {} recorded a shot", counted(shots, "shot"),
                                    counted(std::int64_t(sources.places.size()), "place"),
                                    counted(std::int64_t(receivers.places.size()), "receiver"), least, most));
}

void check_duration(const CheckPlan& plan, Findings& findings) {
  const Survey& survey = plan.the_case.survey;
  double longest = 0;
  for (const Shot& shot : survey.shots)
    for (const Position& receiver : shot.receivers)
      longest = std::max(longest, std::hypot(receiver[0] - shot.source[0], receiver[1] - shot.source[1],
                                             receiver[2] - shot.source[2]));
  const std::vector<double> velocity = to_host(plan.the_case.start.at("vp"));
  double mean = 0;
  for (const double value : velocity) mean += value / double(velocity.size());
  const double delay = delay_of_peak(survey), needed = longest / mean + delay;
  const double recorded = survey.time.duration();
  const std::string words = fmt::format(
      "{:.3g} s recorded; the longest offset, {:.0f} m, takes {:.3g} s at the start's mean of {:.0f} m/s, "
      "with "
      "the wavelet's delay of {:.2g} s",
      recorded, longest, needed, mean, delay);
  if (needed > recorded)
    findings.warning("duration", plan.survey_key("survey.duration"), words,
                     fmt::format("record {:.3g} s or more, or limit survey.max_offset", 1.05 * needed));
  else
    findings.ok("duration", words);
}

/// Sources that are set off together: what must hold for their cross terms to vanish in the mean.
void check_encoding(const CheckPlan& plan, Findings& findings) {
  const InversionOptions& options = plan.the_case.options.inversion;
  const bool encoded = options.optimizer.adam.encoding == "signs" &&
                       std::any_of(options.stages.begin(), options.stages.end(),
                                   [&](const StageOptions& stage) { return is_stochastic(options, stage); });
  if (!encoded) return;
  const std::string key = "inversion.optimizer.adam.encoding";
  if (options.misfit.kind != "least_squares")
    findings.error(
        "encoding", key,
        fmt::format("signs is for a misfit that is a sum of squares, which {} is not", options.misfit.kind),
        "use inversion.misfit.kind least_squares, or encoding none");
  const std::vector<Shot>& shots = plan.the_case.survey.shots;
  const auto other = std::find_if(shots.begin(), shots.end(), [&](const Shot& shot) {
    return shot.receivers != shots.front().receivers;
  });
  if (other != shots.end())
    findings.error(
        "encoding", key,
        fmt::format("shot {} has other receivers than shot {}: traces of shots that are set off together "
                    "cannot be told apart",
                    other->id, shots.front().id),
        "let every receiver record every shot (no min_offset or max_offset), or use encoding none");
}

}  // namespace

bool check_wavelet(const CheckPlan& plan, Findings& findings) {
  const Survey& survey = plan.the_case.survey;
  const std::string key = plan.survey_key("survey.wavelet");
  if (survey.wavelet.empty()) {
    findings.error("wavelet", key, "the data file holds no wavelet",
                   "write one to it, as /wavelet, on the time axis of the data");
    return false;
  }
  const double peak = peak_of(survey.wavelet);
  if (!std::all_of(survey.wavelet.begin(), survey.wavelet.end(), [](double w) { return std::isfinite(w); })) {
    findings.error("wavelet", key, "a value of the wavelet is not finite", "repair the wavelet");
    return false;
  }
  if (peak == 0) {
    findings.error("wavelet", key, "the wavelet is zero throughout the record",
                   "let it begin within the record: check its delay, or its file");
    return false;
  }
  check_wavelet_ends(plan, peak, findings);
  findings.ok("wavelet",
              fmt::format("peak {:.3g} at {:.3g} s; strongest at {:.3g} Hz, 20 dB down at {:.3g} Hz", peak,
                          survey.time.start + delay_of_peak(survey),
                          dominant_frequency(survey.wavelet, survey.time), wavelet_edge(plan)));
  check_sampling(plan, findings);
  return true;
}

void check_geometry(const CheckPlan& plan, Findings& findings) {
  const Case& the_case = plan.the_case;
  if (the_case.survey.shots.empty()) {
    findings.error("survey", plan.survey_key("survey.sources"), "there are no shots", "add sources");
    return;
  }
  Spread sources{"source", "survey.sources", {}}, receivers{"receiver", "survey.receivers", {}};
  for (const Shot& shot : the_case.survey.shots) {
    sources.places.insert(shot.source);
    receivers.places.insert(shot.receivers.begin(), shot.receivers.end());
  }
  check_shots(plan, sources, receivers, findings);
  for (const Spread* spread : {&sources, &receivers}) {
    check_surface(plan, *spread, findings);
    if (!check_inside(plan, *spread, findings)) continue;
    const std::vector<StageOptions>& stages = the_case.options.inversion.stages;
    for (std::size_t i = 0; i < stages.size(); ++i)
      if (stages[i].spacing)
        check_inside(plan, *spread, stage_grid(the_case.start.grid, stages[i]),
                     fmt::format("stage {}", i + 1), fmt::format("inversion.stages[{}].spacing", i),
                     findings);
    if (plan.surveyed)
      check_inside(plan, *spread, plan.surveyed->grid, "synthetic data", "data.simulate.spacing", findings);
  }
  check_duration(plan, findings);
  check_encoding(plan, findings);
}

void check_data_file(const CheckPlan& plan, Findings& findings) {
  const Case& the_case = plan.the_case;
  if (!the_case.data_file) return;
  const Survey& survey = the_case.survey;
  if (the_case.options.survey)
    findings.warning("data", "survey", "not used: the data's file has a survey of its own",
                     "leave one of survey and data.file out");
  std::int64_t silent = 0;
  for (const Shot& shot : survey.shots) {
    try {
      const Gather gather = read_gather(*the_case.data_file, shot.id);
      const std::string name = fmt::format("the gather of shot {}", shot.id);
      if (gather.time != survey.time) {
        findings.error("data", "data.file",
                       fmt::format("{} has {} samples of {:.4g} ms from {:.4g} s, the survey {} of {:.4g} ms "
                                   "from {:.4g} s",
                                   name, gather.time.samples, 1e3 * gather.time.step, gather.time.start,
                                   survey.time.samples, 1e3 * survey.time.step, survey.time.start),
                       "write wavelet and all gathers on one time axis");
        return;
      }
      if (gather.receivers != int(shot.receivers.size())) {
        findings.error("data", "data.file",
                       fmt::format("{} has {} for {}", name, counted(gather.receivers, "trace"),
                                   counted(std::int64_t(shot.receivers.size()), "receiver")),
                       "write one trace a receiver");
        return;
      }
      silent += peak_of(gather.data) == 0;
    } catch (const UserError& fault) {
      findings.error("data", "data.file", fault);
      return;
    }
  }
  const std::int64_t shots = std::int64_t(survey.shots.size());
  if (silent == shots)
    findings.error("data", "data.file", "every trace is zero", "check how the file was written");
  else if (silent > 0)
    findings.warning("data", "data.file",
                     fmt::format("{} of {} hold nothing but zeros", silent, counted(shots, "gather")),
                     "leave those shots out");
  else
    findings.ok("data", fmt::format("{} of {} samples of {:.4g} ms", counted(shots, "gather"),
                                    survey.time.samples, 1e3 * survey.time.step));
}

}  // namespace fathom
