/// Tag lists as DKIM, DMARC and their friends write them: "v=DKIM1; k=rsa; p=..." (RFC 6376
/// section 3.2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag {

/// A record or a field with more tags is nobody's honest one.
inline constexpr std::size_t max_tags = 100;

struct Tag {
  std::string name;   ///< as written: names are case-sensitive
  std::string value;  ///< without white space around it; inside as written
  /// Where the value stands in the text, with the white space around it: after "=" and up to ";".
  std::size_t begin = 0, end = 0;
};

enum class TagFault {
  none,
  empty,      ///< no tag at all
  name,       ///< a name that is none, an empty tag ("a=b;;c=d"), a tag without "="
  value,      ///< an octet that no value may hold
  duplicate,  ///< a name twice
  too_many,   ///< more than max_tags
};

struct TagList {
  std::vector<Tag> tags;  ///< in order, up to the fault
  TagFault fault = TagFault::none;
  std::string at;             ///< the tag at fault, as written
  bool space_at_end = false;  ///< white space after the last ";": against the grammar, harmless
  bool ok() const { return fault == TagFault::none; }
  const Tag* find(std::string_view name) const;
  /// The value of a tag; empty where it is absent, too.
  std::string_view get(std::string_view name) const;
};

/// Strict, but for `space_at_end`, and for octets above 0x7f in values (RFC 8616 section 5). White
/// space is space, tab, CR and LF: folding is accepted wherever it can stand.
TagList parse_tag_list(std::string_view text);

/// Without white space, wherever it stands.
std::string without_spaces(std::string_view text);

}  // namespace maildiag
