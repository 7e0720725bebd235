// SPDX-License-Identifier: BSD-3-Clause
#include "solver/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "io/progress.hpp"
#include "physics/error.hpp"
#include "solver/check_parts.hpp"

namespace fathom {
namespace {

constexpr std::size_t line_length = 100;
constexpr const char* remedy_mark = "\n  remedy: ";

const char* name_of(Finding::Level level) {
  switch (level) {
    case Finding::Level::ok:
      return "OK";
    case Finding::Level::warning:
      return "warning";
    default:
      return "error";
  }
}

/// Words in lines that fit behind an indent; the first line is behind something as long as the indent.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string lines;
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > line_length) {
      lines += '\n';
      lines.append(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines;
}

std::int64_t count_of(const std::vector<Finding>& findings, Finding::Level level) {
  return std::count_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.level == level; });
}

}  // namespace

std::size_t Findings::errors() const {
  return std::size_t(count_of(all_, Finding::Level::error));
}

std::vector<Finding> Findings::take() {
  std::map<std::string, std::size_t> place;
  for (const Finding& finding : all_) place.emplace(finding.topic, place.size());
  std::stable_sort(all_.begin(), all_.end(),
                   [&](const Finding& a, const Finding& b) { return place.at(a.topic) < place.at(b.topic); });
  return std::move(all_);
}

void Findings::error(std::string topic, std::string key, const UserError& fault) {
  const std::string all = fault.what(), mark = remedy_mark;
  std::size_t end = std::min(all.find(mark), all.size());
  const std::string text = all.substr(0, end);
  std::string remedies;
  while (end < all.size()) {
    const std::size_t begin = end + mark.size();
    end = std::min(all.find(mark, begin), all.size());
    remedies += (remedies.empty() ? "" : "; ") + all.substr(begin, end - begin);
  }
  error(std::move(topic), std::move(key), text, remedies);
}

VelocityRange velocity_range(const Model& model) {
  const std::vector<double> values = to_host(model.at("vp"));
  VelocityRange range{1e300, -1e300, 0};
  for (const double value : values) {
    range.not_finite += !std::isfinite(value);
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range;
}

std::string extent_in_words(const Grid& grid) {
  static constexpr const char* names[] = {"x", "y", "z"};
  std::string words;
  for (int axis = 0; axis < 3; ++axis)
    if (grid.active(axis))
      words += fmt::format("{}{} = {:.7g} to {:.7g} m", words.empty() ? "" : ", ", names[axis],
                           grid.origin[axis], grid.last(axis));
  return words;
}

double round_down(double value) {
  const double digit = std::pow(10., std::floor(std::log10(value)) - 2);
  return std::floor(value / digit * (1 + 1e-12)) * digit;
}

std::string counted(std::int64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::vector<Finding> check(const Case& the_case, const Communicator& communicator, Forecast& forecast) {
  return check(the_case, communicator.size(), forecast, communicator.ranks_here());
}

std::vector<Finding> check(const Case& the_case, int ranks, Forecast& forecast, int ranks_here) {
  Findings findings;
  CheckPlan plan{.the_case = the_case, .ranks = std::max(ranks, 1), .ranks_here = ranks_here};
  if (plan.ranks_here <= 0) plan.ranks_here = plan.ranks;
  forecast = {};
  forecast.ranks = plan.ranks;
  if (!check_models(plan, findings)) return findings.take();
  check_geometry(plan, findings);
  check_data_file(plan, findings);
  const bool sounds = check_wavelet(plan, findings);
  if (sounds && plan.bounds.min < plan.bounds.max && !the_case.survey.shots.empty()) {
    check_bands(plan, findings);
    check_propagators(plan, findings);
    check_cost(plan, findings, forecast);
  }
  return findings.take();
}

std::string count_findings(const std::vector<Finding>& findings) {
  const std::int64_t errors = count_of(findings, Finding::Level::error);
  const std::int64_t warnings = count_of(findings, Finding::Level::warning);
  return counted(errors, "error") + ", " + counted(warnings, "warning");
}

std::string in_words(const Forecast& forecast) {
  std::string words;
  if (forecast.memory_bytes_per_rank > 0)
    words = bytes_in_words(forecast.memory_bytes_per_rank) + " of memory a rank";
  if (forecast.seconds > 0)
    words +=
        fmt::format(", about {} on {}", format_duration(forecast.seconds), counted(forecast.ranks, "rank"));
  return words;
}

std::string to_table(const std::vector<Finding>& findings, const Forecast& forecast) {
  std::size_t topic_width = 0;
  for (const Finding& finding : findings) topic_width = std::max(topic_width, finding.topic.size());
  const std::size_t indent = 9 + topic_width + 2;
  std::string table;
  for (const Finding& finding : findings) {
    const std::string found = finding.key.empty() ? finding.found : finding.key + ": " + finding.found;
    table += fmt::format("{:<9}{:<{}}{}\n", name_of(finding.level), finding.topic, topic_width + 2,
                         wrapped(found, indent));
    if (!finding.remedy.empty())
      table += fmt::format("{:<{}}{}\n", "", indent, wrapped("remedy: " + finding.remedy, indent));
  }
  table += '\n';
  table += count_findings(findings);
  const std::string cost = in_words(forecast);
  if (!cost.empty()) table += "; " + cost;
  return table + "\n";
}

void require_sound(const Case& the_case, const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& finding : findings) {
    if (finding.level != Finding::Level::error) continue;
    if (!all.empty()) all += "\n";
    all += finding.key.empty() ? UserError(finding.found, finding.remedy).what()
                               : the_case.config.error(finding.key, finding.found, finding.remedy).what();
  }
  if (!all.empty()) throw UserError(all);
}

}  // namespace fathom
