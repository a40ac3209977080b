#pragma once
#include <c10/util/Exception.h>

#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {

/// What `call` gives. An error of torch itself (a decomposition that does not converge) becomes Error{numeric}, so that
/// no type of torch leaves the library. `what` is what was being done ("soft clustering").
template <class Call>
auto as_numeric_error(const std::string& what, const Call& call) {
  try {
    return call();
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::numeric, what + " failed numerically: " + error.what_without_backtrace());
  }
}

}  // namespace plexiform
