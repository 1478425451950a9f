// Counts what makes MIME dear before a MIME parser sees it.

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "bounce/mime.h"
#include "bounce/reader.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

/// What cannot become more parts than are read needs no count of its own.
constexpr auto max_parts = static_cast<std::size_t>(max_mime_parts);

/// Reads line by line. Declarations are counted wherever they stand, also in texts: a parser
/// decides only later which count.
class BoundsCheck {
 public:
  Result<void> run(std::string_view octets) {
    while (!octets.empty()) {
      const auto end = std::min(octets.find('\n'), octets.size());
      read_line(octets.substr(0, end), end + 1);
      octets.remove_prefix(std::min(end + 1, octets.size()));
      if (header_run_ > max_header_bytes) {
        return fail_with(ErrorCode::bad_data, "a header is larger than {} KiB; not read further",
                         max_header_bytes >> 10U);
      }
      if (declarations_ > max_parts || messages_ > max_parts || separators_ > max_parts) {
        return fail_with(ErrorCode::bad_data, "more than {} MIME parts; not read further",
                         max_mime_parts);
      }
    }
    return {};
  }

 private:
  void read_line(std::string_view line, std::size_t octets) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool continued = !line.empty() && (line.front() == ' ' || line.front() == '\t');
    const bool field = !continued && field_name_length(line) > 0;
    header_run_ = field || (continued && header_run_ > 0) ? header_run_ + octets : 0;
    if (field || continued) read_declarations(line.substr(0, 1000));
    if (line.starts_with("--")) count_separator(line.substr(2));
  }

  void read_declarations(std::string_view line) {
    if (line.find('/') != std::string_view::npos && text::contains_ignore_case(line, "message/"))
      ++messages_;
    if (line.find('=') == std::string_view::npos) return;
    const auto at = text::ascii_lower(line).find("boundary");
    if (at == std::string::npos) return;
    ++declarations_;
    const auto equals = line.find('=', at);
    if (equals == std::string_view::npos) return;
    split_form_ = split_form_ ||
                  line.substr(at, equals - at).find('*') != std::string_view::npos;  // RFC 2231
    auto value = text::trim(line.substr(equals + 1));
    if (value.starts_with('"')) {
      value = value.substr(1, value.find('"', 1) - 1);
    } else {
      value = value.substr(0, value.find_first_of("; \t"));
    }
    if (!value.empty()) declared_.emplace(value);
  }

  void count_separator(std::string_view line) {
    while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
    const bool known = split_form_ || declared_.find(line) != declared_.end();
    if (known && line.find_first_not_of('-') != std::string_view::npos) ++separators_;
  }

  std::set<std::string, std::less<>> declared_;
  std::size_t header_run_ = 0;
  std::size_t declarations_ = 0;
  std::size_t messages_ = 0;
  std::size_t separators_ = 0;
  bool split_form_ = false;
};

}  // namespace

Result<void> check_bounds(std::string_view octets) {
  if (octets.size() > max_message_bytes) {
    return fail_with(ErrorCode::bad_data, "larger than {} MiB; not read", max_message_bytes >> 20U);
  }
  return BoundsCheck().run(octets);
}

}  // namespace maildiag::bounce
