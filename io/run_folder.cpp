// SPDX-License-Identifier: BSD-3-Clause
#include "io/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "physics/error.hpp"

namespace fathom {
namespace {

namespace fs = std::filesystem;

/// Root makes the folder; the mistake that forbids it, or nothing.
std::string make_folder(const std::string& folder, bool resume) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    return folder + " is a file, and a run needs a folder\n  remedy: give another folder with --out";
  if (!resume)
    for (const char* name :
         {"status.json", "history.csv", "metrics.json", "models.h5", "gathers.h5", "checkpoint.h5"})
      if (fs::exists(fs::path(folder) / name, error))
        return fmt::format(
            "{} holds the results of a run ({})\n  remedy: give another folder with --out, go on with that "
            "run by "
            "--resume, or remove the folder",
            folder, name);
  fs::create_directories(folder, error);
  if (error)
    return fmt::format("cannot make the folder {}: {}\n  remedy: give one with --out where you may write",
                       folder, error.message());
  return {};
}

/// Throws UserError when another process still has it after a few seconds: one that was killed may take some
/// to end. Null: the file system has no locks.
std::shared_ptr<const int> locked(const std::string& folder) {
  constexpr int tries = 30;
  constexpr std::chrono::milliseconds pause(100);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return nullptr;
  std::shared_ptr<const int> lock(new int(file), [](const int* held) {
    ::close(*held);
    delete held;
  });
  for (int tried = 0; ::flock(file, LOCK_EX | LOCK_NB) != 0; ++tried) {
    if (errno != EWOULDBLOCK && errno != EINTR) return nullptr;
    if (tried == tries)
      throw UserError("another process works in " + folder,
                      "wait until it has ended, or give another folder with --out");
    std::this_thread::sleep_for(pause);
  }
  return lock;
}

std::string broadcast_text(std::string text, Communicator& communicator) {
  std::uint64_t size = text.size();
  communicator.broadcast(&size, sizeof(size));
  text.resize(size);
  if (size > 0) communicator.broadcast(text.data(), size);
  return text;
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

std::string format_cell(const Table::Cell& cell) {
  if (const double* number = std::get_if<double>(&cell))
    return std::isnan(*number) ? "" : fmt::format("{}", *number);
  if (const std::int64_t* number = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *number);
  std::string text = std::get<std::string>(cell);
  std::replace(text.begin(), text.end(), '\n', ' ');  // a row is a line
  if (text.find_first_of(",\"\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

std::string format_row(const std::vector<Table::Cell>& row) {
  std::string line;
  for (const Table::Cell& cell : row) {
    if (&cell != &row.front()) line += ',';
    line += format_cell(cell);
  }
  return line + "\n";
}

}  // namespace

RunFolder::RunFolder(const std::string& folder, bool resume, Communicator& communicator) : folder_(folder) {
  std::string mistake;
  if (communicator.is_root()) {
    mistake = make_folder(folder, resume);
    try {
      if (mistake.empty()) lock_ = locked(folder);
    } catch (const UserError& error) {
      mistake = error.what();
    }
  }
  mistake = broadcast_text(std::move(mistake), communicator);
  if (!mistake.empty()) throw UserError(mistake);
}

std::string RunFolder::path(const std::string& name) const {
  return (fs::path(folder_) / name).string();
}

Log::Log(const std::string& path, bool is_root, std::ostream& terminal, std::string label)
    : is_root_(is_root), terminal_(&terminal), label_(std::move(label)) {
  if (!is_root || path.empty()) return;
  file_.open(path, std::ios::app);
  if (!file_) throw RunError(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
}

void Log::write(const char* level, const std::string& prefix, const std::string& text) {
  if (!is_root_) return;
  if (before_line_) before_line_();
  *terminal_ << label_ + prefix + text + "\n" << std::flush;
  if (!file_.is_open()) return;
  file_ << time_of_day() << ' ' << level << ' ' << text << std::endl;
  if (file_) return;
  *terminal_ << "warning: cannot write the log file any more: " << std::strerror(errno) << std::endl;
  file_.close();
}

Table::Table(const std::string& path, const std::vector<std::string>& columns, bool is_root,
             std::size_t keep_rows)
    : path_(path), columns_(columns.size()), is_root_(is_root) {
  if (!is_root) return;
  const std::string header = format_row({columns.begin(), columns.end()});
  std::string kept = header;
  if (keep_rows > 0 && fs::exists(path)) {
    const std::string old = read_file(path);
    if (!old.starts_with(header))
      throw RunError(path +
                     " has other columns than this run would write: resume with the program that began it");
    std::size_t end = header.size();
    // A row without its end was being written when the run was killed.
    for (std::size_t row = 0, next; row < keep_rows && (next = old.find('\n', end)) != std::string::npos;
         ++row)
      end = next + 1;
    kept = old.substr(0, end);
  }
  write_file_atomically(path, kept);
  file_.open(path, std::ios::app);
  if (!file_) throw RunError(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
}

void Table::append(const std::vector<Cell>& row) {
  assert(row.size() == columns_);
  if (!is_root_) return;
  file_ << format_row(row) << std::flush;
  if (!file_) throw RunError(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
}

StatusFile::StatusFile(std::string path, bool is_root, Clock clock)
    : path_(std::move(path)), is_root_(is_root), clock_(std::move(clock)) {
  if (!clock_)
    clock_ = [] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
}

void StatusFile::update(const Status& status) {
  if (!is_root_) return;
  const double now = clock_();
  if (status.state == last_state_ && now - last_time_ < 0.5) return;
  const nlohmann::ordered_json contents = {
      {"state", status.state},           {"stage", status.stage},           {"stages", status.stages},
      {"iteration", status.iteration},   {"iterations", status.iterations}, {"misfit", status.misfit},
      {"pde_solves", status.pde_solves}, {"progress", status.progress},     {"elapsed_s", status.elapsed_s},
      {"eta_s", status.eta_s},           {"message", status.message}};
  // A message may quote a file name, which need not be UTF-8.
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  write_file_atomically(path_, contents.dump(1, ' ', false, replace) + "\n");
  last_state_ = status.state;
  last_time_ = now;
}

}  // namespace fathom
