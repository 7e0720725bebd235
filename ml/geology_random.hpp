// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "physics/grid.hpp"

namespace fathom {

/// Random numbers that are the same everywhere: the standard fixes the bits of std::mt19937_64, but leaves
/// its distributions to the library. It also leaves open which operand or argument is evaluated first: draw
/// no two numbers in one expression, except in a braced list.
class Random {
 public:
  /// Streams of different names are independent, so that a piece of an earth can change without the others
  /// doing so.
  Random(std::uint64_t seed, std::string_view stream);

  std::uint64_t bits() { return engine_(); }
  double uniform(double low, double high);
  double normal();
  /// low <= result <= high.
  int integer(int low, int high);
  bool chance(double probability) { return uniform(0, 1) < probability; }
  double sign() { return chance(0.5) ? 1 : -1; }
  /// A size between the bounds, of either sign.
  double either_way(double low, double high) {
    const double size = uniform(low, high);
    return sign() * size;
  }

 private:
  std::mt19937_64 engine_;
};

/// A random smooth surface over x and y with zero mean: a few cosines.
class Undulation {
 public:
  struct Shape {
    double rms;                ///< m
    double shortest, longest;  ///< wavelengths, m
    double obliquity = 0.4;    ///< spread of the crests' strike about y, radians
    int waves = 6;
  };

  Undulation() = default;
  Undulation(Random& random, const Shape& shape);

  double operator()(double x, double y) const;

 private:
  struct Wave {
    double amplitude, kx, ky, phase;
  };
  std::vector<Wave> waves_;
};

/// Band-limited random field in space, with zero mean, about the given rms and correlation lengths: gradient
/// noise (Perlin, SIGGRAPH 1985) of two octaves on a lattice of hashed directions.
class Texture {
 public:
  Texture() = default;
  Texture(Random& random, double rms, const std::array<double, 3>& lengths);

  double operator()(const Position& place) const;

 private:
  double octave(const Position& place, double frequency, std::uint64_t seed) const;

  double rms_ = 0;
  std::array<double, 3> lengths_{1, 1, 1}, shift_{};
  std::uint64_t seed_ = 0;
};

}  // namespace fathom
