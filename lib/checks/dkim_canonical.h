/// Canonicalisation (RFC 6376 section 3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "checks/dkim_crypto.h"
#include "checks/dkim_message.h"

namespace maildiag::checks::dkim {

enum class Form { simple, relaxed };
std::string_view to_string(Form form);

/// One header field without its line end.
std::string canonical_field(Form form, const HeaderField& field);

/// The hash of a body, line by line. A copy goes on from the same state.
class BodyHash {
 public:
  /// `limit`: l=, octets of the canonical body that count.
  BodyHash(Form form, std::optional<std::uint64_t> limit) : form_(form), limit_(limit) {}

  void add_line(std::string_view line);
  /// Octets of the canonical body so far.
  std::uint64_t length() const;
  std::string digest() const;

 private:
  void put(std::string_view octets);
  void put_empty_lines();
  void flush();
  void add_relaxed(std::string_view line);

  Form form_;
  std::optional<std::uint64_t> limit_;
  Sha256 hash_;
  std::string buffer_;             // not yet hashed: OpenSSL wants larger pieces than words
  std::uint64_t length_ = 0;       // put so far
  std::uint64_t empty_lines_ = 0;  // seen, not put: they count only where text follows
};

/// Of a whole body.
BodyHash hash_body(Form form, std::optional<std::uint64_t> limit, std::string_view body);

}  // namespace maildiag::checks::dkim
