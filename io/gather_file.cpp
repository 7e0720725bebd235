// SPDX-License-Identifier: BSD-3-Clause
#include "io/gather_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <optional>

#include "io/atomic_file.hpp"
#include "io/hdf5.hpp"
#include "physics/error.hpp"
#include "physics/registry.hpp"

namespace fathom {
namespace {

std::string group_of(int shot) {
  return fmt::format("/shots/{:04d}", shot);
}

/// Runs a step on every rank; when it fails on one, every rank throws, so that none waits for another for
/// ever.
void together(Communicator& communicator, const std::function<void()>& step) {
  std::string reason;
  try {
    step();
  } catch (const std::exception& error) {
    reason = error.what();
  }
  if (communicator.any(!reason.empty()))
    throw RunError(reason.empty() ? "another rank failed to write its gathers" : reason);
}

void write_time(Hdf5File& file, const std::string& dataset, const TimeAxis& time) {
  file.set_attribute(dataset, "dt", time.step);
  file.set_attribute(dataset, "t0", time.start);
}

std::vector<double> coordinates(const std::vector<Position>& positions) {
  std::vector<double> values;
  for (const Position& position : positions) values.insert(values.end(), position.begin(), position.end());
  return values;
}

class GatherWriter {
 public:
  GatherWriter(const std::string& path, Communicator& communicator, const Survey& survey,
               const std::vector<std::string>& names, const GatherSource& source)
      : path_(path), communicator_(communicator), survey_(survey), names_(names), source_(source) {
    owners_.assign(survey.shots.size() * names.size(), 0.);
    for (std::size_t item = 0; item < owners_.size(); ++item) owners_[item] = gather(item) ? 1. : 0.;
    communicator.sum(owners_.data(), owners_.size());
  }

  void write() {
    std::optional<PendingFile> pending;
    if (communicator_.is_root()) pending.emplace(path_);
    const std::string temporary = PendingFile::temporary_name(path_);
    // Root alone lays out the file and claims its room: HDF5 on several ranks may hang where the disk is
    // full.
    together(communicator_, [&] {
      if (communicator_.is_root()) lay_out(temporary);
    });
    std::optional<Hdf5File> file;
    together(communicator_, [&] { file = Hdf5File::open_to_fill(temporary, communicator_); });
    together(communicator_, [&] { fill(*file); });
    together(communicator_, [&] { file->close(); });
    together(communicator_, [&] {
      if (pending) pending->commit();
    });
  }

 private:
  std::size_t shot_of(std::size_t item) const { return item / names_.size(); }
  const std::string& name_of(std::size_t item) const { return names_[item % names_.size()]; }
  const Gather* gather(std::size_t item) const { return source_(int(shot_of(item)), name_of(item)); }
  std::string dataset(std::size_t item) const {
    return group_of(survey_.shots[shot_of(item)].id) + "/" + name_of(item);
  }

  void lay_out(const std::string& path) const {
    const std::size_t samples = std::size_t(survey_.time.samples);
    std::size_t bytes = samples * sizeof(double);
    for (const Shot& shot : survey_.shots) bytes += (1 + shot.receivers.size()) * 3 * sizeof(double);
    for (std::size_t item = 0; item < owners_.size(); ++item)
      if (owners_[item] > 0) bytes += survey_.shots[shot_of(item)].receivers.size() * samples * sizeof(float);
    Hdf5File file = Hdf5File::create(path, bytes, 1 + 2 * survey_.shots.size() + owners_.size());
    if (!survey_.wavelet.empty()) {
      file.write("/wavelet", {survey_.wavelet.size()}, survey_.wavelet);
      write_time(file, "/wavelet", survey_.time);
    }
    for (const Shot& shot : survey_.shots) {
      file.write(group_of(shot.id) + "/source", {3}, coordinates({shot.source}));
      file.write(group_of(shot.id) + "/receivers", {shot.receivers.size(), 3}, coordinates(shot.receivers));
    }
    for (std::size_t item = 0; item < owners_.size(); ++item) {
      if (owners_[item] == 0) continue;
      file.reserve<float>(dataset(item), {survey_.shots[shot_of(item)].receivers.size(), samples});
      write_time(file, dataset(item), survey_.time);
    }
    file.close();
  }

  void fill(Hdf5File& file) const {
    for (std::size_t item = 0; item < owners_.size(); ++item) {
      const Gather* own = gather(item);
      if (!own) continue;
      if (own->time != survey_.time ||
          std::size_t(own->receivers) != survey_.shots[shot_of(item)].receivers.size())
        throw RunError(
            fmt::format("{}: {} does not fit the survey's receivers and times", path_, dataset(item)));
      file.fill(dataset(item), std::vector<float>(own->data.begin(), own->data.end()));
    }
  }

  const std::string& path_;
  Communicator& communicator_;
  const Survey& survey_;
  const std::vector<std::string>& names_;
  const GatherSource& source_;
  std::vector<double> owners_;  ///< how many ranks have a gather, [shot][name]
};

/// Opens a gather file of a user's and reads from it; what is wrong with it is the user's to mend.
template <class Reader>
auto read_from(const std::string& path, Reader reader) {
  if (!std::filesystem::is_regular_file(path))
    throw UserError("there is no gather file " + path, "correct the path");
  if (!Hdf5File::is_hdf5(path))
    throw UserError(path + " is not an HDF5 file, or is damaged", "make or copy it again");
  try {
    return reader(Hdf5File::open(path));
  } catch (const RunError& error) {
    throw UserError(error.what(),
                    "gathers are laid out as /shots/0000/{data, source, receivers}, data with dt and t0");
  }
}

void require(bool condition, const std::string& path, const std::string& what, const std::string& remedy) {
  if (!condition) throw UserError(path + ": " + what, remedy);
}

TimeAxis read_time(const Hdf5File& file, const std::string& path, const std::string& dataset) {
  TimeAxis time;
  time.step = file.number_attribute(dataset, "dt");
  if (file.has_attribute(dataset, "t0")) time.start = file.number_attribute(dataset, "t0");
  time.samples = int(file.dimensions(dataset).back());
  require(time.step > 0 && std::isfinite(time.step) && std::isfinite(time.start) && time.samples > 0, path,
          dataset + " has no usable time axis", "give dt > 0 and t0 in s, and at least one sample");
  return time;
}

/// Positions [n, 3], or a single one as [3].
std::vector<Position> read_positions(const Hdf5File& file, const std::string& path,
                                     const std::string& dataset) {
  const Hdf5File::Dimensions dimensions = file.dimensions(dataset);
  require(!dimensions.empty() && dimensions.size() <= 2 && dimensions.back() == 3, path,
          dataset + " is not a list of x, y, z", "store it as [n, 3], in m");
  const std::vector<double> values = file.read<double>(dataset);
  require(std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }), path,
          dataset + " holds a position that is not finite", "correct it");
  std::vector<Position> positions(values.size() / 3);
  for (std::size_t i = 0; i < values.size(); ++i) positions[i / 3][i % 3] = values[i];
  return positions;
}

std::vector<int> shot_numbers(const Hdf5File& file, const std::string& path) {
  std::vector<int> numbers;
  if (file.exists("/shots"))
    for (const std::string& name : file.list("/shots")) {
      require(!name.empty() && name.size() < 10 && name.find_first_not_of("0123456789") == std::string::npos,
              path, "/shots/" + name + " is not a shot's number",
              "name the groups below /shots 0000, 0001, ...");
      numbers.push_back(std::stoi(name));
    }
  require(!numbers.empty(), path, "there are no shots", "store them below /shots as 0000, 0001, ...");
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

void write_gathers(const std::string& path, Communicator& communicator, const Survey& survey,
                   const std::vector<std::string>& names, const GatherSource& source) {
  GatherWriter(path, communicator, survey, names, source).write();
}

Survey read_survey(const std::string& path) {
  return read_from(path, [&](const Hdf5File& file) {
    Survey survey;
    for (const int number : shot_numbers(file, path)) {
      const std::string group = group_of(number);
      require(file.exists(group), path, fmt::format("shot {} is not named {}", number, group), "rename it");
      const std::vector<Position> source = read_positions(file, path, group + "/source");
      require(source.size() == 1, path, group + "/source is not one position", "store x, y, z in m");
      survey.shots.push_back({number, source[0], read_positions(file, path, group + "/receivers")});
    }
    if (file.exists("/wavelet")) {
      survey.wavelet = file.read<double>("/wavelet");
      survey.time = read_time(file, path, "/wavelet");
    } else {
      survey.time = read_time(file, path, group_of(survey.shots[0].id) + "/data");
    }
    for (const Shot& shot : survey.shots) {
      const std::string data = group_of(shot.id) + "/data";
      require(!file.exists(data) || read_time(file, path, data) == survey.time, path,
              data + " has other times than the " + (survey.wavelet.empty() ? "first shot" : "wavelet"),
              "bring all shots and the wavelet to one time axis");
    }
    return survey;
  });
}

Gather read_gather(const std::string& path, int shot, const std::string& name) {
  return read_from(path, [&](const Hdf5File& file) {
    const std::string group = group_of(shot), dataset = group + "/" + name;
    require(file.exists(group), path, fmt::format("there is no shot {}", shot),
            "use the numbers below /shots");
    require(file.exists(dataset), path, "there is no " + dataset, "there are: " + join(file.list(group)));
    const Hdf5File::Dimensions dimensions = file.dimensions(dataset);
    require(dimensions.size() == 2, path, dataset + " is not [receiver, sample]",
            "store it with two dimensions");
    Gather gather;
    gather.time = read_time(file, path, dataset);
    gather.receivers = int(dimensions[0]);
    gather.data = file.read<double>(dataset);
    const auto wrong = std::find_if(gather.data.begin(), gather.data.end(),
                                    [](double value) { return !std::isfinite(value); });
    if (wrong != gather.data.end()) {
      const std::size_t place = std::size_t(wrong - gather.data.begin());
      require(false, path,
              fmt::format("{} is {} at receiver {}, sample {}", dataset, *wrong, place / gather.time.samples,
                          place % gather.time.samples),
              "every sample needs a finite value: mute dead traces with zeros");
    }
    return gather;
  });
}

}  // namespace fathom
