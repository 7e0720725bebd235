// SPDX-License-Identifier: BSD-3-Clause
#include "io/data_search.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "physics/error.hpp"
#include "physics/registry.hpp"

namespace fathom {
namespace fs = std::filesystem;

namespace {

struct KnownData {
  const char* folder;
  const char* what;
};

constexpr KnownData known_data[] = {
    {"marmousi2",
     "marmousi2 is the Marmousi2 model, P velocity (Martin, Wiley and Marfurt, 2006; Allied Geophysical "
     "Laboratory, "
     "University of Houston; CC BY 4.0): https://wiki.seg.org/wiki/AGL_Elastic_Marmousi"},
    {"marmousi_small",
     "marmousi_small is the Marmousi model (IFP, 1988; Versteeg, 1994) on 190 x 70 cells of 10 m, rescaled "
     "to 1500-4500 "
     "m/s, from the example data of red-diffeq: https://github.com/lu-group/red-diffeq"},
    {"overthrust",
     "overthrust is a section of the SEG/EAGE Overthrust model (Aminzadeh, Brac and Kunz, 1997, SEG/EAGE 3-D "
     "Salt and "
     "Overthrust Models): https://wiki.seg.org/wiki/SEG/EAGE_Salt_and_Overthrust_Models"},
    {"field/viking_small",
     "field/viking_small.segy is a piece of the Mobil AVO Viking Graben Line 12 (Keys and Foster, 1998; "
     "public domain): "
     "https://wiki.seg.org/wiki/Mobil_AVO_viking_graben_line_12"},
};

std::vector<std::string> data_folders(const std::string& data_option) {
  std::vector<std::string> folders;
  if (!data_option.empty()) folders.push_back(data_option);
  if (const char* environment = std::getenv("FATHOM_DATA"); environment && *environment)
    folders.push_back(environment);
  folders.push_back((fs::path(FATHOM_SOURCE_DIR) / "data").string());
  folders.push_back((fs::path(FATHOM_SOURCE_DIR) / ".." / "shared" / "data").lexically_normal().string());
  return folders;
}

bool begins_with_word(const std::string& name, const std::string& word) {
  return name.starts_with(word) &&
         (name.size() == word.size() || name[word.size()] == '/' || name[word.size()] == '.');
}

/// Of the data sets beside the place where this one was looked for, the one with the most similar name.
std::string similar_data(const std::string& name, const std::vector<std::string>& folders) {
  const fs::path parent = fs::path(name).parent_path();
  std::vector<std::string> neighbours;
  for (const std::string& folder : folders) {
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(folder) / parent, absent))
      if (entry.path().extension() == ".f32" || entry.path().extension() == ".h5")
        neighbours.push_back((parent / entry.path().stem()).string());
  }
  return closest(name, neighbours);
}

}  // namespace

std::optional<std::string> existing_data_file(const std::string& path) {
  for (const char* extension : {"", ".h5", ".f32"})
    if (fs::is_regular_file(path + extension)) return path + extension;
  return {};
}

std::string find_data(const std::string& name, const std::string& data_option) {
  if (const auto file = existing_data_file(name)) return *file;
  const std::vector<std::string> folders = data_folders(data_option);
  for (const std::string& folder : folders)
    if (const auto file = existing_data_file((fs::path(folder) / name).string())) return *file;

  std::string remedy;
  const std::string similar = similar_data(name, folders);
  if (!similar.empty()) remedy += "did you mean \"" + similar + "\"? ";
  for (const KnownData& data : known_data)
    if (begins_with_word(name, data.folder))
      remedy += std::string(data.what) + "; put it under one of these folders. ";
  throw UserError(fmt::format("there is no data set \"{}\" (.h5, or .f32 with .json), as a path or under {}",
                              name, join(folders)),
                  remedy + "Name the folder that holds it with --data or the variable FATHOM_DATA");
}

}  // namespace fathom
