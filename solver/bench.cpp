// SPDX-License-Identifier: BSD-3-Clause

// How fast this machine is, and how close to it the propagator comes.
//
// GPts/s are cells times steps of all shots over wall seconds, a gradient counting its steps once. The limit
// of a step is its memory traffic: it must read two wavefields and the scaled squared velocity and write one
// wavefield, 16 bytes a point in single precision, at the rate of the in-place update in the memory that
// holds the three fields; twice that for a gradient, whose history and imaging are not counted.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "io/atomic_file.hpp"
#include "io/progress.hpp"
#include "physics/error.hpp"
#include "physics/registry.hpp"
#include "solver/bench_limits.hpp"
#include "solver/bench_problems.hpp"
#include "solver/commands.hpp"
#include "solver/peak_memory.hpp"

namespace fathom {
namespace {

/// A result and what it is held against.
struct Standing {
  BenchResult result;
  double seconds_per_shot;
  double gpts_per_s, model_gpts_per_s;  // with the absorbing cells, and without
  double fraction_of_limit;
  std::string limit;  // "dram" or "l3"
};

/// For the progress alone: cells times steps of a repetition, and what the limits take in this unit.
double cost_of(const BenchProblem& problem) {
  return double(problem.grid.cells()) * problem.time.samples * (problem.is_gradient() ? 4 : 1);
}
int repetitions_of(const BenchProblem& problem) {
  return 1 + problem.repetitions;  // one to warm up
}
constexpr double limits_cost = 5e9;

/// The problems that were asked for by name, all when none was.
std::vector<BenchProblem> chosen_problems(const BenchArguments& arguments) {
  const std::vector<BenchProblem> all = bench_problems(arguments.quick);
  if (arguments.names.empty()) return all;
  std::vector<std::string> known;
  for (const BenchProblem& problem : all)
    if (known.empty() || known.back() != problem.name) known.push_back(problem.name);
  for (const std::string& name : arguments.names) {
    if (std::count(known.begin(), known.end(), name) > 0) continue;
    const std::string near = closest(name, known);
    throw UserError("no benchmark is called \"" + name + '"',
                    (near.empty() ? "" : "did you mean \"" + near + "\"? ") + "there are: " + join(known));
  }
  std::vector<BenchProblem> chosen;
  for (const BenchProblem& problem : all)
    if (std::count(arguments.names.begin(), arguments.names.end(), problem.name) > 0)
      chosen.push_back(problem);
  return chosen;
}

/// Whether fields of this size are in the last-level cache: by how fast an update runs over as much memory.
bool in_cache(double field_bytes, const MachineLimits& limits, Communicator& communicator) {
  if (field_bytes > 128e6) return false;
  const double rate = update_rate(std::size_t(field_bytes), true, communicator);
  return rate > std::sqrt(limits.dram.all_ranks * limits.l3.all_ranks);
}

Standing judge(const BenchResult& result, const MachineLimits& limits, Communicator& communicator) {
  const double shots = communicator.size();
  const bool cached = in_cache(result.field_bytes, limits, communicator);
  const double bytes_a_point = 4. * sizeof(Real) * (result.problem.is_gradient() ? 2 : 1);
  const double limit = cached ? limits.l3.all_ranks : limits.dram.all_ranks;
  const double rate = result.padded_points * shots / result.seconds;
  return {result,
          result.seconds / shots,
          1e-9 * rate,
          1e-9 * result.model_points * shots / result.seconds,
          rate * bytes_a_point / limit,
          cached ? "l3" : "dram"};
}

std::string limits_table(const MachineLimits& limits, int ranks) {
  std::string text = fmt::format("{:<42}{:>10}{:>12}\n", "limits of this machine", "1 rank",
                                 fmt::format("{} rank{}", ranks, ranks == 1 ? "" : "s"));
  const auto line = [&](const char* what, const Rate& rate, const char* unit) {
    text += fmt::format("  {:<40}{:>10.1f}{:>12.1f} {}\n", what, 1e-9 * rate.one_rank, 1e-9 * rate.all_ranks,
                        unit);
  };
  line("DRAM, a += s b in place", limits.dram, "GB/s");
  line("L3, the same", limits.l3, "GB/s");
  line("fp32 multiply-add, 256-bit vectors", limits.fma_256, "GFLOP/s");
  line("fp32 multiply-add, 512-bit vectors", limits.fma_512, "GFLOP/s");
  return text;
}

std::string results_table(const std::vector<Standing>& rows) {
  std::string text = fmt::format("{:<13}{:>5} {:<11}{:>9}{:>9}{:>9}{:>8} {:<4}{:>9}{:>10}{:>10}{:>9}\n",
                                 "problem", "order", "history", "s/shot", "GPts/s", "no pad", "limit", "of",
                                 "peak MB", "forecast", "start-up", "/forward");
  for (const Standing& row : rows) {
    const BenchResult& result = row.result;
    const bool gradient = result.problem.is_gradient();
    text += fmt::format(
        "{:<13}{:>5} {:<11}{:>9.4f}{:>9.3f}{:>9.3f}{:>6.0f} % {:<4}{:>9.1f}{:>10.1f}{:>10.1f}{:>9}\n",
        result.problem.name, result.problem.order, gradient ? result.problem.history : "-",
        row.seconds_per_shot, row.gpts_per_s, row.model_gpts_per_s, 100 * row.fraction_of_limit, row.limit,
        1e-6 * result.peak_bytes, 1e-6 * result.forecast_bytes, 1e-6 * result.start_up_bytes,
        gradient ? fmt::format("{:.2f}", result.seconds / result.forward_seconds) : "-");
  }
  return text;
}

nlohmann::json to_json(const Rate& rate) {
  return {{"one_rank", 1e-9 * rate.one_rank}, {"all_ranks", 1e-9 * rate.all_ranks}};
}

nlohmann::json to_json(const Standing& row) {
  const BenchResult& result = row.result;
  const BenchProblem& problem = result.problem;
  nlohmann::json json{{"name", problem.name},
                      {"order", problem.order},
                      {"history", problem.is_gradient() ? problem.history : "none"},
                      {"steps", problem.time.samples - 1},
                      {"repetitions", problem.repetitions},
                      {"gpts_per_s", row.gpts_per_s},
                      {"gpts_per_s_without_pad", row.model_gpts_per_s},
                      {"seconds_per_shot", row.seconds_per_shot},
                      {"peak_mb", 1e-6 * result.peak_bytes},
                      {"start_up_mb", 1e-6 * result.start_up_bytes},
                      {"forecast_mb", 1e-6 * result.forecast_bytes},
                      {"fraction_of_limit", row.fraction_of_limit},
                      {"limit", row.limit}};
  if (problem.is_gradient()) json["gradient_over_forward"] = result.seconds / result.forward_seconds;
  return json;
}

std::string to_json(const MachineLimits& limits, const std::vector<Standing>& rows,
                    const BenchArguments& arguments, int ranks) {
  nlohmann::json json{{"limits",
                       {{"ranks", ranks},
                        {"cores", std::thread::hardware_concurrency()},
                        {"dram_gb_per_s", to_json(limits.dram)},
                        {"l3_gb_per_s", to_json(limits.l3)},
                        {"fp32_fma_256_gflop_per_s", to_json(limits.fma_256)},
                        {"fp32_fma_512_gflop_per_s", to_json(limits.fma_512)}}},
                      {"bytes_per_point", 4 * sizeof(Real)},
                      {"quick", arguments.quick},
                      {"problems", nlohmann::json::array()}};
  for (const Standing& row : rows) json["problems"].push_back(to_json(row));
  return json.dump(2) + "\n";
}

/// Fails before minutes are spent, not after.
void require_writable(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  if (!std::filesystem::is_directory(folder) || std::filesystem::is_directory(path) ||
      ::access(folder.c_str(), W_OK) != 0)
    throw UserError("--json: " + path + " cannot be written",
                    "name a file in a folder that exists and is yours");
}

void advise_on_ranks(int ranks) {
  const int cores = int(std::thread::hardware_concurrency());
  if (ranks * Kokkos::DefaultHostExecutionSpace().concurrency() < cores)
    fmt::print("{} of {} cores were at work; all of them with: mpirun -n {} fathom bench\n", ranks, cores,
               cores);
}

}  // namespace

int bench(const BenchArguments& arguments, Communicator& communicator) {
  const double start_up = resident_bytes();
  const std::vector<BenchProblem> problems = chosen_problems(arguments);
  if (!arguments.json.empty()) require_writable(arguments.json);
  double cost = limits_cost;
  for (const BenchProblem& problem : problems) cost += repetitions_of(problem) * cost_of(problem);
  Progress progress("measuring", cost, ProgressOutput::standard(communicator.is_root()));
  const MachineLimits limits = measure_limits(arguments.quick, communicator);
  double done = limits_cost;
  progress.update(done);
  std::vector<Standing> rows;
  for (const BenchProblem& problem : problems) {
    const std::string note = fmt::format("{} order {} {}", problem.name, problem.order, problem.history);
    const BenchResult result = run_problem(problem, start_up, communicator, [&] {
      done += cost_of(problem);
      progress.update(done, note);
    });
    rows.push_back(judge(result, limits, communicator));
  }
  progress.clear();
  if (!communicator.is_root()) return 0;
  fmt::print("{}\n{}", limits_table(limits, communicator.size()), results_table(rows));
  advise_on_ranks(communicator.size());
  if (!arguments.json.empty())
    write_file_atomically(arguments.json, to_json(limits, rows, arguments, communicator.size()));
  return 0;
}

}  // namespace fathom
