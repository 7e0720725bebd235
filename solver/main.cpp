// SPDX-License-Identifier: BSD-3-Clause

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <thread>

#include "physics/error.hpp"
#include "physics/field.hpp"
#include "physics/memory.hpp"
#include "physics/registry.hpp"
#include "solver/commands.hpp"
#include "solver/communicator.hpp"
#include "solver/interrupt.hpp"
#include "solver/optimizer.hpp"

namespace {

using namespace fathom;

/// Prints a mistake or fault once and returns its exit code.
int report(const std::exception& error, int code) {
  std::fprintf(stderr, "fathom: %s\n", error.what());
  return code;
}

int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (const UserError& error) {
    return report(error, 2);
  } catch (const std::exception& error) {
    return report(error, 1);
  }
}

/// Runs a command that works on all ranks. A mistake of the user's is met by all of them alike, and root
/// speaks; a rank that fails alone takes the others with it.
int on_ranks(int* argc, char*** argv, const std::function<int(Communicator&)>& command) {
  MpiSession mpi(argc, argv);
  Communicator& world = mpi.world();
  const Kokkos::ScopeGuard kokkos(*argc, *argv);
  const PetscSession petsc;
  catch_interrupts();
  const auto fail = [&](const std::exception& error, int code) {
    if (world.size() == 1) return report(error, code);
    if (!world.is_root()) std::this_thread::sleep_for(std::chrono::seconds(2));
    report(error, code);
    mpi.abort(code);
  };
  try {
    return command(world);
  } catch (const UserError& error) {
    return fail(error, 2);
  } catch (const std::exception& error) {
    return fail(error, 1);
  }
}

/// Throws when the first word is no command: the parser would only ask for one.
void require_known(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (word.starts_with('-') || std::count(names.begin(), names.end(), word) > 0) return;
  const std::string near = closest(word, names);
  throw UserError("there is no command \"" + word + '"',
                  (near.empty() ? "" : "did you mean \"" + near + "\"? ") + "there are: " + join(names));
}

void add_case_options(CLI::App* command, CaseArguments& arguments) {
  command->add_option("CASE", arguments.path, "a YAML file, or a folder with case.yaml")->required();
  command->add_option("--set", arguments.settings, "change an option: key.path=value (repeatable)")
      ->allow_extra_args(false);
  command->add_option("--data", arguments.data, "folder in which data sets are looked for first");
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  CLI::App app(
      "Fathom: full waveform inversion. Recovers the velocity of the subsurface from recorded waves.");
  app.require_subcommand(1);
  app.set_version_flag("--version", FATHOM_VERSION);
  CaseArguments arguments;
  BenchArguments measured;
  std::string section, from, to;
  std::vector<std::string> runs, figure_options;

  CLI::App* on_invert = app.add_subcommand("invert", "recover a model from data");
  add_case_options(on_invert, arguments);
  on_invert->add_option("--out", arguments.out, "run folder (default: runs/NAME)");
  on_invert->add_flag("--resume", arguments.resume, "go on from the run folder's checkpoint");
  on_invert->add_option("--sweep", arguments.sweep,
                        "variants of the case side by side over the ranks: key.path=value,value,...");
  CLI::App* on_simulate = app.add_subcommand("simulate", "record the survey on a model");
  add_case_options(on_simulate, arguments);
  on_simulate->add_option("--out", arguments.out, "folder for gathers.h5 (default: runs/NAME-data)");
  CLI::App* on_check = app.add_subcommand("check", "find everything that can go wrong, before it does");
  add_case_options(on_check, arguments);
  on_check->add_flag("--gradient", arguments.gradient, "also dot-product and Taylor tests on this case");
  CLI::App* on_train = app.add_subcommand("train", "train a guide on inversions of procedural geology");
  on_train->add_option("RECIPE", arguments.path, "a YAML file")->required();
  on_train->add_option("--set", arguments.settings, "change an option: key.path=value (repeatable)")
      ->allow_extra_args(false);
  on_train->add_option("--out", arguments.out,
                       "folder, gone on with where there is one (default: runs/NAME)");
  on_train->add_option("--sweep", arguments.sweep,
                       "variants of what learns, and how, side by side over the ranks: key.path=value,...");
  CLI::App* on_plot = app.add_subcommand("plot", "figures of a run, or of several side by side");
  on_plot->add_option("RUN", runs, "run folders")->required();
  const auto pass_on = [&](const std::string& name, const std::string& meaning) {
    const auto keep = [&figure_options, name](const std::string& value) {
      figure_options.insert(figure_options.end(), {name, value});
    };
    on_plot->add_option_function<std::string>(name, keep, meaning);
  };
  pass_on("--shot", "the shot whose gathers are drawn (default: in the middle of the line)");
  pass_on("--dpi", "dots an inch (default: 200)");
  pass_on("--output", "of several runs: the figure's file (default: comparison.png beside the first)");
  CLI::App* on_bench =
      app.add_subcommand("bench", "this machine's limits, and the propagator's ratio to them");
  on_bench->add_option("PROBLEM", measured.names, "2d-1000, 3d-240, 3d-340, m2d-gradient (default: all)");
  on_bench->add_option("--json", measured.json, "file for the figures");
  on_bench->add_flag("--quick", measured.quick, "short records and a single repetition: a rough idea");
  CLI::App* on_convert =
      app.add_subcommand("convert", "a model from one format to another: .f32 with .json, .h5");
  on_convert->add_option("IN", from)->required();
  on_convert->add_option("OUT", to)->required();
  bool makes_oracle = false;
  OracleOptions oracle_options;
  CLI::Option* oracle_flag =
      on_convert->add_flag("--oracle", makes_oracle, "OUT is the guide file that knows the true model IN");
  on_convert->add_option("--blur", oracle_options.blur, "blur the true model first (cells)")
      ->needs(oracle_flag);
  on_convert->add_option("--flip", oracle_options.flip, "share of normals with the wrong sign")
      ->needs(oracle_flag);
  on_convert->add_option("--seed", oracle_options.seed, "which normals are flipped")->needs(oracle_flag);
  CLI::App* on_explain = app.add_subcommand("explain", "every option with its unit, default and range");
  on_explain->add_option("SECTION", section, "such as inversion.stages");

  try {
    if (argc > 1) require_known(app, argv[1]);
    app.parse(argc, argv);
  } catch (const UserError& error) {
    return report(error, 2);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (on_plot->parsed())
    return guarded([&] {
      runs.insert(runs.end(), figure_options.begin(), figure_options.end());
      return plot(runs);
    });
  if (on_explain->parsed()) return guarded([&] { return explain_options(section); });
  if (on_convert->parsed()) {
    const Kokkos::ScopeGuard kokkos(argc, argv);
    return guarded([&] { return makes_oracle ? write_oracle(from, to, oracle_options) : convert(from, to); });
  }
  bool plots_variants = false;
  std::vector<std::string> variants;  // their folders
  const int code = on_ranks(&argc, &argv, [&](Communicator& world) {
    plots_variants = world.is_root() && !arguments.sweep.empty();
    if (on_invert->parsed())
      return arguments.sweep.empty() ? invert(arguments, world) : invert_variants(arguments, world, variants);
    if (on_simulate->parsed()) return simulate_survey(arguments, world);
    if (on_train->parsed())
      return arguments.sweep.empty() ? train(arguments, world) : train_variants(arguments, world, variants);
    if (on_bench->parsed()) return bench(measured, world);
    return check_case(arguments, world);
  });
  return code == 0 && plots_variants ? guarded([&] { return plot_variants(variants); }) : code;
}
