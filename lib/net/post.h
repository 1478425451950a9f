/// One HTTPS POST of JSON, to an address that an administrator chose.
///
/// TLS is verified; redirects are not followed; no proxy is used, whatever the environment says;
/// what the receiver answers beyond its status is dropped. libcurl is loaded when the first URL is
/// read.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <maildiag/cancellation.h>

#include "core/result.h"

namespace maildiag::net {

/// An https URL; http only where the host is a loopback address, as nothing is encrypted then.
class PostUrl {
 public:
  /// configuration: no such URL, or libcurl is not installed. The message never quotes the text: it
  /// may hold a password.
  static Result<PostUrl> read(std::string_view text);
  const std::string& text() const { return text_; }
  /// For messages: without user, password, path and query, all of which may be secrets.
  const std::string& masked() const { return masked_; }

 private:
  PostUrl(std::string text, std::string masked)
      : text_(std::move(text)), masked_(std::move(masked)) {}
  std::string text_, masked_;
};

struct PostOptions {
  std::string ca_file;  ///< certificates to trust instead of the system's; empty: the system's
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds total_timeout{10000};  ///< of one try
  int tries = 3;
  std::chrono::milliseconds first_wait{1000};  ///< before the second try; grows fourfold
  std::chrono::milliseconds patience{30000};   ///< for all tries and waits together
  Cancellation cancellation;  ///< ends a wait within 25 ms, a try within a second or so
};

/// What became of a POST.
struct PostResult {
  bool delivered = false;  ///< the receiver answered with 2xx
  int tries = 0;
  std::string reason;  ///< why not, in one line without secrets, for a terminal
  int status = 0;      ///< of the last answer; 0: there was none
};

/// Octets of an answer, head and body, that are read before the connection is closed: nothing in
/// them is used, and a receiver that never ends must not hold a run.
inline constexpr std::size_t max_answer = 64UL << 10;

/// Tried again after time-outs, broken connections and the statuses 408, 425, 429 and 5xx; not
/// after a refused certificate, a redirect or another status, which would only be repeated.
PostResult post_json(const PostUrl& url, const std::string& body, const PostOptions& options);

}  // namespace maildiag::net
