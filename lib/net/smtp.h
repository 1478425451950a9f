/// One SMTP dialogue up to QUIT: what a server says of itself (RFC 5321, RFC 3207). Never DATA.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ip_address.h"
#include "net/fault.h"
#include "net/tls.h"

namespace maildiag::net {

/// Lines of one reply and octets of one line that are kept; RFC 5321 section 4.5.3.1.5 has 512.
inline constexpr std::size_t max_reply_lines = 128, max_reply_line = 2048;
/// Octets of a whole dialogue; a server that sends more is left.
inline constexpr std::size_t max_dialogue = 256UL << 10;

enum class SmtpTls { none, starttls, implicit };  ///< starttls: where the server offers it

/// Is mail from anybody to anybody taken? Asks up to RCPT, then RSET.
struct RelayQuestion {
  std::string reverse_path, forward_path;  ///< without angle brackets
};

struct SmtpRequest {
  IpAddress address;
  std::uint16_t port = 25;
  Reach reach = Reach::any;
  std::string host;       ///< SNI; empty: none is sent
  std::string helo_name;  ///< for EHLO; empty: AccessOptions::helo_name
  SmtpTls tls = SmtpTls::starttls;
  std::optional<RelayQuestion> relay;
  std::chrono::milliseconds connect_timeout{10000};
  /// For the greeting: RFC 5321 section 4.5.3.2 allows five minutes; tarpits take 20 to 40 seconds.
  std::chrono::milliseconds greeting_timeout{30000};
  std::chrono::milliseconds reply_timeout{15000};  ///< for each later reply and the handshake
  std::chrono::milliseconds timeout{60000};        ///< for all
};

struct SmtpReply {
  /// Of its last line: postscreen (Postfix) refuses with "521 ..." behind the "220-" that it began
  /// with. 0: none came, or not to its end.
  int code = 0;
  std::vector<std::string> lines;  ///< without the code and its separator; sanitised for a terminal
  bool came() const { return code != 0; }
};

/// How far it came: the stage in which `fault` happened, or quit. QUIT is sent wherever the server
/// would understand it: not ahead of a greeting, nor after a handshake that failed.
enum class SmtpStage {
  connect,
  implicit_tls,
  greeting,
  ehlo,
  starttls,
  handshake,
  ehlo_again,
  relay,
  quit
};
std::string_view to_string(SmtpStage stage);  ///< "implicit-tls"

struct SmtpTalk {
  SmtpStage stage = SmtpStage::connect;
  Fault fault = Fault::none;
  std::string reason;  ///< of the fault, in one line that is safe for a terminal
  /// It is that of another who has just asked the same server the same, and ended by a time-out.
  bool repeated = false;
  /// What came instead of a greeting, sanitised and cut: "SSH-2.0-OpenSSH_9.2".
  std::string garbage;

  /// A refusal is no fault, nor is a QUIT that is not answered: see the codes.
  SmtpReply greeting, ehlo, starttls, ehlo_again, mail, rcpt, rset, quit;
  SmtpReply helo;  ///< asked where EHLO was refused with 5yz
  std::optional<TlsFacts> tls;
  IpAddress source;                                                      ///< our own end
  std::optional<std::chrono::microseconds> connect, greeted, handshake;  ///< from the start of each
  std::chrono::microseconds total{0};

  struct Line {
    std::chrono::microseconds at{0};
    bool ours = false;
    std::string text;  ///< sanitised
  };
  std::vector<Line> transcript;
};

}  // namespace maildiag::net
