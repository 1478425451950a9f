/// The lines of a delivery report, before it is known whom they are about.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "bounce/fields.h"

namespace maildiag::bounce::dsn {

/// A set of names of fields: a bit of each.
using Names = unsigned;
inline constexpr Names final_recipient = 1, original_recipient = 2;
/// What became of a recipient: with one of these a group needs no other field.
inline constexpr Names action = 4;
inline constexpr Names status = 8;
inline constexpr Names mandatory = action | status;
inline constexpr Names diagnostic_code = 16;
inline constexpr Names outcomes = mandatory | diagnostic_code;
inline constexpr Names remote_mta = 64;
inline constexpr Names actual_recipient = 256;
/// Those that only stand in a recipient's group (RFC 3464 section 2.3), in any order.
inline constexpr Names of_recipient = 511;
/// Those about the mail (section 2.2). Some repeat them in the recipients' groups.
inline constexpr Names reporting_mta = 512;
inline constexpr Names of_mail = reporting_mta | 1024 | 2048;

/// In the place of a recipient's number: nobody's, and perhaps the sole recipient's.
inline constexpr std::size_t nobody = static_cast<std::size_t>(-1);
inline constexpr std::size_t perhaps_his = nobody - 1;

struct Entry {
  Field field;
  Names name = 0;
  std::size_t paragraph = 0;  ///< empty lines in front
  std::size_t owner = nobody;
};
using Entries = std::vector<Entry>;

/// The fields that are read, as they come; of as many recipients as are reported.
Entries read_entries(std::string_view text);

/// "rfc822; a@b" -> "a@b" (RFC 3464 section 2.1.2); a type is optional in the wild.
std::string_view without_type(std::string_view value);

}  // namespace maildiag::bounce::dsn
