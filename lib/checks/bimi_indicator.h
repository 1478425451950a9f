/// An indicator as BIMI wants it: SVG Tiny Portable/Secure (draft-svg-tiny-ps-abrotman).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::checks::bimi {

/// What receivers accept, and what is read at all: a file that is larger is no indicator.
inline constexpr std::size_t advised_indicator_octets = 32UL << 10;
inline constexpr std::size_t max_indicator_octets = 1UL << 20;
/// Faults of one file that are told; a drawing of another profile has hundreds.
inline constexpr std::size_t max_indicator_problems = 30;

struct IndicatorProblem {
  std::string id;    ///< a finding's
  std::string what;  ///< the element, attribute or value at fault
  std::size_t line = 0;
};

struct Indicator {
  std::size_t octets = 0;
  std::string version, base_profile, view_box, title;  ///< as they stand
  std::vector<IndicatorProblem> problems;              ///< in the order of the file, each once
};

/// Never fails: what is no SVG has a problem that says so.
Indicator check_indicator(std::string_view octets);

}  // namespace maildiag::checks::bimi
