/// The backends and how to make them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/secret_mask.h"
#include "dns/resolver.h"

namespace maildiag::dns {

struct ServerAddress {
  IpAddress address;
  std::string scope;  ///< interface of a link-local IPv6 address, without '%'
  std::uint16_t port = 53;
  /// "192.0.2.1", "192.0.2.1#5353", "fe80::1%eth0"
  static Result<ServerAddress> parse(std::string_view text);
  std::string to_string() const;
};

struct ResolvConf {
  std::vector<ServerAddress> servers;
  std::optional<unsigned> timeout_seconds, attempts;
};
/// resolv.conf(5): nameserver, options timeout: (1 to 30) and attempts: (1 to 5), which are capped
/// and unknown lines ignored, as libc does; a `#` or `;` starts a comment.
ResolvConf parse_resolv_conf(std::string_view text);

struct NetworkOptions {
  std::vector<ServerAddress> servers;
  std::chrono::milliseconds timeout{2000};  ///< of the first try; later tries wait longer
  unsigned tries = 3;                       ///< over all servers, before the last slow one
  std::size_t window = 100;                 ///< questions outstanding at once
  bool recursion = true;                    ///< false: the servers are authoritative
};
std::shared_ptr<Backend> make_network_backend(NetworkOptions options);

/// Master files (RFC 1035 section 5) of any number of zones. An SOA record opens a zone; where a
/// file has none for a record, the $ORIGIN in force opens one, so that a few lines of a forward and
/// of a reverse zone make a file. Errors: "FILE:LINE: message". Names outside every zone, and below
/// a delegation, answer REFUSED; a CNAME loop is SERVFAIL. Answers take no time (elapsed is zero).
Result<std::shared_ptr<Backend>> make_zone_backend(const std::vector<std::string>& files);

/// Adds every answer of `inner` to the end of `file` (JSON Lines, one answer a line), at once,
/// without the secrets of `mask` (nullptr: there are none).
/// Error: cannot_write. If a later write fails, asking throws std::system_error, which names the
/// file.
Result<std::shared_ptr<Backend>> make_recording_backend(
    std::shared_ptr<Backend> inner, const std::string& file,
    std::shared_ptr<const SecretMask> mask = {});
class ServerReplies;
struct Recording {
  std::shared_ptr<Backend> backend;
  std::shared_ptr<const ServerReplies> servers;  ///< what single servers answered
};
/// Answers from such a file; of several answers to one question, the last definite one. Secrets of
/// `mask` are looked up as they were recorded. What is not in it has the outcome not_recorded.
/// Errors: no_input, or bad_data with "FILE:LINE: message".
Result<Recording> open_recording(const std::string& file,
                                 std::shared_ptr<const SecretMask> mask = {});

}  // namespace maildiag::dns
