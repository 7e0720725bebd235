// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace fathom {

/// From here on Ctrl-C and SIGTERM only raise a flag; the run ends at the next safe place. A second Ctrl-C
/// ends it at once.
void catch_interrupts();
bool interrupted();

}  // namespace fathom
