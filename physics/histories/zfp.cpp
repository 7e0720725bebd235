// SPDX-License-Identifier: BSD-3-Clause

// Snapshots compressed by zfp (Lindstrom, IEEE TVCG 20, 2014) at a fixed rate: a number of bits a value on
// the average over blocks of 4 x 4 (x 4), so that the memory is known beforehand. On the host: on a GPU,
// snapshots travel.

#include <zfp.h>

#include <algorithm>

#include "physics/error.hpp"
#include "physics/histories/histories.hpp"

namespace fathom {
namespace {

/// A stream of zfp's over a piece of memory, with the field it codes.
class Coder {
 public:
  Coder(const HistoryShape& shape, Real* values, void* memory, std::size_t bytes) {
    const auto [planes, rows, pitch] = shape.extents;
    const unsigned length = unsigned(shape.cells_of_row > 0 ? shape.cells_of_row : pitch);
    const bool three_d = rows > 1;
    field_ = three_d ? zfp_field_3d(values, type, length, unsigned(rows), unsigned(planes))
                     : zfp_field_2d(values, type, length, unsigned(planes));
    if (three_d)
      zfp_field_set_stride_3d(field_, 1, pitch, rows * pitch);
    else
      zfp_field_set_stride_2d(field_, 1, pitch);
    bits_ = stream_open(memory, bytes);
    stream_ = zfp_stream_open(bits_);
    zfp_stream_set_rate(stream_, std::min(double(shape.zfp_bits), 8. * sizeof(Real)), type, three_d ? 3 : 2,
                        zfp_true);
    zfp_stream_rewind(stream_);
  }
  ~Coder() {
    zfp_stream_close(stream_);
    stream_close(bits_);
    zfp_field_free(field_);
  }
  Coder(const Coder&) = delete;
  Coder& operator=(const Coder&) = delete;

  std::size_t most_bytes() const { return zfp_stream_maximum_size(stream_, field_); }
  void compress() {
    if (zfp_compress(stream_, field_) == 0) throw RunError("zfp could not compress a snapshot");
  }
  void expand() {
    if (zfp_decompress(stream_, field_) == 0) throw RunError("zfp could not expand a snapshot");
  }

 private:
  static constexpr zfp_type type = sizeof(Real) == 4 ? zfp_type_float : zfp_type_double;
  zfp_field* field_;
  bitstream* bits_;
  zfp_stream* stream_;
};

class Zfp final : public Compressed {
 public:
  explicit Zfp(const HistoryShape& shape) : Compressed(shape) {
    const std::size_t most = Coder(shape, nullptr, nullptr, 0).most_bytes();
    words_ = (most + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
  }

  double memory_bytes() const override {
    return double(shape_.images()) * shape_.fields * double(words_) * sizeof(std::uint64_t) + buffer_bytes();
  }

 private:
  using HostStore = Kokkos::View<std::uint64_t*, Kokkos::HostSpace>;

  void allocate_storage() override {
    const std::size_t words = std::size_t(shape_.images()) * std::size_t(shape_.fields) * words_;
    store_ = HostStore(Kokkos::view_alloc(Kokkos::WithoutInitializing, "history"), words);
  }
  Coder coder(int image, int field, Real* values) {
    return {shape_, values + std::size_t(field) * (shape_.values() / std::size_t(shape_.fields)),
            store_.data() + (std::size_t(image) * std::size_t(shape_.fields) + std::size_t(field)) * words_,
            words_ * sizeof(std::uint64_t)};
  }
  void compress(int image, const Store& snapshot) override {
    auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), snapshot);
    for (int field = 0; field < shape_.fields; ++field) coder(image, field, host.data()).compress();
  }
  void expand(int image, const Store& snapshot) override {
    auto host = Kokkos::create_mirror_view(snapshot);
    for (int field = 0; field < shape_.fields; ++field) coder(image, field, host.data()).expand();
    Kokkos::deep_copy(snapshot, host);
  }

  std::size_t words_ = 0;  // of a field
  HostStore store_;
};

}  // namespace

std::vector<Registry<History, const HistoryShape&>::Entry> zfp_histories() {
  return {{"zfp", "every k-th time step, compressed to `zfp_bits` bits a value",
           [](const HistoryShape& shape) { return std::make_unique<Zfp>(shape); }}};
}

}  // namespace fathom
