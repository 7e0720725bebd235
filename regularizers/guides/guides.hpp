// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// The guides that need no network, for the registry.

#include "regularizers/guide.hpp"

namespace fathom {

/// No guidance: total variation as it is.
class NoGuide final : public Guide {
 public:
  Guidance advise(const Situation& situation) const override;
};

/// P = -gamma z everywhere: an increase of velocity with depth is cheap, a decrease dear. Constant across the
/// sea floor and to the last row, so that it exerts no force inside: penalised, it is the total variation
/// minus gamma times the net rise of each column, and it earns its keep where the variation is constrained
/// (Esser et al., SIAM J. Imaging Sci. 11, 2018).
class Hinge final : public Guide {
 public:
  explicit Hinge(const GuideOptions& options) : gamma_(options.gamma) {}
  Guidance advise(const Situation& situation) const override;

 private:
  double gamma_;
};

/// Edges of the migrated image and of the current model: normals n from the smoothed structure tensor of
/// both, signed so that they point to faster rock (by the image's sign, positive where velocity rises with
/// depth, and by the model's slope); edge probability w from their strength and the tensor's anisotropy. Then
/// Theta = theta_min + (1 - theta_min) (1 - w) and P = -gamma w Theta n, tapered.
class Structure final : public Guide {
 public:
  explicit Structure(GuideOptions options) : options_(std::move(options)) {}
  Guidance advise(const Situation& situation) const override;
  bool wants_image() const override { return true; }

 private:
  GuideOptions options_;
};

/// What a file holds, on the situation's grid: with confidence c, Theta = 1 - c (1 - Theta of the file) and
/// P = c P of the file, tapered. Or what an oracle says of the true model as that grid can hold it: edges of
/// layers that are thinner would cancel.
class Given final : public Guide {
 public:
  explicit Given(const GuideParts& parts) : parts_(parts) {}
  Guidance advise(const Situation& situation) const override;

 private:
  GuideParts parts_;
};

}  // namespace fathom
