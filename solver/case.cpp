// SPDX-License-Identifier: BSD-3-Clause
#include "solver/case.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <utility>

#include "io/data_search.hpp"
#include "io/gather_file.hpp"
#include "io/guide_file.hpp"
#include "io/model_file.hpp"
#include "physics/error.hpp"
#include "solver/blur.hpp"
#include "solver/network_file.hpp"
#include "solver/sea_floor.hpp"

namespace fathom {
namespace {

namespace fs = std::filesystem;

/// The file that a path names when it is seen from the case's folder.
std::optional<std::string> file_beside(const std::string& name, const std::string& case_folder) {
  const fs::path beside = fs::path(case_folder) / name;
  for (const char* extension : {"", ".h5", ".f32", ".json"})
    if (fs::is_regular_file(beside.string() + extension)) return beside.string() + extension;
  return std::nullopt;
}

/// A path of the case file: as it is when it exists relative to the case's folder, else the name of a data
/// set.
std::string locate(const std::string& name, const std::string& case_folder, const std::string& data_folder) {
  const std::optional<std::string> beside = file_beside(name, case_folder);
  return beside ? *beside : find_data(name, data_folder);
}

/// Runs something that may throw a UserError and puts file, line and key of its cause in front.
template <class F>
auto blame(const Config& config, const std::string& key, const F& f) {
  try {
    return f();
  } catch (const UserError& error) {
    throw config.error(key, error);
  }
}

std::vector<double> read_numbers(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw UserError("cannot read " + path, "name a text file with one number a line");
  std::vector<double> values;
  for (double value; in >> value;) values.push_back(value);
  if (!in.eof()) throw UserError(path + " holds something that is not a number", "write one number a line");
  return values;
}

TimeAxis time_axis(const SurveyOptions& survey) {
  return {0, survey.sampling, 1 + int(std::floor(survey.duration / survey.sampling + 1e-6))};
}

std::vector<double> make_wavelet(const WaveletOptions& options, const TimeAxis& time,
                                 const std::string& folder) {
  if (!options.file) return ricker(time, options.frequency, options.delay.value_or(1.5 / options.frequency));
  std::vector<double> values = read_numbers((fs::path(folder) / *options.file).string());
  values.resize(time.samples, 0.);
  return values;
}

Survey make_survey(const Config& config, const SurveyOptions& options, const std::string& folder) {
  Survey survey;
  survey.time = time_axis(options);
  survey.wavelet = blame(config, "survey.wavelet.file",
                         [&] { return make_wavelet(options.wavelet, survey.time, folder); });
  const auto line = [&](const char* key, const LineOptions& of) {
    return blame(config, key, [&] { return of.positions(); });
  };
  const std::vector<Position> sources = line("survey.sources", options.sources),
                              receivers = line("survey.receivers", options.receivers);
  for (const Position& source : sources) {
    Shot shot{int(survey.shots.size()), source, {}};
    for (const Position& receiver : receivers) {
      const double offset = std::hypot(receiver[0] - source[0], receiver[1] - source[1]);
      if (offset >= options.min_offset.value_or(0) && offset <= options.max_offset.value_or(offset))
        shot.receivers.push_back(receiver);
    }
    if (shot.receivers.empty())
      throw config.error(
          "survey.max_offset",
          "shot " + std::to_string(shot.id) + " has no receiver between the smallest and the largest offset",
          "widen min_offset and max_offset, or move the receivers");
    survey.shots.push_back(std::move(shot));
  }
  return survey;
}

Model at_spacing(const Model& model, const std::optional<double>& spacing) {
  return spacing ? resample(model, with_spacing(model.grid, *spacing)) : model;
}

/// On the grid of the true model.
Model linear_model(const Model& truth, const LinearOptions& linear) {
  const Grid& grid = truth.grid;
  std::vector<double> shares(grid.cells(), 0.), values(grid.cells());
  if (linear.keep_water) shares = shares_of_water(truth);
  const std::size_t nz = std::size_t(grid.size[2]);
  for (std::size_t column = 0; column < values.size(); column += nz) {
    std::size_t top = 0;
    while (top + 1 < nz && shares[column + top] == 1) ++top;
    for (std::size_t iz = top; iz < nz; ++iz) {
      const double share = nz > top + 1 ? double(iz - top) / double(nz - 1 - top) : 1;
      values[column + iz] = linear.top + share * (linear.bottom - linear.top);
    }
  }
  Model model{grid, {}};
  model["vp"] = make_field("vp", grid);
  from_host(under_water(std::move(values), truth, shares), model["vp"]);
  return model;
}

Model make_start(const Case& the_case) {
  const StartOptions& start = the_case.options.start;
  const Config& config = the_case.config;
  const int given = int(start.file.has_value()) + int(start.linear.has_value()) + int(start.blur.has_value());
  if (given != 1)
    throw config.error("start", given ? "more than one start model is given" : "no start model is given",
                       "give exactly one of file, linear and blur");
  if (start.file) {
    const Model model = blame(config, "start.file", [&] {
      return read_model(locate(*start.file, the_case.folder, the_case.data_folder));
    });
    return at_spacing(model, the_case.options.spacing);
  }
  if (!the_case.truth)
    throw config.error("start", "a start of this kind needs the true model, for its extent at least",
                       "add a section `truth`, or give the start as a file");
  // On the truth's own grid first: the sea floor that a start keeps is not moved by the coarser one.
  Model model = start.linear
                    ? linear_model(*the_case.truth, *start.linear)
                    : blur(*the_case.truth, start.blur->sigma, start.blur->property, start.blur->keep_water);
  std::erase_if(model.properties, [](const auto& property) { return property.first != "vp"; });
  return at_spacing(model, the_case.options.spacing);
}

void require_believable(const Config& config, const std::string& key, const Model& model) {
  for (const auto& [name, field] : model.properties) {
    if (name != "vp") continue;
    const std::vector<double> values = to_host(field);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const std::string range =
        "velocities run from " + std::to_string(*low) + " to " + std::to_string(*high) + " m/s";
    if (*high < 20)
      throw config.error(key, range + ": they seem to be in km/s", "multiply them by 1000: m/s is wanted");
    if (*low < 300 || *high > 9000)
      throw config.error(key, range + ": outside 300 to 9000 m/s", "check the units; m/s is wanted");
  }
}

/// A learned guide, tried out.
void load_learned_guide(Case& the_case, const std::string& key) {
  const GuideOptions& guide = the_case.options.inversion.regularizer->guide;
  blame(the_case.config, key + "kind", [] { learner(); });
  const bool trained_by_fathom = guide.kind == "network";
  if (!guide.file && !trained_by_fathom)
    throw the_case.config.error(key + "file", "a guide of this kind needs a file",
                                "name a TorchScript module");
  the_case.learned = blame(the_case.config, key + "file", [&] {
    LearnedGuideParts parts{
        guide, guide.file ? locate(*guide.file, the_case.folder, the_case.data_folder) : shipped_network()};
    if (trained_by_fathom) parts.network = read_network(parts.file);
    return learned_guides().make(guide.kind, parts);
  });
}

/// What the file of a guide holds.
void load_guide(Case& the_case) {
  const GuideOptions& guide = the_case.options.inversion.regularizer->guide;
  const std::string section = "inversion.regularizer.guide.", key = section + "file";
  if (is_learned(guide.kind)) load_learned_guide(the_case, section);
  if (guide.kind != "given") return;
  if (guide.file && guide.oracle)
    throw the_case.config.error(key, "a given guide is a file or an oracle, not both",
                                "take one of them out");
  if (guide.oracle) {
    if (!the_case.truth)
      throw the_case.config.error("inversion.regularizer.guide.oracle",
                                  "an oracle needs a true model, and the case has none", "add `truth`");
    return;
  }
  if (!guide.file)
    throw the_case.config.error(key, "a given guide needs a file",
                                "name one (`fathom convert MODEL GUIDE.h5 --oracle` makes one from a true "
                                "model), or give `oracle: {}`");
  the_case.guidance = blame(the_case.config, key, [&] {
    return read_guidance(locate(*guide.file, the_case.folder, the_case.data_folder));
  });
}

}  // namespace

std::vector<Position> LineOptions::positions() const {
  const auto point = [](const std::vector<double>& values) -> Position {
    if (values.size() == 2) return {values[0], 0., values[1]};
    if (values.size() == 3) return {values[0], values[1], values[2]};
    throw UserError(
        "a point needs two coordinates (x, z) or three (x, y, z), not " + std::to_string(values.size()),
        "write it as [x, z], in m");
  };
  const Position begin = point(first);
  if (count > 1 && last.empty()) throw UserError("several points need a last one", "add `last: [x, z]`");
  if (lines > 1 && last_line.empty())
    throw UserError("several lines need a last one", "add `last_line: [x, y, z]`");
  const Position end = count > 1 ? point(last) : begin, across = lines > 1 ? point(last_line) : begin;
  std::vector<Position> all;
  for (int line = 0; line < lines; ++line)
    for (int i = 0; i < count; ++i) {
      Position here = begin;
      for (int axis = 0; axis < 3; ++axis) {
        if (count > 1) here[axis] += i * (end[axis] - begin[axis]) / (count - 1);
        if (lines > 1) here[axis] += line * (across[axis] - begin[axis]) / (lines - 1);
      }
      all.push_back(here);
    }
  return all;
}

Model load_model(const ModelSource& source, const std::optional<double>& spacing,
                 const std::string& case_folder, const std::string& data_folder) {
  if (source.file.has_value() == source.generate.has_value())
    throw UserError("a model needs either a file or a recipe to generate it",
                    "give exactly one of file and generate");
  if (source.generate) {
    GeologyOptions geology = *source.generate;
    if (spacing) geology.spacing = *spacing;
    return generate(geology);
  }
  const Model model = read_model(locate(*source.file, case_folder, data_folder));
  return at_spacing(model, spacing);
}

Case load_case(const std::string& path, const std::vector<std::string>& overrides,
               const std::string& data_folder) {
  const bool is_folder = fs::is_directory(path);
  const fs::path file = is_folder ? fs::path(path) / "case.yaml" : fs::path(path);
  const fs::path absolute = fs::absolute(file).lexically_normal();
  const std::string name =
      file.filename() == "case.yaml" ? absolute.parent_path().filename().string() : file.stem().string();
  return make_case(Config::from_file(file.string(), overrides), name, file.parent_path().string(),
                   data_folder);
}

Case make_case(Config config, const std::string& name, const std::string& folder,
               const std::string& data_folder) {
  Case result{name, folder, std::move(config), {}, {}, {}, {}, {}, {}, {}, {}};
  result.config.read(result.options);
  const CaseOptions& options = result.options;
  result.data_folder = data_folder.empty() ? options.data_folder.value_or("") : data_folder;
  const std::string& data = result.data_folder;
  const auto complete = [&](Model& model, const std::string& key) {
    blame(result.config, key, [&] { complete_properties(model, options.physics.equation, options.density); });
  };

  if (options.truth) {
    const std::string key = options.truth->file ? "truth.file" : "truth";
    result.truth = blame(result.config, key,
                         [&] { return load_model(*options.truth, std::nullopt, result.folder, data); });
    require_believable(result.config, key, *result.truth);
    complete(*result.truth, key);
  }
  result.start = make_start(result);
  const std::string start_key = options.start.file ? "start.file" : "start";
  require_believable(result.config, start_key, result.start);
  complete(result.start, start_key);
  if (options.inversion.regularizer) load_guide(result);
  if (options.data.file) {
    result.survey = blame(result.config, "data.file", [&] {
      result.data_file = locate(*options.data.file, result.folder, data);
      return read_survey(*result.data_file);
    });
  } else {
    if (!options.survey)
      throw result.config.error("survey", "there is neither a survey nor a file with data",
                                "add a section `survey`, or name the gathers in `data.file`");
    result.survey = make_survey(result.config, *options.survey, result.folder);
  }
  return result;
}

std::string resolved_yaml(const Case& the_case) {
  CaseOptions options = the_case.options;
  const auto lengthen = [&](std::optional<std::string>& name) {
    if (!name) return;
    std::optional<std::string> file = file_beside(*name, the_case.folder);
    if (!file) file = existing_data_file(*name);
    if (file) name = fs::absolute(*file).lexically_normal().string();
  };
  if (options.truth) lengthen(options.truth->file);
  lengthen(options.start.file);
  if (options.survey) lengthen(options.survey->wavelet.file);
  lengthen(options.data.file);
  if (options.inversion.regularizer) lengthen(options.inversion.regularizer->guide.file);
  lengthen(options.data.simulate.model.file);
  if (!the_case.data_folder.empty())
    options.data_folder = fs::absolute(the_case.data_folder).lexically_normal().string();
  return to_yaml(options);
}

std::vector<bool> frozen_cells(const Model& start, const FreezeOptions& freeze) {
  constexpr double fastest_water = 1510;
  const std::vector<double> values = to_host(start.at("vp"));
  const int nz = start.grid.size[2];
  std::vector<bool> frozen(values.size(), false);
  for (std::size_t column = 0; column < values.size(); column += nz) {
    bool in_water = freeze.water;
    for (int iz = 0; iz < nz; ++iz) {
      in_water = in_water && values[column + iz] < fastest_water;
      frozen[column + iz] = in_water || (freeze.depth && start.grid.coordinate(2, iz) < *freeze.depth);
    }
  }
  return frozen;
}

std::vector<bool> flags_on(const Grid& grid, const std::vector<bool>& flags, const Grid& from) {
  if (grid == from) return flags;
  Model field{from, {}};
  field["flag"] = make_field("flag", from);
  from_host({flags.begin(), flags.end()}, field["flag"]);
  std::vector<bool> result;
  for (const double value : to_host(interpolate(field, grid).at("flag"))) result.push_back(value >= 0.5);
  return result;
}

}  // namespace fathom
