// SPDX-License-Identifier: BSD-3-Clause
#include "physics/memory.hpp"

#include <cstdint>
#include <cstdio>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace fathom {

void prefer_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__)
  constexpr std::uintptr_t page = std::uintptr_t(2) << 20;
  const auto begin = (reinterpret_cast<std::uintptr_t>(memory) + page - 1) / page * page;
  const auto end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / page * page;
  if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

std::string bytes_in_words(double bytes) {
  static constexpr const char* units[] = {"kB", "MB", "GB", "TB"};
  int unit = 0;
  for (bytes /= 1e3; bytes >= 999.5 && unit < 3; ++unit) bytes /= 1e3;
  char words[32];
  std::snprintf(words, sizeof words, "%.3g %s", bytes, units[unit]);
  return words;
}

}  // namespace fathom
