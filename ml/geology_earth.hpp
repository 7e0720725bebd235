// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// An earth is a history, read backwards. Chapters follow each other from the youngest to the oldest; each has
// the movements that deformed it and everything older, the surface on which its rocks were laid down (an
// unconformity with the chapter before), and its rocks. On the way to a rock a position goes through the
// movements of all younger chapters, and ends where that rock was laid down: layers are flat there.

#include <vector>

#include "ml/geology_bodies.hpp"

namespace fathom {

/// How fast rock is by its burial b below the sea floor: min + (max - min) * (b / depth)^exponent, and on
/// from there.
struct Compaction {
  double min = 1700, max = 3000;  ///< m/s, at burials 0 and `depth`
  double depth = 1500;            ///< m
  double exponent = 0.9;

  double velocity(double burial) const;
};

/// Layers of random thickness and velocity, for ever up and down.
class Column {
 public:
  struct Style {
    double thickness = 100;     ///< m, mean
    double spread = 0.35;       ///< of the logarithm of thickness
    double contrast = 0.06;     ///< of velocity to the trend, relative, rms
    double persistence = -0.3;  ///< correlation of neighbours; negative: they alternate
    double hard_streaks = 0;    ///< share of layers that are cemented (or of carbonate)
    double reach = 6000;        ///< m, layers are drawn from -reach to +reach
  };
  struct Layer {
    double top;       ///< m
    double contrast;  ///< relative
  };

  Column() = default;
  Column(Random& random, const Style& style);

  const Layer& at(double depth) const;

 private:
  std::vector<Layer> layers_;
};

/// Rock that differs from the layers around it; its shape lies where rocks are laid down, so that it moves
/// with them.
struct Inclusion {
  LevelSet shape;
  double velocity = 0;  ///< m/s; 0: by the factor
  double factor = 1;    ///< of the layers' velocity
};

/// A pocket of gas below the top of a layer, its column highest in the middle.
struct Gas {
  double top = 0;           ///< of the layer, m, where it was laid down
  double x = 0, crest = 0;  ///< m, today, of the highest point of the layer
  double column = 0;        ///< m
  double reach = 1;         ///< m, half of its length
  double factor = 0.85;     ///< of the layer's velocity
};

struct Chapter {
  std::vector<Movement> movements;  ///< youngest first
  Surface base;                     ///< m, once the movements are undone; none for the oldest chapter
  Column column;
  double erosion = 0;  ///< m of this chapter's rocks that were gone when the next began
  double datum = 0;    ///< m, depth of the sea floor (mean) over which it was laid down
  double present_share =
      0.5;          ///< of present depth in the burial that compacts rock; the rest is where it was laid down
  Texture texture;  ///< relative
  std::vector<Inclusion> inclusions;
  std::vector<Gas> gas;
};

struct Body {
  LevelSet shape;
  double velocity;  ///< m/s
};

/// Velocity as a function of position, y measured from the middle of the earth.
class Earth {
 public:
  static constexpr double water_velocity = 1500;  ///< m/s

  double velocity(const Position& place) const;
  /// The chapter of a place, and where the rock there was laid down. Water and bodies are looked through.
  struct Origin {
    const Chapter* chapter;
    Position laid_down;
  };
  Origin origin(const Position& place) const;

  double min_velocity = 0,
         max_velocity = 1e5;  ///< m/s, of layers and inclusions without a velocity of their own
  Compaction compaction;
  Surface sea_floor;              ///< none: no water
  std::vector<Body> bodies;       ///< as they lie today
  std::vector<Chapter> chapters;  ///< youngest first

 private:
  double rock(const Origin& origin, const Position& place, double floor) const;
};

}  // namespace fathom
