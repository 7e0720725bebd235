// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/data_search.hpp"
#include "io/hdf5.hpp"
#include "physics/model.hpp"

namespace fathom {

/// Models on disk, by extension:
///   .f32   raw little-endian float32 of one property, x slowest and z fastest, with a JSON sidecar of the
///   same name:
///          nx, nz, dx, dz (m); optionally ny, dy, origin [x, y, z] (m), property, value_units, and sha256 of
///          the raw file, which is then verified. Without "property" the name says it ("rho_20m" is rho),
///          else it is vp.
///   .h5    datasets /model/<property> [x, y, z] with attributes origin, spacing (m), axes ("x,y,z") and
///   units.
/// A path without extension stands for whichever of the two is there. Throws UserError when the file is
/// absent, damaged, of the wrong size, or holds a value that is not finite.
Model read_model(const std::string& path);

/// The inverse; the file is replaced as a whole. A .f32 file holds one property (UserError when there are
/// more).
void write_model(const std::string& path, const Model& model);

/// One model of an HDF5 file that holds several: every dataset of the group becomes a property, or those of
/// the names given that are there.
Model read_model_group(const std::string& path, const std::string& group,
                       const std::vector<std::string>& names = {});
void write_model_group(Hdf5File& file, const std::string& group, const Model& model);

/// Models by the groups that hold them: "/start", "/model", "/stages/00".
using ModelGroups = std::vector<std::pair<std::string, const Model*>>;

/// An HDF5 file of several models, replaced as a whole.
void write_models(const std::string& path, const ModelGroups& models);

/// The same for ParaView and VisIt: beside models.h5 there is a models.xdmf, which shows each model with x, y
/// and z (m, down) along their own axes. Such programs take the fastest axis of an array for x, so that the
/// file holds each property once more as [z, y, x], in /display/<group>/<property>.
void write_models_for_display(const std::string& path, const ModelGroups& models);

}  // namespace fathom
