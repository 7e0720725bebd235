// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// What the operating system is asked about memory (nothing happens on systems that cannot be asked), and how
// amounts of it are said.

#include <cstddef>
#include <string>

namespace fathom {

/// Asks for huge pages behind host memory that has not been touched yet: sweeps over large fields then seldom
/// wait for an address to be translated (1.1 to 1.3 times as fast in 3-D), and first touch costs a
/// five-hundredth of the page faults.
void prefer_huge_pages(void* memory, std::size_t bytes);

/// Keeps freed memory for what comes next, from now on: gathers and models are made and dropped for every
/// shot, and giving their pages back to the system each time costs a tenth of a small shot's gradient.
void keep_freed_memory();

/// "1.25 GB".
std::string bytes_in_words(double bytes);

}  // namespace fathom
