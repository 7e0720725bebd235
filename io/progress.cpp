// SPDX-License-Identifier: BSD-3-Clause
#include "io/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string_view>

namespace fathom {
namespace {

constexpr double seconds_between_lines = 10;
constexpr double seconds_between_bars = 0.1;

/// Guards against the last bit: 0.3 of the way is three tenths.
int tenths(double share) {
  return int(std::floor(share * 10 + 1e-9));
}

}  // namespace

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds)) return "unknown";
  const long whole = std::lround(std::clamp(seconds, 0., 1e12));
  const long minutes = whole / 60, hours = minutes / 60, days = hours / 24;
  if (days > 0) return fmt::format("{} d {:02} h", days, hours % 24);
  if (hours > 0) return fmt::format("{} h {:02} min", hours, minutes % 60);
  if (minutes > 0) return fmt::format("{} min {:02} s", minutes, whole % 60);
  return fmt::format("{} s", whole);
}

ProgressOutput ProgressOutput::standard(bool is_root) {
  ProgressOutput output;
  if (!is_root) return output;
  output.stream = &std::cerr;
  const char* terminal = std::getenv("TERM");
  const bool can_rewrite = terminal && std::string_view(terminal) != "dumb" && !std::getenv("NO_COLOR");
  output.bar = can_rewrite && ::isatty(STDERR_FILENO);
  winsize size{};
  // One column stays free: a full line would make some terminals scroll.
  if (output.bar && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
    output.width = size.ws_col - 1;
  return output;
}

Progress::Progress(std::string title, double total, ProgressOutput output, double already_done)
    : title_(std::move(title)),
      total_(total),
      already_done_(already_done),
      done_(already_done),
      output_(std::move(output)) {
  if (!output_.clock)
    output_.clock = [] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
  start_ = output_.clock();
  last_shown_ = output_.bar ? -std::numeric_limits<double>::infinity() : start_;
  tenths_shown_ = tenths(share());
}

Progress::~Progress() {
  clear();
}

void Progress::update(double done, const std::string& note) {
  const bool arrives = done >= total_ && done_ < total_;
  done_ = done;
  if (!output_.stream) return;
  const double since = output_.clock() - last_shown_;
  if (output_.bar) {
    if (arrives || since >= seconds_between_bars) draw_bar(note);
  } else if (arrives || tenths(share()) > tenths_shown_ || since >= seconds_between_lines) {
    print_line(note);
  }
}

void Progress::clear() {
  if (!bar_on_line_) return;
  *output_.stream << '\r' << std::string(std::size_t(output_.width), ' ') << '\r' << std::flush;
  bar_on_line_ = false;
  last_shown_ = -std::numeric_limits<double>::infinity();
}

double Progress::elapsed() const {
  return output_.clock() - start_;
}

double Progress::share() const {
  return total_ > 0 ? std::clamp(done_ / total_, 0., 1.) : 1.;
}

double Progress::remaining() const {
  const double done_here = done_ - already_done_;
  if (done_ >= total_) return 0;
  return done_here > 0 ? elapsed() / done_here * (total_ - done_) : std::numeric_limits<double>::quiet_NaN();
}

void Progress::draw_bar(const std::string& note) {
  constexpr int cells = 24;
  const int filled = int(share() * cells);
  const std::string bar = std::string(filled, '=') + (filled < cells ? ">" : "") +
                          std::string(std::max(0, cells - filled - 1), ' ');
  const double left = remaining();
  std::string line = fmt::format("{} [{}] {:3.0f} %", title_, bar, std::floor(100 * share()));
  if (std::isfinite(left)) line += ", " + format_duration(left) + " left";
  if (!note.empty()) line += ", " + note;
  line.resize(std::size_t(output_.width), ' ');  // covers what stood there
  *output_.stream << '\r' << line << std::flush;
  bar_on_line_ = true;
  last_shown_ = output_.clock();
}

void Progress::print_line(const std::string& note) {
  std::string line = fmt::format("{}: {:.0f} %", title_, std::floor(100 * share() + 1e-9));
  const double left = remaining();
  if (done_ >= total_)
    line += " after " + format_duration(elapsed());
  else if (std::isfinite(left))
    line += ", " + format_duration(left) + " left";
  if (!note.empty()) line += ", " + note;
  *output_.stream << line << std::endl;
  last_shown_ = output_.clock();
  tenths_shown_ = tenths(share());
}

}  // namespace fathom
