// SPDX-License-Identifier: BSD-3-Clause
#include "regularizers/guides/guides.hpp"

namespace fathom {

const Registry<Guide, const GuideParts&>& guides() {
  static const Registry<Guide, const GuideParts&> table(
      "guide", {{"none", "edges anywhere, jumps either way",
                 [](const GuideParts&) { return std::make_unique<NoGuide>(); }},
                {"hinge", "velocity rises with depth",
                 [](const GuideParts& parts) { return std::make_unique<Hinge>(parts.options); }},
                {"structure", "along the edges of the migrated data and of the current model",
                 [](const GuideParts& parts) { return std::make_unique<Structure>(parts.options); }},
                {"given", "from a file, or by an oracle that knows the truth",
                 [](const GuideParts& parts) { return std::make_unique<Given>(parts); }}});
  return table;
}

}  // namespace fathom
