/// How Korean puts a noun and its verb together: "재시도를 합니다", "재시도가 진행되지 않습니다".
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace maildiag::bounce {

/// Particles, adverbs and nouns between "재시도" and the verb that says whether it is done.
inline constexpr auto auxiliary_parts =
    std::to_array<std::string_view>({"을", "를", "이", "가", "은", "는", "도", "진행", "시도",
                                     "처리", "수행", "실시", "계속", "더이상", "자동으로", "즉시"});
/// "는 더 이상 진행을" has four.
inline constexpr int max_auxiliaries = 4;

/// True if `holds` of what stands behind a noun, with or without such parts in front of it.
template <class Holds>
bool behind_auxiliaries(std::string_view rest, const Holds& holds) {
  for (int stripped = 0;; ++stripped) {
    if (holds(rest)) return true;
    const auto* part = std::ranges::find_if(
        auxiliary_parts, [rest](std::string_view one) { return rest.starts_with(one); });
    if (part == auxiliary_parts.end() || stripped == max_auxiliaries) return false;
    rest.remove_prefix(part->size());
  }
}

}  // namespace maildiag::bounce
