// SPDX-License-Identifier: BSD-3-Clause

// 16 bits a value: blocks of 16 neighbours along z are stored as integers, scaled by the power of two that
// lets the largest of them just fit (block floating point). The error is 2^-15 of the largest value of a
// block, which for a gradient is less than IEEE's half precision with its 11 bits gives; nothing over- or
// underflows, whatever the units; and it needs no type that a compiler may lack.

#include <cmath>
#include <cstdint>

#include "physics/histories/histories.hpp"

namespace fathom {
namespace {

constexpr int block = 16;
constexpr int bits = 15;

Kokkos::View<std::int16_t*> slice(const Kokkos::View<std::int16_t*>& all, std::size_t part,
                                  std::size_t size) {
  return Kokkos::subview(all, std::make_pair(part * size, (part + 1) * size));
}

void to_blocks(const Store& snapshot, const Kokkos::View<std::int16_t*>& integers,
               const Kokkos::View<std::int16_t*>& exponents) {
  const Real* values = snapshot.data();
  std::int16_t *kept = integers.data(), *exponent = exponents.data();
  Kokkos::parallel_for(
      "to half", Kokkos::RangePolicy<>(0, int(exponents.size())), KOKKOS_LAMBDA(int number) {
        const Real* from = values + std::size_t(number) * block;
        std::int16_t* to = kept + std::size_t(number) * block;
        Real largest = 0;
        for (int i = 0; i < block; ++i) {
          const Real size = from[i] < 0 ? -from[i] : from[i];
          largest = size > largest ? size : largest;
        }
        int power = 0;
        (void)std::frexp(largest, &power);  // largest < 2^power
        exponent[number] = std::int16_t(power);
        // Two factors: one alone could overflow for the smallest numbers there are.
        const Real first = std::ldexp(Real(1), (bits - power) / 2),
                   second = std::ldexp(Real(1), bits - power - (bits - power) / 2);
        for (int i = 0; i < block; ++i) {
          const Real scaled = from[i] * first * second;
          const Real bounded = scaled > 32767 ? Real(32767) : scaled;
          to[i] = std::int16_t(bounded + (bounded < 0 ? Real(-0.5) : Real(0.5)));
        }
      });
}

void from_blocks(const Kokkos::View<std::int16_t*>& integers, const Kokkos::View<std::int16_t*>& exponents,
                 const Store& snapshot) {
  Real* values = snapshot.data();
  const std::int16_t *kept = integers.data(), *exponent = exponents.data();
  Kokkos::parallel_for(
      "from half", Kokkos::RangePolicy<>(0, int(exponents.size())), KOKKOS_LAMBDA(int number) {
        const std::int16_t* from = kept + std::size_t(number) * block;
        Real* to = values + std::size_t(number) * block;
        const int power = exponent[number] - bits;
        const Real first = std::ldexp(Real(1), power / 2), second = std::ldexp(Real(1), power - power / 2);
        for (int i = 0; i < block; ++i) to[i] = Real(from[i]) * first * second;
      });
}

class Half final : public Compressed {
 public:
  using Compressed::Compressed;

  double memory_bytes() const override {
    return double(shape_.images()) * double(shape_.values() + blocks()) * sizeof(std::int16_t) +
           buffer_bytes();
  }

 private:
  std::size_t blocks() const { return (shape_.values() + block - 1) / block; }
  void allocate_storage() override {
    integers_ = make_store_of<std::int16_t>("history", std::size_t(shape_.images()) * shape_.values());
    exponents_ = make_store_of<std::int16_t>("history exponents", std::size_t(shape_.images()) * blocks());
  }
  void compress(int image, const Store& snapshot) override {
    to_blocks(snapshot, slice(integers_, std::size_t(image), shape_.values()),
              slice(exponents_, std::size_t(image), blocks()));
  }
  void expand(int image, const Store& snapshot) override {
    from_blocks(slice(integers_, std::size_t(image), shape_.values()),
                slice(exponents_, std::size_t(image), blocks()), snapshot);
  }

  Kokkos::View<std::int16_t*> integers_, exponents_;
};

}  // namespace

void Compressed::allocate() {
  if (buffer_.size() > 0) return;
  buffer_ = make_store("snapshot", shape_.values());
  Kokkos::deep_copy(buffer_, Real(0));  // behind the cells of a row, nobody else may write
  allocate_storage();
}

std::unique_ptr<History> make_half(const HistoryShape& shape) {
  return std::make_unique<Half>(shape);
}

}  // namespace fathom
