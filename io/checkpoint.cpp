// SPDX-License-Identifier: BSD-3-Clause
#include "io/checkpoint.hpp"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <string_view>

#include "io/atomic_file.hpp"
#include "io/hdf5.hpp"
#include "io/sha256.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr const char* format_name = "fathom checkpoint 1";

/// Names and lengths go in as well, so that nothing can move from one array to its neighbour unnoticed.
void add(Sha256& digest, char kind, std::string_view name, const void* bytes, std::size_t count) {
  digest.update(fmt::format("{} {} {} {}\n", kind, name.size(), name, count));
  digest.update(bytes, count);
}

std::string digest_of(const Checkpoint& checkpoint) {
  Sha256 digest;
  for (const auto& [name, values] : checkpoint.arrays)
    add(digest, 'a', name, values.data(), values.size() * sizeof(double));
  for (const auto& [name, value] : checkpoint.integers) add(digest, 'i', name, &value, sizeof(value));
  for (const auto& [name, text] : checkpoint.texts) add(digest, 't', name, text.data(), text.size());
  return digest.hexadecimal();
}

[[noreturn]] void reject(const std::string& path, const std::string& reason) {
  throw RunError(
      fmt::format("the checkpoint {} is damaged: {}; start the run anew, or restore the file", path, reason));
}

Checkpoint read_contents(const Hdf5File& file) {
  Checkpoint checkpoint;
  for (const std::string& name : file.list_datasets("/arrays"))
    checkpoint.arrays[name] = file.read<double>("/arrays/" + name);
  for (const std::string& name : file.list_datasets("/integers"))
    checkpoint.integers[name] = file.read<std::int64_t>("/integers/" + name).at(0);
  for (const std::string& name : file.list_datasets("/texts")) {
    const std::vector<std::uint8_t> bytes = file.read<std::uint8_t>("/texts/" + name);
    checkpoint.texts[name] = {bytes.begin(), bytes.end()};
  }
  return checkpoint;
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  std::size_t bytes = checkpoint.integers.size() * sizeof(std::int64_t);
  for (const auto& [name, values] : checkpoint.arrays) bytes += values.size() * sizeof(double);
  for (const auto& [name, text] : checkpoint.texts) bytes += text.size();
  const std::size_t datasets =
      checkpoint.arrays.size() + checkpoint.integers.size() + checkpoint.texts.size();
  PendingFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), bytes, datasets);
  for (const char* group : {"/arrays", "/integers", "/texts"}) file.make_group(group);
  for (const auto& [name, values] : checkpoint.arrays) file.write("/arrays/" + name, {values.size()}, values);
  for (const auto& [name, value] : checkpoint.integers)
    file.write("/integers/" + name, {1}, std::vector<std::int64_t>{value});
  for (const auto& [name, text] : checkpoint.texts)
    file.write("/texts/" + name, {text.size()}, std::vector<std::uint8_t>(text.begin(), text.end()));
  file.set_attribute("/", "format", format_name);
  file.set_attribute("/", "sha256", digest_of(checkpoint));
  file.close();
  pending.commit();
}

Checkpoint read_checkpoint(const std::string& path) {
  if (!std::filesystem::exists(path)) throw RunError("there is no checkpoint " + path);
  Checkpoint checkpoint;
  std::string expected;
  try {
    const Hdf5File file = Hdf5File::open(path);
    if (file.text_attribute("/", "format") != format_name)
      throw RunError("it has another format than this program's");
    expected = file.text_attribute("/", "sha256");
    checkpoint = read_contents(file);
  } catch (const std::exception& error) {  // what a damaged file leads to is not only RunError
    reject(path, error.what());
  }
  if (digest_of(checkpoint) != expected) reject(path, "its contents do not match their checksum");
  return checkpoint;
}

}  // namespace fathom
