// SPDX-License-Identifier: BSD-3-Clause
#include "solver/commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "io/gather_file.hpp"
#include "io/guide_file.hpp"
#include "io/model_file.hpp"
#include "io/progress.hpp"
#include "io/run_folder.hpp"
#include "physics/error.hpp"
#include "solver/case.hpp"
#include "solver/check.hpp"
#include "solver/gradient_check.hpp"
#include "solver/simulation.hpp"

namespace fathom {

int simulate_survey(const CaseArguments& arguments, Communicator& communicator) {
  const Case the_case = load_case(arguments.path, arguments.settings, arguments.data);
  Forecast forecast;
  require_sound(the_case, check(the_case, communicator, forecast));
  const RunFolder folder(arguments.out.empty() ? "runs/" + the_case.name + "-data" : arguments.out, false,
                         communicator);
  Progress progress("simulating", double(the_case.survey.shots.size()),
                    ProgressOutput::standard(communicator.is_root()));
  const Gathers gathers = simulate(the_case, communicator, [&](int done, int shots) {
    progress.update(double(the_case.survey.shots.size()) * done / shots);
  });
  write_gathers(folder.path("gathers.h5"), communicator, the_case.survey, {"data"},
                [&](int shot, const std::string&) -> const Gather* {
                  const auto found = gathers.find(shot);
                  return found == gathers.end() ? nullptr : &found->second;
                });
  if (!communicator.is_root()) return 0;
  write_model(folder.path("model.h5"), surveyed_model(the_case));
  write_file_atomically(folder.path("case.yaml"), resolved_yaml(the_case));
  progress.clear();
  fmt::print("{} shots are in {}\n", the_case.survey.shots.size(), folder.path("gathers.h5"));
  return 0;
}

int check_case(const CaseArguments& arguments, Communicator& communicator) {
  const Case the_case = load_case(arguments.path, arguments.settings, arguments.data);
  Forecast forecast;
  std::vector<Finding> findings = check(the_case, communicator, forecast);
  if (communicator.is_root()) fmt::print("{}", to_table(findings, forecast));
  require_sound(the_case, findings);
  if (!arguments.gradient) return 0;
  bool exact = true;
  if (communicator.is_root()) {
    Progress progress("checking the gradient", 1, ProgressOutput::standard(true));
    findings = check_gradient(the_case, [&](int done, int all) { progress.update(double(done) / all); });
    progress.clear();
    fmt::print("\n{}", to_table(findings, {}));
    for (const Finding& finding : findings) exact = exact && finding.level != Finding::Level::error;
  }
  if (communicator.any(!exact)) throw RunError("the gradient is not exact on this case: see the table");
  return 0;
}

int convert(const std::string& from, const std::string& to) {
  write_model(to, read_model(from));
  return 0;
}

int write_oracle(const std::string& truth, const std::string& to, const OracleOptions& options) {
  if (!to.ends_with(".h5"))
    throw UserError("a guide file ends in .h5, not as " + to + " does", "name it GUIDE.h5");
  if (!(options.blur >= 0 && options.blur <= 1000))
    throw UserError(fmt::format("--blur {:g} is no width in cells", options.blur), "choose 0 to 1000");
  if (!(options.flip >= 0 && options.flip <= 1))
    throw UserError(fmt::format("--flip {:g} is no share of the cells", options.flip), "choose 0 to 1");
  const Model model = read_model(find_data(truth, ""));
  if (!model.properties.count("vp")) throw UserError(truth + " has no vp", "name a velocity model");
  write_guidance(to, oracle(model, options));
  return 0;
}

int explain_options(const std::string& section) {
  const CaseOptions defaults;
  fmt::print("{}", explain(defaults, section));
  return 0;
}

int plot(const std::vector<std::string>& arguments) {
  const std::string script = FATHOM_SOURCE_DIR "/cases/figures/plot_run.py";
  if (!std::filesystem::exists(script))
    throw UserError("the figure scripts are not at " + script,
                    "keep the source tree where it was configured");
  std::vector<std::string> words{"python3", script};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::fflush(nullptr);
  // Debian's Python is the one that has Debian's matplotlib and h5py.
  const char* python = access("/usr/bin/python3", X_OK) == 0 ? "/usr/bin/python3" : "python3";
  execvp(python, pointers.data());
  throw RunError(std::string("cannot run python3: ") + std::strerror(errno));
}

}  // namespace fathom
