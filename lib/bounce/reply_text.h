/// Small readers that every bounce format shares: reply heads, status codes, addresses,
/// punctuation.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ip_address.h"

namespace maildiag::bounce {

/// Typographic quotes, dashes, ellipses and blanks become ASCII; invisible characters go.
/// Word processors and blogs put them into bounces. REQUIRES: valid UTF-8.
std::string ascii_punctuation(std::string_view utf8);

/// Length of an enhanced status code (RFC 3463 section 2) at the start of `text`, 0: none.
std::size_t status_length(std::string_view text);

/// The start of a reply line: "550-5.7.1 ", "550 #5.1.0 ", "550: (5.1.1) ".
struct ReplyHead {
  int code = 0;
  char separator = ' ';  ///< '-' when more lines follow (RFC 5321 section 4.2.1)
  std::string_view status;
  std::size_t length = 0;  ///< what of the text the head takes
};
std::optional<ReplyHead> read_reply_head(std::string_view text);

/// An address between angle brackets or bare, anywhere in `text`; the first one.
struct FoundAddress {
  std::string_view address;
  std::size_t begin = 0;  ///< with its angle bracket
  std::size_t end = 0;
};
std::optional<FoundAddress> find_address(std::string_view text, std::size_t from = 0);

/// Addresses of hosts in running text, in order, each once.
std::vector<IpAddress> find_ip_addresses(std::string_view text);

/// A host name of two labels or more out of a token like "mx.example.com.:" or "[mx.example.com]";
/// empty: none.
std::string host_of(std::string_view token);

bool is_digit(char character);
bool is_alnum(char character);
/// Without blanks, then without any of `characters` at both ends.
std::string_view trim_any(std::string_view text, std::string_view characters);

}  // namespace maildiag::bounce
