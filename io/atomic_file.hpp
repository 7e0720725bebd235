// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fathom {

/// A file that appears under its name only when it is whole: written beside it as `NAME.partial`, brought to
/// the disk, then renamed. Whatever stood under the name stays until that instant, and for good when anything
/// fails.
class PendingFile {
 public:
  explicit PendingFile(const std::string& path);
  /// The name beside a file under which it is written.
  static std::string temporary_name(const std::string& path) { return path + ".partial"; }
  /// Removes the temporary file unless it was committed.
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  /// Where to write; in the same folder, hence on the same disk.
  const std::string& temporary() const { return temporary_; }
  /// fsync, rename, fsync of the folder. Throws RunError with the system's reason.
  void commit();

 private:
  std::string path_, temporary_;
  bool committed_ = false;
};

/// Replaces a file as a whole, or leaves it as it was and throws RunError with the system's reason.
void write_file_atomically(const std::string& path, std::string_view bytes);

/// Grows a file, which is made if need be, to at least `size` bytes, all of which the disk has room for.
/// Throws RunError with the system's reason when it has not.
void claim_room(const std::string& path, std::size_t size);

/// All bytes of a file. Throws RunError with the system's reason.
std::string read_file(const std::string& path);

}  // namespace fathom
