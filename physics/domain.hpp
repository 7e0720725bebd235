// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>

#include "physics/field.hpp"
#include "physics/model.hpp"
#include "physics/options.hpp"

namespace fathom {

/// What happens at the edges of the model.
struct BoundaryOptions {
  int width = 20;
  bool free_surface = false;
  double reflection = 1e-8;

  void describe(OptionVisitor& option);
};

/// The computing domain: the model's grid, absorbing cells around it (none above a free surface, none along
/// an inactive axis) and a halo of zeros as wide as the stencil.
///
/// Wavefields are stored with the halo, rows along z starting at a multiple of 16 values; everything that a
/// wavefield meets cell by cell has the same layout, so that one index serves all. A kernel may read a pack
/// in front of a row and one behind its last, and write up to the end of the last pack: what lies in front of
/// a row is the halo behind the row before it.
class Domain {
 public:
  Domain(const Grid& model, const BoundaryOptions& boundary, int stencil_radius);

  const Grid& model() const { return model_; }
  /// The model's grid with the absorbing cells.
  const Grid& padded() const { return padded_; }
  int radius() const { return radius_; }
  bool free_surface() const { return free_surface_; }
  /// Absorbing cells at the low and the high end of an axis.
  int low(int axis) const { return low_[axis]; }
  int high(int axis) const { return high_[axis]; }

  /// Memory of a wavefield: extents with halo, the halo in front, and values between neighbours along an
  /// axis.
  const std::array<int, 3>& extents() const { return extents_; }
  const std::array<int, 3>& halo() const { return halo_; }
  std::ptrdiff_t stride(int axis) const;
  /// Place of padded cell (ix, iy, iz) in the memory of a wavefield.
  std::ptrdiff_t index(int ix, int iy, int iz) const {
    return (ix + halo_[0]) * stride(0) + (iy + halo_[1]) * stride(1) + (iz + halo_[2]);
  }
  std::size_t wavefield_values() const { return std::size_t(extents_[0]) * extents_[1] * extents_[2]; }
  Field make_wavefield(const std::string& label) const { return make_field(label, extents_); }

  /// Memory of what is kept a cell of the padded grid, without a halo: rows along z are `pitch` values long,
  /// a multiple of 16, so that kernels need not stop in the middle of a vector. What lies behind a row's last
  /// cell means nothing.
  int pitch() const { return pitch_; }
  std::size_t padded_values() const { return std::size_t(padded_.size[0]) * padded_.size[1] * pitch_; }
  Field make_padded(const std::string& label) const {
    return make_field(label, std::array<int, 3>{padded_.size[0], padded_.size[1], pitch_});
  }

  /// The model continued into the absorbing cells by its edge values, a linear map P, in fields like
  /// make_padded()'s.
  Model pad(const Model& model) const;
  /// The same into fields that are there already, and new ones where they are not.
  void pad(const Model& model, Model& padded) const;
  /// P^T: what the absorbing cells hold is added to the edge cell it came from; `folded` += P^T padded.
  void fold(const Model& padded, Model& folded) const;

 private:
  Grid model_, padded_;
  int radius_;
  bool free_surface_;
  std::array<int, 3> low_{}, high_{}, halo_{}, extents_{};
  int pitch_ = 0;
};

}  // namespace fathom
