// SPDX-License-Identifier: BSD-3-Clause
#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "physics/error.hpp"

namespace fathom {
namespace {

[[noreturn]] void fail(const std::string& action, const std::string& path) {
  const int reason = errno;
  throw RunError(fmt::format("cannot {} {}: {}", action, path, std::strerror(reason)));
}

/// An open file, closed on every way out.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (number_ < 0) fail("open", path);
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(number_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("write", path_);
      bytes.remove_prefix(std::size_t(written));
    }
  }
  void claim_room(std::size_t size) {
    const int reason = ::posix_fallocate(number_, 0, off_t(size));
    if (reason != ENOSPC && reason != EDQUOT && reason != EFBIG && reason != EIO)
      return;  // some disks cannot tell
    errno = reason;
    fail("find room for", path_);
  }
  void synchronize() {
    // Devices and some network disks cannot synchronize (EINVAL): they have nothing to lose either.
    if (::fsync(number_) != 0 && errno != EINVAL) fail("bring to the disk", path_);
  }
  void close() {
    const int number = number_;
    number_ = -1;
    if (::close(number) != 0) fail("close", path_);
  }

 private:
  std::string path_;
  int number_;
};

}  // namespace

PendingFile::PendingFile(const std::string& path) : path_(path), temporary_(temporary_name(path)) {}

PendingFile::~PendingFile() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void PendingFile::commit() {
  Descriptor contents(temporary_, O_RDONLY);
  contents.synchronize();
  contents.close();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("rename " + temporary_ + " to", path_);
  committed_ = true;
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  Descriptor(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY).synchronize();
}

void write_file_atomically(const std::string& path, std::string_view bytes) {
  PendingFile pending(path);
  Descriptor file(pending.temporary(), O_WRONLY | O_CREAT | O_TRUNC);
  file.write(bytes);
  file.close();
  pending.commit();
}

void claim_room(const std::string& path, std::size_t size) {
  Descriptor file(path, O_RDWR | O_CREAT);
  file.claim_room(size);
  file.close();
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  if (file && file.peek() != std::ifstream::traits_type::eof()) bytes << file.rdbuf();
  if (!file.is_open() || file.bad()) fail("read", path);
  return bytes.str();
}

}  // namespace fathom
