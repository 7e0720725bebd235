// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

namespace fathom {

/// "12 s", "3 min 20 s", "1 h 02 min", "2 d 03 h"; "unknown" when it is not finite.
std::string format_duration(double seconds);

/// Where progress is shown, and how.
struct ProgressOutput {
  std::ostream* stream = nullptr;  ///< null: nothing is shown
  bool bar = false;                ///< one line that is rewritten, instead of lines now and then
  int width = 79;                  ///< characters in the terminal's line
  std::function<double()> clock;   ///< s, from any origin; empty: the steady clock

  /// Standard error of the root rank: a bar when that is a terminal that can rewrite a line, and neither
  /// NO_COLOR nor TERM=dumb is set. Nothing on other ranks.
  static ProgressOutput standard(bool is_root);
};

/// How far a long task has come and when it will end: a bar on a terminal, elsewhere a line at every tenth of
/// the way and, when that takes longer, every ten seconds.
class Progress {
 public:
  /// `already_done` of the `total` was done before (a resumed run): it does not count for the time to go.
  Progress(std::string title, double total, ProgressOutput output, double already_done = 0);
  /// Clears the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of the total; the note ("misfit 0.31") follows the time to go.
  void update(double done, const std::string& note = {});
  /// Takes the bar off the line, so that something else may be printed; the next update draws it again.
  void clear();

  double elapsed() const;  ///< s since the beginning
  double share() const;    ///< 0 .. 1
  /// s to go at the mean speed so far; NaN as long as nothing was done.
  double remaining() const;

 private:
  void draw_bar(const std::string& note);
  void print_line(const std::string& note);

  std::string title_;
  double total_, already_done_, done_;
  ProgressOutput output_;
  double start_, last_shown_;
  int tenths_shown_;
  bool bar_on_line_ = false;
};

}  // namespace fathom
