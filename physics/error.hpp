// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace fathom {

/// A mistake of the user's, met before the run where possible: what is wrong and what to change. Exit code 2.
/// Where a configuration file is to blame, `Config::error` puts file, line, key and value in front.
class UserError : public std::runtime_error {
 public:
  explicit UserError(const std::string& what, std::string remedy = {})
      : std::runtime_error(remedy.empty() ? what : what + "\n  remedy: " + remedy) {}
};

/// A fault of the run itself: a disk that is full, a wavefield that is not finite. Exit code 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace fathom
