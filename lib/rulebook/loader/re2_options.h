/// How rule patterns are compiled, everywhere the same.
#pragma once

#include <cstdint>

#include <re2/re2.h>

namespace maildiag::rulebook {

/// Of one compiled pattern with its automaton; the largest shipped one needs some 100 KiB. Where it
/// is spent RE2 goes on slower, still in linear time.
inline constexpr std::int64_t max_pattern_memory = 1 << 20;

inline RE2::Options pattern_options(std::int64_t memory = max_pattern_memory) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(memory);
  return options;
}

}  // namespace maildiag::rulebook
