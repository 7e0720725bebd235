// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iosfwd>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "io/atomic_file.hpp"
#include "physics/communicator.hpp"

namespace fathom {

/// The folder that receives everything a run produces. While it or a copy of it lives, no other process works
/// in the folder; where the file system has no locks, it cannot tell.
class RunFolder {
 public:
  /// Makes the folder (collective). One that holds results is refused with UserError, on every rank, unless
  /// the run resumes; so is one that another process works in, when it still does after a few seconds.
  RunFolder(const std::string& folder, bool resume, Communicator& communicator);
  std::string path(const std::string& name) const;
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::shared_ptr<const int> lock_;  // of root; the system takes it off a process that is killed
};

/// Lines for the reader of the terminal and of log.txt. Only root writes; the file gets the time of day, and
/// is appended to. A log file that cannot be written costs one warning on the terminal, not the run.
class Log {
 public:
  /// An empty path: terminal only. The label goes before each line on the terminal. Throws RunError when the
  /// file cannot be opened.
  Log(const std::string& path, bool is_root, std::ostream& terminal, std::string label = {});
  void info(const std::string& text) { write("info", "", text); }
  void warning(const std::string& text) { write("warning", "warning: ", text); }
  /// Called before a line goes to the terminal: a progress bar clears itself there.
  void before_line(std::function<void()> action) { before_line_ = std::move(action); }

 private:
  void write(const char* level, const std::string& prefix, const std::string& text);

  bool is_root_;
  std::ostream* terminal_;
  std::string label_;
  std::ofstream file_;
  std::function<void()> before_line_;
};

/// A CSV file that grows by a row at a time, each of them flushed (history.csv). Only root writes.
class Table {
 public:
  /// Numbers are written with as many digits as it takes to read the same bits again; NaN is an empty cell.
  using Cell = std::variant<double, std::int64_t, std::string>;

  /// A new file, or, to resume, the old one cut after its first `keep_rows` rows. Throws RunError, also when
  /// the old file has other columns.
  Table(const std::string& path, const std::vector<std::string>& columns, bool is_root,
        std::size_t keep_rows = 0);
  void append(const std::vector<Cell>& row);

 private:
  std::string path_;
  std::size_t columns_;
  bool is_root_;
  std::ofstream file_;
};

/// What a run is doing, for people and programs that watch it. A number that is not known is NaN: null in the
/// file.
struct Status {
  std::string state = "starting";  ///< such as running, done, failed, interrupted
  int stage = 0, stages = 0;
  int iteration = 0, iterations = 0;
  double misfit = std::numeric_limits<double>::quiet_NaN();
  std::int64_t pde_solves = 0;
  double progress = 0;                                      ///< 0 .. 1
  double elapsed_s = 0;                                     ///< s
  double eta_s = std::numeric_limits<double>::quiet_NaN();  ///< s to go
  std::string message;
};

/// status.json, replaced atomically; at most twice a second, except when the state changes. Only root writes.
class StatusFile {
 public:
  using Clock = std::function<double()>;  ///< s, from any origin
  StatusFile(std::string path, bool is_root, Clock clock = {});
  void update(const Status& status);

 private:
  std::string path_;
  bool is_root_;
  Clock clock_;
  std::string last_state_;
  double last_time_ = -std::numeric_limits<double>::infinity();
};

}  // namespace fathom
