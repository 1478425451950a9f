/// What the numbers of options may be: the program, its configuration and the C interface hold
/// themselves to these, and who fills in the C++ options should, too.
#pragma once

#include <cstddef>
#include <cstdint>

namespace maildiag {

template <class Number>
struct Range {
  Number least, most;
  /// Not a number is in none.
  constexpr bool holds(Number number) const { return number >= least && number <= most; }
};

inline constexpr Range<double> timeout_seconds{0.05, 60};
inline constexpr Range<unsigned> query_tries{1, 20};
inline constexpr Range<std::size_t> query_window{1, 10'000};
/// Questions a second; 0: no limit.
inline constexpr Range<double> list_rate{0, 1e6};
inline constexpr Range<std::uint16_t> tcp_port{1, 65535};
inline constexpr Range<unsigned> greeting_seconds{1, 600};
inline constexpr Range<long> certificate_days{0, 3650};
/// Of a log's first line: what counts seconds in 32 bits, or nanoseconds in 64, has them.
inline constexpr Range<int> log_year{1970, 2242};
inline constexpr Range<int> confirming_runs{1, 100};

}  // namespace maildiag
