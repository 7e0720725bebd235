// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "physics/communicator.hpp"

namespace fathom {

/// An HDF5 file. Values are float, double, std::int64_t or std::uint8_t; HDF5 converts when a file holds
/// another number type than the one asked for. Names are paths such as "/shots/0003/data", and groups on the
/// way are made. Every failure throws RunError with file, object and HDF5's innermost reason (a full disk,
/// say).
class Hdf5File {
 public:
  using Dimensions = std::vector<std::size_t>;  ///< slowest first (C order)

  /// For reading.
  static Hdf5File open(const std::string& path);
  /// A new file, in place of any that is there, and room on the disk for that many bytes of values in that
  /// many datasets. A disk without it is noticed here, which matters: HDF5 does not get over a write that
  /// fails (it would crash when the program ends).
  static Hdf5File create(const std::string& path, std::size_t bytes = 0, std::size_t datasets = 0);
  /// A file that `create`, `reserve` and `close` have made, opened by all ranks together so that any of them
  /// may `fill` its datasets. Opening, `close` and destruction are collective: ranks must agree on a failure
  /// before any of them destroys the file.
  static Hdf5File open_to_fill(const std::string& path, const Communicator& communicator);
  /// Whether the file is there, readable, and HDF5.
  static bool is_hdf5(const std::string& path);

  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;
  /// Closes, ignoring errors: call `close` on files that were written.
  ~Hdf5File();
  void close();

  bool exists(const std::string& name) const;
  bool is_group(const std::string& name) const;
  /// Names of the members of a group, sorted.
  std::vector<std::string> list(const std::string& group) const;
  /// Paths of all datasets below a group, at any depth, relative to it and sorted.
  std::vector<std::string> list_datasets(const std::string& group) const;
  Dimensions dimensions(const std::string& name) const;

  void make_group(const std::string& name);
  /// A new dataset with its place in the file; no value of it is defined before `fill`.
  template <class T>
  void reserve(const std::string& name, const Dimensions& dimensions);
  /// All values of a dataset that is there.
  template <class T>
  void fill(const std::string& name, const std::vector<T>& values);
  template <class T>
  void write(const std::string& name, const Dimensions& dimensions, const std::vector<T>& values) {
    reserve<T>(name, dimensions);
    fill(name, values);
  }
  template <class T>
  std::vector<T> read(const std::string& name) const;

  /// A new attribute of a group or dataset ("/" for the file).
  void set_attribute(const std::string& object, const std::string& name, const std::string& text);
  void set_attribute(const std::string& object, const std::string& name, const char* text) {
    set_attribute(object, name, std::string(text));
  }
  void set_attribute(const std::string& object, const std::string& name, double value);
  void set_attribute(const std::string& object, const std::string& name, std::int64_t value);
  void set_attribute(const std::string& object, const std::string& name, const std::vector<double>& values);
  bool has_attribute(const std::string& object, const std::string& name) const;
  std::string text_attribute(const std::string& object, const std::string& name) const;
  double number_attribute(const std::string& object, const std::string& name) const;
  std::int64_t integer_attribute(const std::string& object, const std::string& name) const;
  std::vector<double> numbers_attribute(const std::string& object, const std::string& name) const;

 private:
  struct Implementation;
  explicit Hdf5File(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> file_;
};

}  // namespace fathom
