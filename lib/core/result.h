/// Result<T>: a value or an Error. For what can fail by input; what is broken throws.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include <maildiag/error.h>

namespace maildiag {

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace maildiag
