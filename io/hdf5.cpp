// SPDX-License-Identifier: BSD-3-Clause
#include "io/hdf5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <functional>
#include <numeric>
#include <type_traits>
#include <utility>

// MPI's C++ bindings are neither used nor linked.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <hdf5.h>
#include <mpi.h>

#include "io/atomic_file.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

/// An HDF5 identifier that is closed once.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle() { close(); }
  operator hid_t() const { return id_; }
  herr_t close() {
    const hid_t id = std::exchange(id_, -1);
    return id >= 0 ? close_(id) : 0;
  }

 private:
  hid_t id_;
  Close close_;
};

/// HDF5 would print its whole stack of errors; ours say the same in one line.
herr_t note_reason(unsigned /*depth*/, const H5E_error2_t* error, void* reason) {
  std::string& text = *static_cast<std::string*>(reason);
  const std::string description = error->desc ? error->desc : "";
  // The system's words are buried among addresses and times: error message = 'No space left on device'.
  const std::string key = "error message = '";
  const std::size_t start = description.find(key);
  if (start != std::string::npos) {
    const std::size_t from = start + key.size();
    text = description.substr(from, description.find('\'', from) - from);
    return 1;
  }
  if (text.empty()) text = description;
  return 0;
}

/// The system's reason for the last failure if there is one, else HDF5's innermost.
std::string last_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_reason, &reason);
  return reason.empty() ? "unknown reason" : reason;
}

template <class T>
hid_t memory_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_NATIVE_UINT8;
}

template <class T>
hid_t file_type() {
  if constexpr (std::is_same_v<T, float>) return H5T_IEEE_F32LE;
  if constexpr (std::is_same_v<T, double>) return H5T_IEEE_F64LE;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_STD_I64LE;
  if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_STD_U8LE;
}

std::size_t count_values(const Hdf5File::Dimensions& dimensions) {
  return std::accumulate(dimensions.begin(), dimensions.end(), std::size_t{1}, std::multiplies<>());
}

}  // namespace

struct Hdf5File::Implementation {
  explicit Implementation(std::string name) : path(std::move(name)) {}

  std::string path;
  hid_t id = -1;

  ~Implementation() {
    if (id >= 0) H5Fclose(id);
  }

  [[noreturn]] void fail(const std::string& action, const std::string& name,
                         const std::string& reason) const {
    throw RunError(fmt::format("{}: cannot {}{}{}: {}", path, action, name.empty() ? "" : " ", name, reason));
  }

  template <class Result>
  Result check(Result result, const char* action, const std::string& name) const {
    if (result < 0) fail(action, name, last_reason());
    return result;
  }

  Handle open_object(const std::string& name) const {
    return {check(H5Oopen(id, name.c_str(), H5P_DEFAULT), "open", name), H5Oclose};
  }
  Handle open_dataset(const std::string& name) const {
    return {check(H5Dopen2(id, name.c_str(), H5P_DEFAULT), "open dataset", name), H5Dclose};
  }
  Handle open_attribute(const std::string& object, const std::string& name) const {
    return {check(H5Aopen_by_name(id, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
                  "read attribute", object + "@" + name),
            H5Aclose};
  }

  Dimensions dimensions(hid_t space, const std::string& name) const {
    const int rank = check(H5Sget_simple_extent_ndims(space), "read the shape of", name);
    std::vector<hsize_t> extents(rank);
    check(H5Sget_simple_extent_dims(space, extents.data(), nullptr), "read the shape of", name);
    return {extents.begin(), extents.end()};
  }

  void write_attribute(const std::string& object, const std::string& name, hid_t in_file, hid_t in_memory,
                       hid_t space, const void* values) const {
    const std::string full = object + "@" + name;
    const Handle target = open_object(object);
    Handle attribute(check(H5Acreate2(target, name.c_str(), in_file, space, H5P_DEFAULT, H5P_DEFAULT),
                           "make attribute", full),
                     H5Aclose);
    check(H5Awrite(attribute, in_memory, values), "write attribute", full);
    check(attribute.close(), "write attribute", full);
  }

  template <class T>
  void write_attribute(const std::string& object, const std::string& name, T value) const {
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    write_attribute(object, name, file_type<T>(), memory_type<T>(), space, &value);
  }

  template <class T>
  std::vector<T> read_attribute(const std::string& object, const std::string& name) const {
    const std::string full = object + "@" + name;
    const Handle attribute = open_attribute(object, name);
    const Handle space(H5Aget_space(attribute), H5Sclose);
    std::vector<T> values(count_values(dimensions(space, full)));
    check(H5Aread(attribute, memory_type<T>(), values.data()), "read attribute", full);
    return values;
  }

  template <class T>
  T read_one(const std::string& object, const std::string& name) const {
    const std::vector<T> values = read_attribute<T>(object, name);
    if (values.size() != 1) fail("read attribute", object + "@" + name, "it is not one number");
    return values[0];
  }
};

namespace {

Handle file_access() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // our exceptions say it
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  // From this version on HDF5 keeps checksums of its own structures, so that a damaged file is noticed.
  H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
  // Files are written under a temporary name: locks protect nothing, and some network disks lack them.
  H5Pset_file_locking(access, false, true);
  return access;
}

}  // namespace

Hdf5File Hdf5File::open(const std::string& path) {
  auto file = std::make_unique<Implementation>(path);
  file->id = file->check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, file_access()), "open", "");
  return Hdf5File(std::move(file));
}

Hdf5File Hdf5File::create(const std::string& path, std::size_t bytes, std::size_t datasets) {
  // Headers, attributes and links of a dataset and its group take about 1 kB; what is too much is given back.
  const std::size_t room = bytes + 4096 * datasets + 65536;
  claim_room(path, room);
  Implementation empty(path);  // gives the room back, but takes next to nothing itself
  empty.id = empty.check(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, file_access()), "create", "");
  empty.check(H5Fclose(std::exchange(empty.id, -1)), "create", "");
  claim_room(path, room);
  return open_to_fill(path, Communicator());
}

Hdf5File Hdf5File::open_to_fill(const std::string& path, const Communicator& communicator) {
  auto file = std::make_unique<Implementation>(path);
  const Handle access = file_access();
  if (const void* ranks = communicator.mpi_communicator())
    file->check(H5Pset_fapl_mpio(access, *static_cast<const MPI_Comm*>(ranks), MPI_INFO_NULL), "share", "");
  file->id = file->check(H5Fopen(path.c_str(), H5F_ACC_RDWR, access), "open", "");
  return Hdf5File(std::move(file));
}

bool Hdf5File::is_hdf5(const std::string& path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  return H5Fis_hdf5(path.c_str()) > 0;
}

Hdf5File::Hdf5File(std::unique_ptr<Implementation> implementation) : file_(std::move(implementation)) {}
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;
Hdf5File::~Hdf5File() = default;

void Hdf5File::close() {
  // Both are collective: a rank whose flush fails must still close with the others.
  const bool flushed = H5Fflush(file_->id, H5F_SCOPE_GLOBAL) >= 0;
  const std::string reason = flushed ? "" : last_reason();
  const herr_t closed = H5Fclose(std::exchange(file_->id, -1));
  if (!flushed) file_->fail("write", "to the end", reason);
  file_->check(closed, "close", "");
}

bool Hdf5File::exists(const std::string& name) const {
  // H5Lexists wants every group on the way to exist.
  for (std::size_t end = name.find('/', 1);; end = name.find('/', end + 1)) {
    const std::string part = name.substr(0, end);
    if (part != "/" && file_->check(H5Lexists(file_->id, part.c_str(), H5P_DEFAULT), "look up", part) == 0)
      return false;
    if (end == std::string::npos) return true;
  }
}

bool Hdf5File::is_group(const std::string& name) const {
  return H5Iget_type(file_->open_object(name)) == H5I_GROUP;
}

std::vector<std::string> Hdf5File::list(const std::string& group) const {
  const Handle opened(file_->check(H5Gopen2(file_->id, group.c_str(), H5P_DEFAULT), "open group", group),
                      H5Gclose);
  H5G_info_t info{};
  file_->check(H5Gget_info(opened, &info), "list", group);
  std::vector<std::string> names;
  for (hsize_t member = 0; member < info.nlinks; ++member) {
    const auto copy_name = [&](char* name, std::size_t size) {
      return H5Lget_name_by_idx(opened, ".", H5_INDEX_NAME, H5_ITER_INC, member, name, size, H5P_DEFAULT);
    };
    std::string name(file_->check(copy_name(nullptr, 0), "list", group), '\0');
    file_->check(copy_name(name.data(), name.size() + 1), "list", group);
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Hdf5File::list_datasets(const std::string& group) const {
  std::vector<std::string> paths;
  for (const std::string& name : list(group)) {
    const std::string full = group + "/" + name;
    if (is_group(full))
      for (const std::string& below : list_datasets(full)) paths.push_back(name + "/" + below);
    else
      paths.push_back(name);
  }
  return paths;
}

Hdf5File::Dimensions Hdf5File::dimensions(const std::string& name) const {
  const Handle dataset = file_->open_dataset(name);
  return file_->dimensions(Handle(H5Dget_space(dataset), H5Sclose), name);
}

void Hdf5File::make_group(const std::string& name) {
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  Handle group(
      file_->check(H5Gcreate2(file_->id, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), "make group", name),
      H5Gclose);
  file_->check(group.close(), "make group", name);
}

template <class T>
void Hdf5File::reserve(const std::string& name, const Dimensions& dimensions) {
  const std::vector<hsize_t> extents(dimensions.begin(), dimensions.end());
  const Handle space(
      file_->check(H5Screate_simple(int(extents.size()), extents.data(), nullptr), "shape", name), H5Sclose);
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
  H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);  // `fill` on several ranks must not move anything
  Handle dataset(
      file_->check(H5Dcreate2(file_->id, name.c_str(), file_type<T>(), space, links, creation, H5P_DEFAULT),
                   "make dataset", name),
      H5Dclose);
  file_->check(dataset.close(), "make dataset", name);
}

template <class T>
void Hdf5File::fill(const std::string& name, const std::vector<T>& values) {
  assert(values.size() == count_values(dimensions(name)));
  Handle dataset = file_->open_dataset(name);
  if (!values.empty())
    file_->check(H5Dwrite(dataset, memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
                 "write dataset", name);
  file_->check(dataset.close(), "write dataset", name);  // small writes are buffered until here
}

template <class T>
std::vector<T> Hdf5File::read(const std::string& name) const {
  const Handle dataset = file_->open_dataset(name);
  const std::size_t count = count_values(file_->dimensions(Handle(H5Dget_space(dataset), H5Sclose), name));
  const Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  std::error_code ignored;
  if (H5Pget_layout(creation) == H5D_CONTIGUOUS &&
      H5Dget_storage_size(dataset) > std::filesystem::file_size(file_->path, ignored))
    file_->fail("read dataset", name, "it claims to be larger than the file, which must be damaged");
  std::vector<T> values(count);
  if (count > 0)
    file_->check(H5Dread(dataset, memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
                 "read dataset", name);
  return values;
}

#define FATHOM_HDF5_VALUES(T)                                                \
  template void Hdf5File::reserve<T>(const std::string&, const Dimensions&); \
  template void Hdf5File::fill(const std::string&, const std::vector<T>&);   \
  template std::vector<T> Hdf5File::read(const std::string&) const;
FATHOM_HDF5_VALUES(float)
FATHOM_HDF5_VALUES(double)
FATHOM_HDF5_VALUES(std::int64_t)
FATHOM_HDF5_VALUES(std::uint8_t)
#undef FATHOM_HDF5_VALUES

void Hdf5File::set_attribute(const std::string& object, const std::string& name, const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, text.size() + 1);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  file_->write_attribute(object, name, type, type, space, text.c_str());
}

void Hdf5File::set_attribute(const std::string& object, const std::string& name, double value) {
  file_->write_attribute(object, name, value);
}

void Hdf5File::set_attribute(const std::string& object, const std::string& name, std::int64_t value) {
  file_->write_attribute(object, name, value);
}

void Hdf5File::set_attribute(const std::string& object, const std::string& name,
                             const std::vector<double>& values) {
  const hsize_t count = values.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  file_->write_attribute(object, name, file_type<double>(), memory_type<double>(), space, values.data());
}

bool Hdf5File::has_attribute(const std::string& object, const std::string& name) const {
  return file_->check(H5Aexists_by_name(file_->id, object.c_str(), name.c_str(), H5P_DEFAULT),
                      "look up attribute", object + "@" + name) > 0;
}

std::string Hdf5File::text_attribute(const std::string& object, const std::string& name) const {
  const std::string full = object + "@" + name;
  const Handle attribute = file_->open_attribute(object, name);
  const Handle type(H5Aget_type(attribute), H5Tclose);
  const Handle space(H5Aget_space(attribute), H5Sclose);
  if (H5Tget_class(type) != H5T_STRING || count_values(file_->dimensions(space, full)) != 1)
    file_->fail("read attribute", full, "it is not one text");
  if (file_->check(H5Tis_variable_str(type), "read attribute", full) > 0) {
    char* text = nullptr;
    file_->check(H5Aread(attribute, type, &text), "read attribute", full);
    const std::string copy = text ? text : "";
    H5free_memory(text);
    return copy;
  }
  std::string text(H5Tget_size(type), '\0');
  file_->check(H5Aread(attribute, type, text.data()), "read attribute", full);
  // Fixed-length texts are padded with spaces by Fortran, with zeros by everyone else.
  const char padding = H5Tget_strpad(type) == H5T_STR_SPACEPAD ? ' ' : '\0';
  text.resize(text.find_last_not_of(padding) + 1);
  return text;
}

double Hdf5File::number_attribute(const std::string& object, const std::string& name) const {
  return file_->read_one<double>(object, name);
}

std::int64_t Hdf5File::integer_attribute(const std::string& object, const std::string& name) const {
  return file_->read_one<std::int64_t>(object, name);
}

std::vector<double> Hdf5File::numbers_attribute(const std::string& object, const std::string& name) const {
  return file_->read_attribute<double>(object, name);
}

}  // namespace fathom
