// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The verbs of the command line. Each returns the exit code: 0 done, 130 interrupted and checkpointed;
// mistakes of the user's are thrown as UserError, faults of the run as RunError.

#include <string>
#include <vector>

#include "physics/communicator.hpp"
#include "regularizers/oracle.hpp"

namespace fathom {

struct CaseArguments {
  std::string path;                   ///< a YAML file, or a folder with case.yaml
  std::string out;                    ///< empty: runs/NAME
  std::string data;                   ///< where data sets are looked for first; may be empty
  std::vector<std::string> settings;  ///< key.path=value
  bool resume = false;
  bool gradient = false;
  std::string sweep;    ///< key.path=value,value,...: a variant of the case for each value
  std::string variant;  ///< which of them this is; empty: the case itself
};

struct BenchArguments {
  std::vector<std::string> names;  ///< of problems; empty: all
  std::string json;                ///< file for the figures; empty: none
  bool quick = false;
};

int invert(const CaseArguments& arguments, Communicator& communicator);
/// Inverts the variants of a case side by side, each group of ranks one after the other of its own. Leaves
/// their folders.
int invert_variants(const CaseArguments& arguments, Communicator& communicator,
                    std::vector<std::string>& folders);
int simulate_survey(const CaseArguments& arguments, Communicator& communicator);
/// Makes what the recipe of `arguments.path` says; goes on with what is there.
int train(const CaseArguments& arguments, Communicator& communicator);
/// Trains the variants of a recipe on one training set, as invert_variants() inverts; they are compared in
/// variants.csv.
int train_variants(const CaseArguments& arguments, Communicator& communicator,
                   std::vector<std::string>& folders);
int check_case(const CaseArguments& arguments, Communicator& communicator);
/// Measures this machine's limits and the propagator on the problems of the comparison with other codes.
int bench(const BenchArguments& arguments, Communicator& communicator);
int convert(const std::string& from, const std::string& to);
/// The guide file of someone who knows the true model.
int write_oracle(const std::string& truth, const std::string& to, const OracleOptions& options);
int explain_options(const std::string& section);
/// Runs the figure scripts in the place of this process, with their own arguments.
int plot(const std::vector<std::string>& arguments);
/// The figures of a sweep, from the folders of its variants.
int plot_variants(const std::vector<std::string>& folders);

}  // namespace fathom
