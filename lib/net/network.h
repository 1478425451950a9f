/// The world beyond the resolver. The seam for tests, as dns::Backend is for DNS.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/task.h"
#include "net/http.h"
#include "net/name_server.h"
#include "net/reach.h"
#include "net/smtp.h"
#include "net/whois.h"

namespace maildiag::dns {
class ServerRecorder;
class ServerReplies;
}  // namespace maildiag::dns

namespace maildiag::net {

/// Answers with values; never throws for what a server did. Not thread-safe. Requests that are
/// open when a task ends are dropped.
class Network {
 public:
  virtual ~Network() = default;
  virtual Task<HttpReply> fetch(HttpRequest request) = 0;
  virtual Task<SmtpTalk> talk(SmtpRequest request) = 0;
  virtual Task<WhoisReply> whois(WhoisRequest request) = 0;
  virtual Task<TcpReply> connect(TcpRequest request) = 0;
  virtual Task<PingReply> ping(PingRequest request) = 0;
  virtual Task<TraceReply> trace(TraceRequest request) = 0;
  /// Past the resolver, for what it hides.
  virtual Task<NameServerReply> ask(NameServerRequest request) = 0;
};

/// "HOST1:PORT1:HOST2:PORT2": what is meant for host and port 1 goes to address and port 2; an
/// empty part matches all, or stays as it is. To try a server before DNS leads to it. IPv6
/// addresses stand in brackets.
struct ConnectTo {
  std::string host;                     ///< a name or an address; empty: any
  std::optional<std::uint16_t> port;    ///< none: any
  std::optional<IpAddress> to_address;  ///< none: unchanged
  std::optional<std::uint16_t> to_port;
  /// usage: no such rule.
  static Result<ConnectTo> parse(std::string_view text);
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

struct AccessOptions {
  std::vector<ConnectTo> connect_to;
  std::optional<IpAddress> source4, source6;  ///< none: as the routes say
  std::string helo_name;  ///< for EHLO where a request names none; empty: our address as a literal
  std::string ca_file;    ///< PEM, trusted instead of the system's; empty: the system's
  /// No connection but those that a rule of connect_to matches: DNS answers come from files, so
  /// what they name need not be what stands there. Others are Fault::offline.
  bool offline = false;
  /// Where the answers of single name servers are written; none: nowhere.
  std::shared_ptr<dns::ServerRecorder> recorder;
  std::shared_ptr<const dns::ServerReplies> recorded;  ///< and where they come from instead

  /// Where a connection to `host` (may be empty) goes: by the first rule that matches, else
  /// unchanged; nothing where it must not be made: offline, or to an address that is not of the
  /// public Internet where only such a one will do.
  std::optional<Endpoint> endpoint(std::string_view host, Endpoint wanted,
                                   Reach reach = Reach::any) const;
};

/// At most one SMTP connection an address (Endpoint) is open at once; others wait for it. Where it
/// ends by a time-out, those who ask the same get that answer (SmtpTalk::repeated).
std::unique_ptr<Network> make_network(AccessOptions options);

}  // namespace maildiag::net
