#include "bounce/dsn_fields.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "bounce/reader.h"
#include "core/text.h"

namespace maildiag::bounce::dsn {
namespace {

using std::string_view;

/// RFC 3464 section 2, RFC 6533 and what vendors add. Other lines with a colon ("https://...")
/// continue a diagnostic.
constexpr std::array<string_view, 17> known_fields{
    "original-envelope-id", "reporting-mta",    "dsn-gateway",
    "received-from-mta",    "arrival-date",     "original-recipient",
    "final-recipient",      "action",           "status",
    "remote-mta",           "diagnostic-code",  "last-attempt-date",
    "final-log-id",         "will-retry-until", "remote-recipient",
    "localized-reason",     "reply-to"};

/// Those of them that are read, and of vendors: in the order of Names.
constexpr std::array<string_view, 12> read_names{
    "final-recipient",    "original-recipient",   "action",       "status",
    "diagnostic-code",    "x-supplementary-info", "remote-mta",   "last-attempt-date",
    "x-actual-recipient", "reporting-mta",        "arrival-date", "x-postfix-sender"};
Names name_bit(string_view name) {
  const auto* found = std::find_if(read_names.begin(), read_names.end(), [=](string_view other) {
    return text::equals_ignore_case(other, name);
  });
  return found == read_names.end() ? 0 : Names{1} << (found - read_names.begin());
}

bool is_field(string_view line) {
  const auto length = field_name_length(line);
  if (length == 0) return false;
  const auto name = text::ascii_lower(text::trim(line.substr(0, length - 1)));
  return (name.starts_with("x-") && name.size() > 3) ||
         std::find(known_fields.begin(), known_fields.end(), name) != known_fields.end();
}

/// What is kept: a recipient has at most nine. The groups are those of the recipients, the one
/// about the mail, and another.
constexpr std::size_t max_kept = 12 * (max_failures + 2);

/// Of a paragraph that is not kept as a whole nobody knows whose it is; one with several recipients
/// ends in front of the last one.
void drop_unfinished(Entries& entries) {
  const auto last = entries.back().paragraph;
  const auto is_other = [=](const Entry& entry) { return entry.paragraph != last; };
  const auto begin = std::find_if(entries.rbegin(), entries.rend(), is_other).base();
  const auto is_name = [](const Entry& entry) { return entry.name == final_recipient; };
  if (std::count_if(begin, entries.end(), is_name) > 1)
    entries.erase(std::prev(std::find_if(entries.rbegin(), entries.rend(), is_name).base()),
                  entries.end());
  else if (begin != entries.begin())
    entries.erase(begin, entries.end());
}

}  // namespace

Entries read_entries(string_view text) {
  Entries entries;
  std::size_t paragraph = 0;
  bool any = false;                        // a field has been met
  bool kept = false;                       // the last one is
  bool separated = false;                  // an empty line was the last one
  std::size_t margin = string_view::npos;  // pasted reports are indented as a whole
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto trimmed = text::trim(line);
    if (trimmed.empty()) {
      separated = true;
      continue;
    }
    const auto indent = static_cast<std::size_t>(trimmed.data() - line.data());
    const bool field = is_field(trimmed);
    if (field) margin = std::min(margin, indent);
    if (!field || (indent > margin && any && !separated)) {
      // RFC 5322 folding, or a line that an MTA forgot to fold.
      if (kept && entries.back().field.value.size() < max_reply_bytes)
        entries.back().field.value += "\n" + std::string(trimmed);
      separated = false;
      continue;
    }
    paragraph += separated ? 1 : 0;
    separated = false;
    any = true;
    const auto length = field_name_length(trimmed);
    const auto name = text::trim(trimmed.substr(0, length - 1));
    const auto bit = name_bit(name);
    kept = bit != 0;
    if (!kept) continue;
    if (entries.size() == max_kept) {
      if (entries.back().paragraph == paragraph) drop_unfinished(entries);
      break;
    }
    entries.push_back({{std::string(name), std::string(text::trim(trimmed.substr(length)))},
                       bit,
                       paragraph,
                       nobody});
  }
  return entries;
}

string_view without_type(string_view value) {
  const auto semicolon = value.find(';');
  if (semicolon != string_view::npos && semicolon < 20) value = value.substr(semicolon + 1);
  return text::trim(value);
}

}  // namespace maildiag::bounce::dsn
