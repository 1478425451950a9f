/// Whether work grows with its input's length only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>

namespace maildiag::test {

/// Processor seconds of this thread, the least of some tries: what else the machine does has little
/// say in it.
template <class Work>
double least_cost(const Work& work) {
  double least = std::numeric_limits<double>::infinity();
  for (int tries = 0; tries < 3; ++tries) {
    timespec begin{}, end{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    work();
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    least = std::min(least, static_cast<double>(end.tv_sec - begin.tv_sec) +
                                static_cast<double>(end.tv_nsec - begin.tv_nsec) / 1e9);
  }
  return std::max(least, 1e-6);
}

/// What four times the input costs: about 4 times as much where the cost is linear, 16 times where
/// it is quadratic.
template <class Work>
double cost_growth(std::string_view part, std::size_t octets, const Work& work) {
  std::string text;
  while (text.size() < octets) text += part;
  const auto once = least_cost([&] { work(text); });
  text += text + text + text;
  return least_cost([&] { work(text); }) / once;
}

/// Between the two.
inline constexpr double least_superlinear_growth = 9;

}  // namespace maildiag::test
