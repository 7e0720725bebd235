// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The schema of a case file, and what it stands for: models, survey and data in memory.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/config.hpp"
#include "ml/geology.hpp"
#include "ml/learned_guide.hpp"
#include "physics/model.hpp"
#include "physics/options.hpp"
#include "physics/propagator.hpp"
#include "physics/survey.hpp"
#include "regularizers/guide.hpp"
#include "solver/density.hpp"
#include "solver/guard_options.hpp"
#include "solver/misfit.hpp"
#include "solver/optimizer.hpp"

namespace fathom {

/// A model from a file or made up.
struct ModelSource {
  std::optional<std::string> file;
  std::optional<GeologyOptions> generate;

  void describe(OptionVisitor& option);
};

struct BlurOptions {
  double sigma = 300;
  std::string property = "slowness";
  bool keep_water = true;

  void describe(OptionVisitor& option);
};

struct LinearOptions {
  double top = 1500;
  double bottom = 4000;
  bool keep_water = false;

  void describe(OptionVisitor& option);
};

/// The model that the inversion starts from.
struct StartOptions {
  std::optional<std::string> file;
  std::optional<LinearOptions> linear;
  std::optional<BlurOptions> blur;

  void describe(OptionVisitor& option);
};

/// Points at equal distances on a line, or on a carpet of such lines.
struct LineOptions {
  std::vector<double> first, last;
  int count = 1;
  std::vector<double> last_line;
  int lines = 1;

  void describe(OptionVisitor& option);
  /// The points, line by line.
  std::vector<Position> positions() const;
};

struct WaveletOptions {
  double frequency = 10;
  std::optional<double> delay;
  std::optional<std::string> file;

  void describe(OptionVisitor& option);
};

struct SurveyOptions {
  LineOptions sources, receivers;
  std::optional<double> min_offset, max_offset;
  WaveletOptions wavelet;
  double duration = 2;
  double sampling = 0.004;

  void describe(OptionVisitor& option);
};

/// How the "observed" data of a synthetic case is made: never with the grid, the order and the step of the
/// inversion, unless the case says so.
struct SimulateOptions {
  ModelSource model;
  std::optional<double> spacing;
  int order = 4;
  double courant = 0.8;
  int width = 40;
  bool time_correction = true;
  std::optional<double> noise_snr;
  int noise_seed = 1;

  void describe(OptionVisitor& option);
};

struct DataOptions {
  std::optional<std::string> file;
  SimulateOptions simulate;

  void describe(OptionVisitor& option);
};

struct BoundsOptions {
  std::optional<double> min, max;

  void describe(OptionVisitor& option);
};

struct FreezeOptions {
  bool water = false;
  std::optional<double> depth;

  void describe(OptionVisitor& option);
};

struct RegularizerOptions {
  std::optional<std::string> kind;
  double weight = 0.003;
  std::string weighting = "relative";
  double decay = 0.7;
  double relaxation = 0.1;
  double eps = 20;
  double eps_decay = 0.8;
  std::string reference = "none";
  GuideOptions guide = options_of_any_guide();
  GuardOptions guards;

  void describe(OptionVisitor& option);
  /// The kind, or what goes without saying.
  std::string functional() const;
  /// Whether that is the guide's denoiser: another functional in each stage.
  bool denoises() const { return functional() == "denoiser"; }
};

struct StageOptions {
  double max_frequency = 5;
  double min_frequency = 0;
  int iterations = 10;
  std::optional<double> spacing;
  double tolerance = 1e-3;
  std::optional<std::string> method;

  void describe(OptionVisitor& option);
};

struct InversionOptions {
  std::string parameterization = "slowness";
  MisfitOptions misfit;
  OptimizerOptions optimizer;
  BoundsOptions bounds;
  FreezeOptions freeze;
  double illumination_floor = 0.001;
  std::optional<RegularizerOptions> regularizer;
  std::vector<StageOptions> stages{StageOptions{}};
  bool divergence = true;
  std::optional<int> max_solves;

  void describe(OptionVisitor& option);
};

/// Everything a case file may say.
struct CaseOptions {
  std::string title;
  std::optional<std::string> data_folder;
  std::optional<ModelSource> truth;
  StartOptions start;
  DensityOptions density;
  std::optional<double> spacing;
  std::optional<SurveyOptions> survey;
  DataOptions data;
  PropagatorOptions physics;
  InversionOptions inversion;

  void describe(OptionVisitor& option);
};

/// A case as read, with its models and survey in memory.
struct Case {
  std::string name;    ///< of the folder or file
  std::string folder;  ///< that holds the case file; relative paths start here
  Config config;
  CaseOptions options;
  std::string data_folder;  ///< where data sets are looked for first; may be empty
  std::optional<Model> truth;
  Model start;  ///< on the inversion's grid
  Survey survey;
  std::optional<Guidance> guidance;      ///< that a given guide's file holds
  std::shared_ptr<const Guide> learned;  ///< the guide, where it is a learned one
  std::optional<std::string> data_file;  ///< the gathers' path; absent: the data is simulated
};

/// CASE is a YAML file or a folder with case.yaml. `overrides` are "key.path=value"; `data_folder` is --data.
/// Throws UserError with file, line, key, value and remedy.
Case load_case(const std::string& path, const std::vector<std::string>& overrides,
               const std::string& data_folder = "");

/// The same from what a file would say; relative paths start in the folder.
Case make_case(Config config, const std::string& name, const std::string& folder,
               const std::string& data_folder = "");

/// The resolved case, every option with its value. Files that lie beside the case have their whole paths: the
/// text means the same in another folder, such as a run's.
std::string resolved_yaml(const Case& the_case);

/// The model that a source names, at a spacing where one is given: a generated model is made at it, one from
/// a file is interpolated.
Model load_model(const ModelSource& source, const std::optional<double>& spacing,
                 const std::string& case_folder, const std::string& data_folder);

/// True where the start model is not to be changed, cell by cell of its grid.
std::vector<bool> frozen_cells(const Model& start, const FreezeOptions& freeze);

/// Flags of the cells of one grid, as seen from another.
std::vector<bool> flags_on(const Grid& grid, const std::vector<bool>& flags, const Grid& from);

}  // namespace fathom
