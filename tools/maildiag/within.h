/// The library's ranges as checks of the parser.
#pragma once

#include <type_traits>

#include <CLI/CLI.hpp>

#include <maildiag/ranges.h>

namespace maildiag::tool {

template <class Number>
CLI::Range within(const Range<Number>& range) {
  // The parser's messages are about int and double.
  using Shown = std::conditional_t<std::is_floating_point_v<Number>, double, int>;
  return {static_cast<Shown>(range.least), static_cast<Shown>(range.most)};
}

}  // namespace maildiag::tool
