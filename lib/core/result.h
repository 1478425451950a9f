/// Result<T>: a value or an Error. For what can fail by input; what is broken throws.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include <maildiag/error.h>

namespace maildiag {

template <class T>
using Result = tl::expected<T, Error>;

/// Others' words, which are in no catalogue.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// A sentence of ours: rules/faults.toml has it in every language.
template <class... Arguments>
Error make_error(ErrorCode code, fmt::format_string<const Arguments&...> sentence,
                 const Arguments&... arguments) {
  const fmt::string_view text = sentence;
  return Error{code,
               fmt::format(sentence, arguments...),
               {},
               {text.data(), text.size()},
               {fmt::format("{}", arguments)...}};
}
template <class... Arguments>
tl::unexpected<Error> fail_with(ErrorCode code, fmt::format_string<const Arguments&...> sentence,
                                const Arguments&... arguments) {
  return tl::unexpected<Error>(make_error<Arguments...>(code, sentence, arguments...));
}

/// The same fault, found at a place: "watch.toml:3", "--ip".
inline Error at_place(const std::string& place, Error error) {
  error.place = place + ": " + error.place;
  error.message = place + ": " + error.message;
  return error;
}

}  // namespace maildiag
