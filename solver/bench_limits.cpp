// SPDX-License-Identifier: BSD-3-Clause

// The machine's limits, by the loops that reach them. Run through Kokkos, so that a rank uses all the cores
// that Kokkos gives it; memory is on huge pages where the system has them.

#include "solver/bench_limits.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "physics/field.hpp"
#include "solver/stopwatch.hpp"

namespace fathom {
namespace {

constexpr std::size_t MiB = std::size_t(1) << 20;

struct Free {
  void operator()(float* values) const { std::free(values); }
};
using Array = std::unique_ptr<float[], Free>;

constexpr std::size_t block = 8192;  // values that a thread takes at a time

template <class F>
void over_blocks(std::size_t count, const F& f) {
  Kokkos::parallel_for("bench",
                       Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace>(0, (count + block - 1) / block),
                       [=](std::size_t b) { f(b * block, std::min(count, (b + 1) * block)); });
}

/// Touched first by the threads that will use it.
Array make_array(std::size_t count, float value) {
  const std::size_t page = 2 * MiB, bytes = (count * sizeof(float) + page - 1) / page * page;
  Array array(static_cast<float*>(std::aligned_alloc(page, bytes)));
  if (!array) throw std::bad_alloc();
  ::madvise(array.get(), bytes, MADV_HUGEPAGE);  // a wish: small pages serve too
  float* values = array.get();
  over_blocks(count,
              [=](std::size_t begin, std::size_t end) { std::fill(values + begin, values + end, value); });
  return array;
}

void update(float* a, const float* b, float s, std::size_t count) {
  over_blocks(count, [=](std::size_t begin, std::size_t end) {
#pragma omp simd
    for (std::size_t i = begin; i < end; ++i) a[i] += s * b[i];
  });
}

typedef float Lanes256 __attribute__((vector_size(32)));
typedef float Lanes512 __attribute__((vector_size(64)));

/// Multiply-adds in twelve independent chains of vectors, enough to hide their latency.
template <class Lanes>
float multiply_add(int rounds) {
  constexpr int chains = 12;
  Lanes x[chains], factor = Lanes{} + 0.999f, term = Lanes{} + 0.001f;
  for (int c = 0; c < chains; ++c) x[c] = Lanes{} + float(c);
  for (int round = 0; round < rounds; ++round)
    for (int c = 0; c < chains; ++c) x[c] = x[c] * factor + term;
  float sum = 0;
  for (int c = 0; c < chains; ++c) sum += x[c][0];
  return sum;
}

template <class Lanes>
double fma_rate(bool one_rank, bool quick, Communicator& communicator) {
  constexpr int rounds = 500'000;
  constexpr double flops = 2. * 12 * (sizeof(Lanes) / sizeof(float)) * rounds;
  const int threads = Kokkos::DefaultHostExecutionSpace().concurrency();
  std::vector<float> sums(static_cast<std::size_t>(threads));
  float* out = sums.data();
  const bool works = !one_rank || communicator.is_root();
  const double seconds = median_seconds(quick ? 3 : 11, communicator, [&] {
    if (works)
      Kokkos::parallel_for("bench fma", Kokkos::RangePolicy<Kokkos::DefaultHostExecutionSpace>(0, threads),
                           [=](int thread) { out[thread] = multiply_add<Lanes>(rounds); });
  });
  return flops * threads * (one_rank ? 1 : communicator.size()) / seconds;
}

template <class Lanes>
Rate fma_rates(bool quick, Communicator& communicator) {
  return {fma_rate<Lanes>(true, quick, communicator), fma_rate<Lanes>(false, quick, communicator)};
}

double update_rate(std::size_t bytes, bool one_rank, bool quick, Communicator& communicator) {
  const std::size_t count = bytes / (2 * sizeof(float));
  const Array a = make_array(count, 1), b = make_array(count, 1);
  const double traffic = 3. * sizeof(float) * double(count);
  const int passes = std::max(1, int((quick ? 0.5e9 : 2e9) / traffic));
  const bool works = !one_rank || communicator.is_root();
  const double seconds = median_seconds(quick ? 3 : 11, communicator, [&] {
    for (int pass = 0; pass < passes && works; ++pass) update(a.get(), b.get(), 1e-6f, count);
  });
  return traffic * passes * (one_rank ? 1 : communicator.size()) / seconds;
}

Rate update_rates(std::size_t bytes, bool quick, Communicator& communicator) {
  return {update_rate(bytes, true, quick, communicator), update_rate(bytes, false, quick, communicator)};
}

}  // namespace

double update_rate(std::size_t bytes, bool quick, Communicator& communicator) {
  return update_rate(bytes, false, quick, communicator);
}

MachineLimits measure_limits(bool quick, Communicator& communicator) {
  MachineLimits limits;
  limits.dram = update_rates(512 * MiB, quick, communicator);
  limits.l3 = update_rates(12 * MiB, quick, communicator);
  limits.fma_256 = fma_rates<Lanes256>(quick, communicator);
  limits.fma_512 = fma_rates<Lanes512>(quick, communicator);
  return limits;
}

}  // namespace fathom
