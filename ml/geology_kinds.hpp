// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The kinds of earth that the registry names.

#include <cstdint>
#include <memory>
#include <numbers>
#include <string_view>

#include "ml/geology.hpp"
#include "ml/geology_earth.hpp"

namespace fathom {

inline constexpr double degree = std::numbers::pi / 180;  ///< rad

/// A kind's own values for what the options leave open.
struct GeologyDefaults {
  double min_velocity, max_velocity;  ///< m/s
  double body_slowest, body_fastest;  ///< m/s, range from which the seed draws
  double layer_thickness;             ///< relative to the depth
  double texture;                     ///< relative to the velocity
  double water_depth = 0;             ///< relative to the depth
};

/// The options with nothing left open, and random streams of the seed. Throws UserError for bounds in the
/// wrong order.
struct Setting {
  Setting(const GeologyOptions& options, const GeologyDefaults& defaults);

  /// Streams of one name are the same numbers.
  Random random(std::string_view stream) const { return {seed, stream}; }
  /// A column of the style, but with the mean thickness of the setting.
  Column column(std::string_view stream, Column::Style style) const;
  /// Texture along the layers, ten times longer than thick.
  Texture heterogeneity(std::string_view stream) const;
  /// An earth with bounds, compaction and, over uneven ground, water.
  Earth ground(double compaction_exponent) const;

  std::uint64_t seed;
  double width, depth;                               ///< m
  double min_velocity, max_velocity, body_velocity;  ///< m/s
  double layer_thickness, water_depth;               ///< m
  double texture;
};

std::unique_ptr<Earth> make_quickstart(const GeologyOptions& options);
std::unique_ptr<Earth> make_layered(const GeologyOptions& options);
std::unique_ptr<Earth> make_folded_faulted(const GeologyOptions& options);
std::unique_ptr<Earth> make_folded_3d(const GeologyOptions& options);
std::unique_ptr<Earth> make_salt(const GeologyOptions& options);
std::unique_ptr<Earth> make_thrust(const GeologyOptions& options);
std::unique_ptr<Earth> make_thrust_3d(const GeologyOptions& options);

}  // namespace fathom
