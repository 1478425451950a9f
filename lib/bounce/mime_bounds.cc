// Counts what makes MIME dear before a MIME parser builds it. Reads a header as GMime does, and
// where the two could differ counts more: what is not counted here, GMime does not see either.

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bounce/gmime_handle.h"
#include "bounce/mime.h"
#include "bounce/reader.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

/// What cannot become more parts than are read needs no count of its own.
constexpr auto max_parts = static_cast<std::size_t>(max_mime_parts);
/// Content-Type fields that may open a multipart or a message: one of the part itself, and one of
/// the message in it. Each is parsed, so that their number has a bound of its own.
constexpr std::size_t max_declarations = 2 * max_parts;

/// GMime compares a line that begins with two dashes with each boundary around it: a fifth of a
/// second. Mails of people hold some thousand such lines, and four boundaries.
constexpr std::size_t max_comparisons = 20'000'000;

/// GMime reads the addresses of a field, wanted or not: a group in a group (RFC 5322 section 3.4)
/// by calling itself, and behind each comma the whole rest. 80 KB of "a:" end a stack of 8 MiB, 256
/// KB of "a," take 17 s; a mail full of fields of this length takes some tens of milliseconds.
constexpr std::size_t max_address_octets = 256;

/// is_lwsp() of GMime, which may follow a boundary.
constexpr std::string_view line_blanks = " \t\r\n\v\f";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view without_end_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(line_blanks) + 1);
}

/// Where the colon of a field stands for GMime, whose names are of any length, hold any octet but
/// blanks and controls, and may be empty.
std::size_t find_colon(std::string_view line) {
  bool blank = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto c = static_cast<unsigned char>(line[at]);
    if (c == ':') return at;
    if (c != ' ' && c != '\t' && (blank || c < ' ' || c == 0x7f)) break;
    blank = blank || c == ' ' || c == '\t';
  }
  return std::string_view::npos;
}

std::string_view field_name(std::string_view name) {
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  return name;
}

/// The fields whose addresses GMime reads.
bool holds_addresses(std::string_view name) {
  constexpr std::array<std::string_view, 6> names{"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
  return std::any_of(names.begin(), names.end(), [name](std::string_view each) {
    return text::equals_ignore_case(name, each);
  });
}

class BoundsCheck {
 public:
  Result<std::vector<std::size_t>> run(std::string_view octets) {
    for (std::size_t next = 0; next < octets.size();) {
      line_at_ = next;
      const auto end = std::min(octets.find('\n', line_at_), octets.size());
      read_line(octets.substr(line_at_, end - line_at_));
      next = end + 1;
      if (header_ > max_header_bytes) {
        return fail_with(ErrorCode::bad_data, "a header is larger than {} KiB; not read further",
                         max_header_bytes >> 10U);
      }
      if (all_headers_ > max_all_header_bytes) {
        return fail_with(ErrorCode::bad_data,
                         "the headers of all parts are larger than {} KiB; not read further",
                         max_all_header_bytes >> 10U);
      }
      if (comparisons_ > max_comparisons) {
        return fail_with(ErrorCode::bad_data,
                         "too many lines that may be boundaries; not read further");
      }
      if (declarations_ > max_declarations || messages_ > max_parts || separators_ > max_parts) {
        return fail_with(ErrorCode::bad_data, "more than {} MIME parts; not read further",
                         max_mime_parts);
      }
      if (!in_header_) next = next_dashes(octets, end);
    }
    return std::move(dear_fields_);
  }

 private:
  /// The next line that counts outside of headers, which mails of nothing but line ends have
  /// 60 million others of. `end`: of this line.
  static std::size_t next_dashes(std::string_view octets, std::size_t end) {
    constexpr std::string_view dashes = "\n--";
    const auto rest = octets.substr(end);
    const void* found = memmem(rest.data(), rest.size(), dashes.data(), dashes.size());
    if (found == nullptr) return octets.size();
    return static_cast<std::size_t>(static_cast<const char*>(found) - octets.data()) + 1;
  }

  /// `raw`: without its LF.
  void read_line(std::string_view raw) {
    const auto line = raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw;
    const bool continued = !line.empty() && is_blank(line.front());
    if (!continued) end_content_type();
    if (line.starts_with("--")) comparisons_ += boundaries_;
    if (line.starts_with("--") && declared_.contains(without_end_blanks(line.substr(2)))) {
      ++separators_;
      begin_header();
    } else if (in_header_ && line.empty()) {
      end_header();
    } else if (in_header_) {
      read_field_line(raw, continued);
    }
  }

  void begin_header() {
    in_header_ = true;
    holds_message_ = false;
    header_ = 0;
  }

  /// What a message/* part or a digest's (RFC 2046 section 5.1.5) holds begins with a header, too.
  void end_header() {
    const bool more = holds_message_ || digest_;
    begin_header();
    in_header_ = more;
  }

  /// Lines that are none do not end a header for GMime.
  void read_field_line(std::string_view raw, bool continued) {
    const auto colon = continued ? std::string_view::npos : find_colon(raw);
    if (!continued && colon == std::string_view::npos) return;
    header_ += raw.size() + 1;
    all_headers_ += raw.size() + 1;
    if (continued && in_content_type_) content_type_.append("\n").append(raw);
    if (continued) return count_address_octets(raw.size());
    const auto name = field_name(raw.substr(0, colon));
    address_octets_ = 0;
    address_field_ = line_at_;
    in_addresses_ = holds_addresses(name);
    count_address_octets(raw.size());
    if (!text::equals_ignore_case(name, "Content-Type")) return;
    in_content_type_ = true;
    content_type_ = raw.substr(colon + 1);
  }

  void count_address_octets(std::size_t more) {
    if (!in_addresses_) return;
    address_octets_ += more;
    if (address_octets_ <= max_address_octets) return;
    in_addresses_ = false;
    dear_fields_.push_back(address_field_);
  }

  /// The field is whole: all of its lines are read.
  void end_content_type() {
    if (!in_content_type_) return;
    in_content_type_ = false;
    // Parameters' names and types are never quoted; only an encoded word hides them.
    const auto lower = text::ascii_lower(content_type_);
    constexpr std::array<std::string_view, 4> signs{"boundary", "message", "digest", "=?"};
    const auto in_field = [&lower](std::string_view sign) {
      return lower.find(sign) != std::string::npos;
    };
    if (std::none_of(signs.begin(), signs.end(), in_field)) return;
    if (++declarations_ > max_declarations) return;
    // GMime chooses the part's kind by the field as it stands, and reads the parameters of the
    // decoded one.
    const auto plain = read_content_type(content_type_);
    const auto decoded = read_content_type(decoded_field(content_type_));
    if (plain.message || decoded.message) {
      ++messages_;
      holds_message_ = true;
    }
    digest_ = digest_ || plain.digest || decoded.digest;
    if (plain.boundary || decoded.boundary) ++boundaries_;
    for (const auto& boundary : {plain.boundary, decoded.boundary}) {
      if (boundary) declared_.emplace(without_end_blanks(*boundary));
    }
  }

  std::vector<std::size_t> dear_fields_;
  std::set<std::string, std::less<>> declared_;  // boundaries, without blanks at the end
  std::string content_type_;                     // of the field that is being read
  std::size_t header_ = 0;
  std::size_t all_headers_ = 0;
  std::size_t declarations_ = 0;
  std::size_t boundaries_ = 0;
  std::size_t comparisons_ = 0;
  std::size_t line_at_ = 0;
  std::size_t address_field_ = 0;
  std::size_t address_octets_ = 0;  // of this field
  std::size_t messages_ = 0;
  std::size_t separators_ = 0;
  bool in_header_ = true;
  bool in_content_type_ = false;
  bool in_addresses_ = false;
  bool holds_message_ = false;
  bool digest_ = false;
};

}  // namespace

Result<std::vector<std::size_t>> check_bounds(std::string_view octets) {
  if (octets.size() > max_message_bytes) {
    return fail_with(ErrorCode::bad_data, "larger than {} MiB; not read", max_message_bytes >> 20U);
  }
  return BoundsCheck().run(octets);
}

}  // namespace maildiag::bounce
