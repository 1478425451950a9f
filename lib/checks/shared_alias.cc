#include "checks/shared_alias.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "core/text.h"

namespace maildiag::checks {

namespace {

using Labels = std::vector<std::string>;

/// A name and where its alias leads.
struct Step {
  Labels name, target;

  /// The target begins with the first `count` labels of the name.
  bool keeps(std::size_t count) const {
    return target.size() >= count &&
           std::equal(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(count),
                      target.begin(), text::equals_ignore_case);
  }
};

std::size_t common_at_end(const Labels& a, const Labels& b) {
  const auto [in_a, in_b] =
      std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend(), text::equals_ignore_case);
  return static_cast<std::size_t>(in_a - a.rbegin());
}

/// A DNAME puts another end to the name and keeps what stands in front.
bool is_replaced_end(const Step& a, const Step& b) {
  const auto common = common_at_end(a.name, b.name);
  const auto front_a = a.name.size() - common;
  const auto front_b = b.name.size() - common;
  if (!a.keeps(front_a) || !b.keeps(front_b)) return false;
  return std::equal(a.target.begin() + static_cast<std::ptrdiff_t>(front_a), a.target.end(),
                    b.target.begin() + static_cast<std::ptrdiff_t>(front_b), b.target.end(),
                    text::equals_ignore_case);
}

}  // namespace

bool is_shared_alias(const dns::Answer& answer, const dns::Answer& nonsense) {
  const auto& chain = answer.cname_chain;
  const auto& other = nonsense.cname_chain;
  if (chain.empty() || chain.size() != other.size()) return false;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (chain[i] == other[i]) continue;
    if (!is_replaced_end({answer.question.name.labels(), chain[i].labels()},
                         {nonsense.question.name.labels(), other[i].labels()}))
      return false;
  }
  return true;
}

}  // namespace maildiag::checks
