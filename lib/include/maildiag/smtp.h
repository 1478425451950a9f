/// What `smtpcheck` is asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace maildiag {

struct SmtpOptions {
  std::vector<std::uint16_t> ports;  ///< of targets that name none; empty: 25. 465 begins with TLS
  bool hosts = false;                ///< names are hosts: MX records are not followed
  /// Ask whether mail from strangers to strangers is taken: "FROM,TO"; "": between addresses of
  /// nobody.
  std::optional<std::string> relay_test;
  unsigned greeting_timeout = 30;  ///< seconds
  /// Days before the end of a certificate. -1: 14 and 3, but at most a third and a tenth of its
  /// lifetime.
  long warning_days = -1, critical_days = -1;
  /// Called with (servers done, servers known so far) after each; may be empty.
  std::function<void(std::size_t, std::size_t)> progress;
};

}  // namespace maildiag
