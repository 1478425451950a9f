#include "rulebook/loader/list_code.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "rulebook/rulebook.h"

namespace maildiag::rulebook {
namespace {

std::optional<OctetRanges> parse_pattern(std::string_view text) {
  OctetRanges result;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto end = i == 3 ? text.size() : std::min(text.find('.'), text.size());
    const auto octet = text.substr(0, end);
    if (octet == "*") {
      result.most[i] = 255;
    } else {
      const auto [after, error] =
          std::from_chars(octet.data(), octet.data() + octet.size(), result.least[i]);
      if (error != std::errc() || after != octet.data() + octet.size()) return std::nullopt;
      result.most[i] = result.least[i];
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

std::optional<OctetRanges> parse_list_code(std::string_view code) {
  const auto dash = code.find('-');
  if (dash == std::string_view::npos) return parse_pattern(code);
  const auto from = parse_pattern(code.substr(0, dash)), to = parse_pattern(code.substr(dash + 1));
  if (!from || !to || from->least != from->most || to->least != to->most) return std::nullopt;
  const auto [a, b] = std::mismatch(from->least.begin(), from->least.end(), to->least.begin());
  if (a == from->least.end() || *a > *b || !std::equal(a + 1, from->least.end(), b + 1))
    return std::nullopt;
  return OctetRanges{from->least, to->least};
}

bool ListCode::matches(const IpAddress& answer) const {
  if (!answer.is_v4()) return false;
  if (code.empty()) {
    // The sum of lists is 127.0.0.N: elsewhere lists keep statistics, refusals and what is not
    // theirs.
    const auto& octets = answer.data();
    return octets[0] == 127 && octets[1] == 0 && octets[2] == 0 && (octets[3] & bits) != 0;
  }
  const auto ranges = parse_list_code(code);
  if (!ranges) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (answer.data()[i] < ranges->least[i] || answer.data()[i] > ranges->most[i]) return false;
  }
  return true;
}

}  // namespace maildiag::rulebook
