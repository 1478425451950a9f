#include <utility>

#include <fmt/format.h>

#include "net/curl_fault.h"
#include "net/transports.h"

namespace maildiag::net {

namespace {

using std::chrono::milliseconds;

struct Body {
  std::string text;
  bool too_large = false;
};

std::size_t on_body(const char* octets, std::size_t size, std::size_t count, void* body) {
  auto& to = *static_cast<Body*>(body);
  const auto room = max_whois - to.text.size();
  to.too_large = size * count > room;
  to.text.append(octets, std::min(size * count, room));
  return to.too_large ? 0 : size * count;
}

/// RFC 3986 section 2.1: everything but letters and digits, so that no octet ends the question or
/// begins a second one.
std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const auto c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool plain = (octet | 0x20) >= 'a' ? (octet | 0x20) <= 'z' : octet >= '0' && octet <= '9';
    encoded += plain && octet < 0x80 ? std::string(1, c) : fmt::format("%{:02X}", octet);
  }
  return encoded;
}

}  // namespace

/// A gopher client sends a selector and CRLF and reads until the other side closes: that is all of
/// RFC 3912, too. The first character of a gopher URL's path is an item type that is not sent.
Task<WhoisReply> ask_whois(const AccessOptions& options, WhoisRequest request) {
  WhoisReply reply;
  const auto end = std::chrono::steady_clock::now() + request.timeout;
  for (const auto& address : request.addresses) {
    const auto endpoint = options.endpoint(request.server, {address, request.port}, request.reach);
    if (!endpoint) {
      // What another address said says more.
      if (reply.fault == Fault::none) reply.fault = Fault::offline;
      continue;
    }
    reply = {};
    const auto limit =
        std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    auto making = CurlTransfer::make();
    const auto transfer = co_await std::move(making);
    if (!transfer) {
      reply.fault = Fault::no_library;
      reply.reason = "libcurl is not installed: install libcurl4";
      co_return reply;
    }
    if (limit <= milliseconds::zero()) {
      reply.fault = Fault::timeout;
      co_return reply;
    }
    Body body;
    auto connect_to = transfer->new_list();
    transfer->add_line(connect_to, connect_rule("whois.invalid", request.port, *endpoint));
    const auto url = fmt::format("gopher://whois.invalid:{}/0{}", request.port,
                                 percent_encoded(request.question));
    set_common(*transfer, options, endpoint->address);
    transfer->set(CURLOPT_URL, url.c_str());
    transfer->set(CURLOPT_PROTOCOLS_STR, "gopher");
    transfer->set(CURLOPT_CONNECT_TO, connect_to.get());
    transfer->set(CURLOPT_CONNECTTIMEOUT_MS,
                  static_cast<long>(std::min(request.connect_timeout, limit).count()));
    transfer->set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    transfer->set(CURLOPT_WRITEFUNCTION, &on_body);
    transfer->set(CURLOPT_WRITEDATA, static_cast<void*>(&body));
    auto running = transfer->run();
    const auto code = co_await std::move(running);
    reply.fault = body.too_large ? Fault::too_large : fault_of(*transfer, code);
    if (code != CURLE_OK) reply.reason = transfer->error_text(code);
    if (body.too_large) reply.reason = fmt::format("more than {} octets", max_whois);
    reply.text = std::move(body.text);
    if (reply.fault != Fault::refused && reply.fault != Fault::unreachable) co_return reply;
  }
  co_return reply;
}

}  // namespace maildiag::net
