// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The contract of a learned guide: what a network is shown, and how its answer is read. It holds for the
// networks that fathom trains and for a user's own TorchScript module alike.
//
// A network maps a float tensor [1, 9, nx, nz] to one [1, 6, nx, nz]: x along the line, z down, a cell of the
// stage's grid each. nx and nz are multiples of 16 and at least 32: other models are padded by repeating
// their last row and column, and the answer is cut to the model.
//
// Channels in, with their units:
//   0     velocity less 3000 m/s                                                       1000 m/s
//   1     velocity less the inversion's start                                          500 m/s
//   2     minus the misfit's gradient over the illumination: positive where velocity   its rms, within +-4
//         should rise
//   3     illumination as a share of the brightest cell's: log10, from -6 on, plus 3   3 decades
//   4     depth below the sea floor; 0 in the water                                    1000 m
//   5     1 where the model will not change, else 0
//   6, 7  lower and upper edge of the band, 10 f h / v: tenths of a wavelength a cell
//   8     reflectivity of the migrated data, its sign that of d/dz ln v                its rms, within +-4
// Root mean squares are over the cells that may change; in the others these channels are 0. h is the
// geometric mean of both spacings.
//
// Channels out:
//   0     reference velocity less the velocity                                         1000 m/s
//   1     ln of the variance of the error of channel 0                                 ln (1000 m/s)^2
//   2     probability that an edge of the velocity passes through or beside the cell   0 .. 1
//   3, 4  the edge's normal, x and z, towards the faster rock; longer than 1 counts as 1
//   5     confidence: probability that there is an edge and that it jumps along the    0 .. 1
//         normal, within 45 degrees

namespace fathom {

enum InputChannel {
  input_velocity,
  input_update,
  input_descent,
  input_illumination,
  input_depth,
  input_frozen,
  input_lower_edge,
  input_upper_edge,
  input_image,
  input_channels
};

inline constexpr const char* input_names[input_channels] = {"velocity",     "update",     "descent",
                                                            "illumination", "depth",      "frozen",
                                                            "lower edge",   "upper edge", "depth image"};

enum OutputChannel {
  output_residual,
  output_log_variance,
  output_edge,
  output_normal_x,
  output_normal_z,
  output_confidence,
  output_channels
};

inline constexpr double velocity_unit = 1000;  ///< m/s, of input_velocity and output_residual
inline constexpr double update_unit = 500;     ///< m/s, of input_update
inline constexpr double edge_unit = 10;        ///< over input_lower_edge and input_upper_edge
inline constexpr int network_stride = 16;      ///< cells; widths and depths are multiples of it
inline constexpr int smallest_image = 32;      ///< cells

}  // namespace fathom
