#include <utility>

#include <fmt/format.h>

#include "net/curl_fault.h"
#include "net/http_header.h"
#include "net/tls_facts.h"
#include "net/tls_observer.h"
#include "net/transports.h"
#include "net/url_parts.h"

namespace maildiag::net {

namespace {

using std::chrono::milliseconds;

/// The reason of Fault::offline where only public addresses will do; else that has none.
constexpr std::string_view not_public = "an address that is not of the public Internet";
constexpr std::string_view no_libcurl = "libcurl is not installed: install libcurl4";

/// What one address answers.
class Fetch {
 public:
  Fetch(std::unique_ptr<CurlTransfer> transfer, const HttpRequest& request)
      : transfer_(std::move(transfer)),
        request_(request),
        headers_(transfer_->new_list()),
        connect_to_(transfer_->new_list()) {}
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  Task<HttpReply> run(const AccessOptions& options, std::string rule, Endpoint endpoint,
                      milliseconds limit);

 private:
  static std::size_t on_header(const char* octets, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(const char* octets, std::size_t size, std::size_t count, void* self);
  bool take_header(std::string_view line);
  void prepare(const AccessOptions& options, const Endpoint& endpoint, milliseconds limit);
  void judge(CURLcode code);

  TlsObserver observer_;
  std::unique_ptr<CurlTransfer> transfer_;
  const HttpRequest& request_;
  CurlList headers_, connect_to_;
  HttpReply reply_;
  HttpHeader header_;
  bool too_large_ = false;
};

std::size_t Fetch::on_header(const char* octets, std::size_t size, std::size_t count, void* self) {
  auto& fetch = *static_cast<Fetch*>(self);
  return fetch.take_header({octets, size * count}) ? size * count : 0;
}

bool Fetch::take_header(std::string_view line) {
  too_large_ = !header_.take(line, reply_);
  if (!too_large_ && !reply_.tls)
    reply_.tls = request_.verify ? read_tls(*transfer_) : observer_.facts();
  return !too_large_;
}

std::size_t Fetch::on_body(const char* octets, std::size_t size, std::size_t count, void* self) {
  auto& fetch = *static_cast<Fetch*>(self);
  const auto length = size * count;
  fetch.too_large_ = fetch.reply_.body.size() + length > fetch.request_.max_body;
  if (fetch.too_large_) return 0;
  fetch.reply_.body.append(octets, length);
  return length;
}

void Fetch::prepare(const AccessOptions& options, const Endpoint& endpoint, milliseconds limit) {
  auto& transfer = *transfer_;
  set_common(transfer, options, endpoint.address);
  transfer.set(CURLOPT_URL, request_.url.c_str());
  transfer.set(CURLOPT_PROTOCOLS_STR, request_.plain ? "http,https" : "https");
  transfer.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  transfer.set(CURLOPT_HTTPGET, 1L);
  transfer.add_line(headers_, "User-Agent: maildiag");
  transfer.add_line(headers_, "Accept: " + (request_.accept.empty() ? "*/*" : request_.accept));
  transfer.set(CURLOPT_HTTPHEADER, headers_.get());
  transfer.set(CURLOPT_CONNECT_TO, connect_to_.get());
  if (request_.verify) {
    transfer.set(CURLOPT_SSL_VERIFYPEER, 1L);
    transfer.set(CURLOPT_SSL_VERIFYHOST, 2L);
  } else {
    observer_.watch(transfer, options.ca_file);
  }
  transfer.set(CURLOPT_SSLVERSION, static_cast<long>(request_.verify ? CURL_SSLVERSION_TLSv1_2
                                                                     : CURL_SSLVERSION_DEFAULT));
  transfer.set(CURLOPT_CONNECTTIMEOUT_MS,
               static_cast<long>(std::min(request_.connect_timeout, limit).count()));
  transfer.set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  transfer.set(CURLOPT_HEADERFUNCTION, &Fetch::on_header);
  transfer.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  transfer.set(CURLOPT_WRITEFUNCTION, &Fetch::on_body);
  transfer.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

void Fetch::judge(CURLcode code) {
  reply_.fault = fault_of(*transfer_, code);
  if (too_large_) reply_.fault = Fault::too_large;
  if (code != CURLE_OK) reply_.reason = transfer_->error_text(code);
  if (too_large_)
    reply_.reason = fmt::format("more than {} octets",
                                header_.too_large() ? max_http_header : request_.max_body);
  transfer_->library().getinfo(transfer_->handle(), CURLINFO_RESPONSE_CODE, &reply_.status);
  reply_.connect = transfer_->time(CURLINFO_CONNECT_TIME_T);
  reply_.handshake = transfer_->time(CURLINFO_APPCONNECT_TIME_T);
  reply_.first_octet = transfer_->time(CURLINFO_STARTTRANSFER_TIME_T);
  reply_.total = transfer_->time(CURLINFO_TOTAL_TIME_T);
}

Task<HttpReply> Fetch::run(const AccessOptions& options, std::string rule, Endpoint endpoint,
                           milliseconds limit) {
  transfer_->add_line(connect_to_, rule);
  prepare(options, endpoint, limit);
  auto running = transfer_->run();
  const auto code = co_await std::move(running);
  judge(code);
  reply_.address = endpoint.address;
  co_return std::move(reply_);
}

/// Scheme, host and port of a URL that may be asked.
struct Target {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<Target> read_target(const CurlLibrary& curl, const HttpRequest& request) {
  UrlParts parts(curl);
  if (!parts.parse(request.url)) return std::nullopt;
  const auto scheme = parts.get(CURLUPART_SCHEME), host = parts.get(CURLUPART_HOST);
  const auto port = parts.get(CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!scheme || !host || !port || parts.get(CURLUPART_USER)) return std::nullopt;
  if (*scheme != "https" && !(request.plain && *scheme == "http")) return std::nullopt;
  return Target{*host, static_cast<std::uint16_t>(std::stoul(*port))};
}

bool next_may_be_better(Fault fault) {
  return fault == Fault::refused || fault == Fault::unreachable || fault == Fault::offline;
}

}  // namespace

Task<HttpReply> fetch_http(const AccessOptions& options, HttpRequest request) {
  HttpReply reply;
  const auto end = std::chrono::steady_clock::now() + request.timeout;
  for (const auto& address : request.addresses) {
    auto making = CurlTransfer::make();
    auto transfer = co_await std::move(making);
    if (!transfer) {
      reply.fault = Fault::no_library;
      reply.reason = no_libcurl;
      co_return reply;
    }
    const auto target = read_target(transfer->library(), request);
    if (!target) {
      reply.fault = Fault::protocol;
      reply.reason = request.plain ? "not a URL of http or https" : "not an https URL";
      co_return reply;
    }
    const auto endpoint = options.endpoint(target->host, {address, target->port}, request.reach);
    if (!endpoint) {
      if (reply.fault != Fault::none) continue;  // what another address said says more
      reply.fault = Fault::offline;
      if (!options.offline) reply.reason = not_public;
      continue;
    }
    const auto limit =
        std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    if (limit <= milliseconds::zero()) co_return reply;
    Fetch fetch(std::move(transfer), request);
    auto rule = connect_rule(target->host, target->port, *endpoint);
    auto running = fetch.run(options, std::move(rule), *endpoint, limit);
    reply = co_await std::move(running);
    if (!next_may_be_better(reply.fault)) co_return reply;
  }
  co_return reply;
}

}  // namespace maildiag::net
