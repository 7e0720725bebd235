// SPDX-License-Identifier: BSD-3-Clause
#include "solver/peak_memory.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>

#include "physics/error.hpp"

namespace fathom {
namespace {

/// A line "Key:   123 kB" of /proc/self/status, in bytes.
double status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key + ":")) return 1024 * std::stod(line.substr(key.size() + 1));
  throw RunError("/proc/self/status does not tell " + key + ": memory is measured on Linux only");
}

/// Makes the high-water mark what is resident now; whether that was permitted.
bool reset_mark() {
  std::ofstream clear("/proc/self/clear_refs");
  clear << 5 << std::flush;
  return clear.good();
}

}  // namespace

double machine_memory() {
  const double machine = double(::sysconf(_SC_PHYS_PAGES)) * double(::sysconf(_SC_PAGESIZE));
  std::ifstream group("/sys/fs/cgroup/memory.max");  // a number, or "max"
  double granted = 0;
  return group >> granted && granted > 0 ? std::min(machine, granted) : machine;
}

double fair_share(int ranks) {
  return 0.6 * machine_memory() / ranks;
}

double resident_bytes() {
  return status_bytes("VmRSS");
}

PeakMemory::PeakMemory(Method method) {
  malloc_trim(0);
  sampling_ = method == Method::sampling || !reset_mark();
  if (!sampling_) return;
  if (method == Method::mark)
    throw RunError("the high-water mark of the memory cannot be reset (/proc/self/clear_refs)");
  peak_ = resident_bytes();
  sampler_ = std::thread([this] { sample(); });
}

PeakMemory::~PeakMemory() {
  stopped_ = true;
  if (sampler_.joinable()) sampler_.join();
}

void PeakMemory::sample() {
  while (!stopped_) {
    peak_ = std::max(peak_, resident_bytes());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

double PeakMemory::stop() {
  if (!sampling_) return status_bytes("VmHWM");
  stopped_ = true;
  if (sampler_.joinable()) sampler_.join();
  return std::max(peak_, resident_bytes());
}

}  // namespace fathom
