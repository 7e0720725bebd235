// SPDX-License-Identifier: BSD-3-Clause
#include "ml/geology_random.hpp"

#include <cmath>
#include <numbers>

namespace fathom {
namespace {

/// Mixes bits until each depends on all (Stafford's variant 13 of the finaliser of MurmurHash3).
std::uint64_t scramble(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
  return bits ^ (bits >> 31);
}

std::uint64_t stream_seed(std::uint64_t seed, std::string_view stream) {
  std::uint64_t hash = scramble(seed + 0x9e3779b97f4a7c15ULL);
  for (const char letter : stream) hash = scramble(hash ^ std::uint64_t(static_cast<unsigned char>(letter)));
  return hash;
}

/// From 0 to 1 with two vanishing derivatives at both ends.
double ease(double t) {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

/// Scalar product of an offset with a direction drawn from the hash: components in [-1, 1].
double slope(std::uint64_t hash, double dx, double dy, double dz) {
  const auto component = [&](int shift) { return double((hash >> shift) & 0xffff) / 32767.5 - 1; };
  return component(0) * dx + component(16) * dy + component(32) * dz;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view stream) : engine_(stream_seed(seed, stream)) {}

double Random::uniform(double low, double high) {
  const double share = double(bits() >> 11) * 0x1p-53;
  return low + (high - low) * share;
}

double Random::normal() {
  const double radius = std::sqrt(-2 * std::log(uniform(0x1p-53, 1)));
  return radius * std::cos(2 * std::numbers::pi * uniform(0, 1));
}

int Random::integer(int low, int high) {
  return low + int(uniform(0, high - low + 1));
}

Undulation::Undulation(Random& random, const Shape& shape) {
  double power = 0;
  for (int wave = 0; wave < shape.waves; ++wave) {
    const double wavelength = shape.shortest * std::pow(shape.longest / shape.shortest, random.uniform(0, 1));
    const double strike = shape.obliquity * random.normal();
    const double k = 2 * std::numbers::pi / wavelength;
    const double amplitude = wavelength * random.uniform(0.5, 1);  // short folds are low
    waves_.push_back(
        {amplitude, k * std::cos(strike), k * std::sin(strike), random.uniform(0, 2 * std::numbers::pi)});
    power += amplitude * amplitude / 2;
  }
  for (Wave& wave : waves_) wave.amplitude *= shape.rms / std::sqrt(power);
}

double Undulation::operator()(double x, double y) const {
  double sum = 0;
  for (const Wave& wave : waves_) sum += wave.amplitude * std::cos(wave.kx * x + wave.ky * y + wave.phase);
  return sum;
}

Texture::Texture(Random& random, double rms, const std::array<double, 3>& lengths)
    : rms_(rms), lengths_(lengths), seed_(random.bits()) {
  for (double& shift : shift_)
    shift = random.uniform(0, 1000);  // lattice points are zeros: keep them off the axes
}

double Texture::octave(const Position& place, double frequency, std::uint64_t seed) const {
  std::array<std::int64_t, 3> corner;
  std::array<double, 3> offset, weight;
  for (int axis = 0; axis < 3; ++axis) {
    const double at = frequency * (place[axis] / lengths_[axis] + shift_[axis]);
    const double below = std::floor(at);
    corner[axis] = std::int64_t(below);
    offset[axis] = at - below;
    weight[axis] = ease(offset[axis]);
  }
  double sum = 0;
  for (int number = 0; number < 8; ++number) {
    const int i = number & 1, j = (number >> 1) & 1, k = number >> 2;
    const std::uint64_t key = std::uint64_t(corner[0] + i) * 0x8da6b343ULL ^
                              std::uint64_t(corner[1] + j) * 0xd8163841ULL ^
                              std::uint64_t(corner[2] + k) * 0xcb1ab31fULL;
    const double share =
        (i ? weight[0] : 1 - weight[0]) * (j ? weight[1] : 1 - weight[1]) * (k ? weight[2] : 1 - weight[2]);
    sum += share * slope(scramble(key ^ seed), offset[0] - i, offset[1] - j, offset[2] - k);
  }
  return sum;
}

double Texture::operator()(const Position& place) const {
  if (rms_ == 0) return 0;
  constexpr double measured_rms = 0.212;  // of the sum below
  return rms_ / measured_rms * (octave(place, 1, seed_) + 0.5 * octave(place, 2, ~seed_));
}

}  // namespace fathom
