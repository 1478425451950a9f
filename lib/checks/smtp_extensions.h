/// What a server announces in its answer to EHLO (RFC 5321 section 4.1.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/smtp.h"

namespace maildiag::checks {

struct SmtpExtension {
  std::string keyword;     ///< upper case: "SIZE"
  std::string parameters;  ///< as sent: "10240000"
  std::string text() const { return parameters.empty() ? keyword : keyword + " " + parameters; }
};

struct SmtpExtensions {
  std::string name;  ///< what the server calls itself: the first word of the first line
  std::vector<SmtpExtension> list;

  const SmtpExtension* find(std::string_view keyword) const;
  bool has(std::string_view keyword) const { return find(keyword) != nullptr; }
  /// RFC 1870: the largest message in octets, 0 for "no fixed limit"; nothing: not announced.
  std::optional<std::uint64_t> size() const;
  /// Mechanisms of AUTH, those of the old "AUTH=" form too (RFC 4954 section 3); upper case, each
  /// once.
  std::vector<std::string> auth() const;
  std::vector<std::string> texts() const;
};

/// Of a reply that is not 2yz: nothing.
SmtpExtensions read_extensions(const net::SmtpReply& reply);

/// Texts of `a` that are not in `b`, in the order of `a`.
std::vector<std::string> only_in(const SmtpExtensions& a, const SmtpExtensions& b);

}  // namespace maildiag::checks
