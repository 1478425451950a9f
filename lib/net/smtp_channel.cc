#include "net/smtp_channel.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "core/descriptor.h"
#include "net/curl_fault.h"
#include "net/pipe_signal.h"

namespace maildiag::net {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t read_size = 16UL << 10;  // a TLS record

milliseconds left_until(SmtpChannel::Clock::time_point deadline) {
  return std::chrono::duration_cast<milliseconds>(deadline - SmtpChannel::Clock::now());
}

/// A name as DNS gives it may hold anything: SNI (RFC 6066 section 3) and a URL cannot.
bool is_host_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 254 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), plain);
}

std::string in_url(const IpAddress& address) {
  return address.is_v6() ? fmt::format("[{}]", address.to_string()) : address.to_string();
}

/// `late`: what to say where the server is to blame.
SmtpFailure waiting_failure(CurlTransfer::Waited waited, std::string late) {
  if (waited == CurlTransfer::Waited::no_file)
    return {Fault::no_library, std::generic_category().message(errno)};
  return {Fault::timeout, std::move(late)};
}

}  // namespace

/// Lends libcurl a socket that is connected already.
class SmtpChannel::OpenSocket {
 public:
  explicit OpenSocket(Descriptor socket) : socket_(std::move(socket)) {}

  void lend(CurlTransfer& transfer) {
    transfer.set(CURLOPT_OPENSOCKETFUNCTION, &OpenSocket::give);
    transfer.set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    transfer.set(CURLOPT_SOCKOPTFUNCTION, &OpenSocket::is_connected);
  }

 private:
  static curl_socket_t give(void* self, curlsocktype type, curl_sockaddr* address) {
    (void)type, (void)address;
    return static_cast<OpenSocket*>(self)->socket_.release();
  }
  static int is_connected(void* self, curl_socket_t socket, curlsocktype type) {
    (void)self, (void)socket, (void)type;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
  }

  Descriptor socket_;
};

SmtpChannel::SmtpChannel(const AccessOptions& options, const Endpoint& endpoint)
    : options_(options), endpoint_(endpoint), buffer_(read_size) {}
SmtpChannel::~SmtpChannel() = default;

/// A URL of HTTP(S), as CONNECT_ONLY ends before a word of HTTP is said, and as its TLS begins with
/// the connection.
Task<SmtpFailure> SmtpChannel::open(CurlTransfer& transfer, Clock::time_point deadline) {
  const auto left = std::max(left_until(deadline), milliseconds(1));  // libcurl's 0 is its default
  transfer.set(CURLOPT_CONNECT_ONLY, 1L);
  transfer.set(CURLOPT_FORBID_REUSE,
               0L);  // else it is closed as soon as it stands; nobody reuses it
  transfer.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(left.count()));
  auto running = transfer.run();
  const auto code = co_await std::move(running);
  if (code == CURLE_OK) co_return SmtpFailure{};
  co_return SmtpFailure{fault_of(code), transfer.error_text(code)};
}

Task<SmtpFailure> SmtpChannel::connect(Clock::time_point deadline) {
  auto making = CurlTransfer::make();
  transfer_ = co_await std::move(making);
  if (!transfer_)
    co_return SmtpFailure{Fault::no_library, "libcurl is not installed: install libcurl4"};
  const auto url = fmt::format("http://{}:{}/", in_url(endpoint_.address), endpoint_.port);
  set_common(*transfer_, options_, endpoint_.address);
  transfer_->set(CURLOPT_URL, url.c_str());
  transfer_->set(CURLOPT_PROTOCOLS_STR, "http");
  auto opening = open(*transfer_, deadline);
  auto failure = co_await std::move(opening);
  if (failure.fault == Fault::refused) failure.fault = connect_fault(*transfer_);
  co_return failure;
}

Task<SmtpFailure> SmtpChannel::secure(const std::string& host, Clock::time_point deadline) {
  curl_socket_t connected = CURL_SOCKET_BAD;
  transfer_->library().getinfo(transfer_->handle(), CURLINFO_ACTIVESOCKET, &connected);
  if (connected == CURL_SOCKET_BAD) co_return SmtpFailure{Fault::closed, "the connection is gone"};
  Descriptor duplicate(::dup(connected));
  if (!duplicate.is_open())  // ours, not the server's
    co_return SmtpFailure{Fault::no_library, std::generic_category().message(errno)};
  OpenSocket socket(std::move(duplicate));
  auto making = CurlTransfer::make();
  auto secured = co_await std::move(making);
  if (!secured) co_return SmtpFailure{Fault::no_library, "libcurl is gone"};

  const auto name = is_host_name(host) ? host : in_url(endpoint_.address);
  const auto url = fmt::format("https://{}:{}/", name, endpoint_.port);
  auto connect_to = secured->new_list();
  secured->add_line(connect_to, connect_rule(name, endpoint_.port, endpoint_));
  set_common(*secured, {}, endpoint_.address);  // no source address: the socket is bound already
  secured->set(CURLOPT_URL, url.c_str());
  secured->set(CURLOPT_PROTOCOLS_STR, "https");
  secured->set(CURLOPT_CONNECT_TO, connect_to.get());
  secured->set(CURLOPT_SSL_ENABLE_ALPN, 0L);
  // What other senders would take for want of better; it is for the caller to judge.
  secured->set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_0));
  secured->set(CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
  observer_.watch(*secured, options_.ca_file);
  socket.lend(*secured);
  transfer_ = nullptr;  // its socket lives on in the duplicate
  auto opening = open(*secured, deadline);
  auto failure = co_await std::move(opening);
  if (failure.fault == Fault::handshake) failure.fault = handshake_fault(failure.reason);
  if (!failure) tls_ = observer_.facts();
  transfer_ = std::move(secured);
  co_return failure;
}

Task<SmtpFailure> SmtpChannel::send(std::string text, Clock::time_point deadline) {
  auto left = std::string_view(text);
  while (!left.empty()) {
    std::size_t sent = 0;
    const auto code = send_once(left, sent);
    left.remove_prefix(sent);
    if (code == CURLE_AGAIN) {
      const auto waited = co_await transfer_->wait_writable(left_until(deadline));
      if (waited != CurlTransfer::Waited::ready)
        co_return waiting_failure(waited, "the server takes no more octets");
    } else if (code != CURLE_OK) {
      co_return SmtpFailure{Fault::closed, transfer_->error_text(code)};
    }
  }
  co_return SmtpFailure{};
}

CURLcode SmtpChannel::send_once(std::string_view text, std::size_t& sent) {
  const PipeSignalKept kept;
  return transfer_->library().send(transfer_->handle(), text.data(), text.size(), &sent);
}

CURLcode SmtpChannel::receive_once() {
  const PipeSignalKept kept;  // TLS may answer, too
  filled_ = 0;
  const auto code =
      transfer_->library().receive(transfer_->handle(), buffer_.data(), buffer_.size(), &filled_);
  total_ += filled_;
  return code;
}

Task<SmtpFailure> SmtpChannel::receive(Clock::time_point deadline) {
  while (true) {
    const auto code = receive_once();
    if (code == CURLE_AGAIN) {
      const auto waited = co_await transfer_->wait_readable(left_until(deadline));
      if (waited != CurlTransfer::Waited::ready)
        co_return waiting_failure(waited, "no answer in time");
      continue;
    }
    if (code != CURLE_OK) co_return SmtpFailure{Fault::closed, transfer_->error_text(code)};
    if (filled_ == 0) co_return SmtpFailure{Fault::closed, "the server closed the connection"};
    if (total_ > max_dialogue)
      co_return SmtpFailure{Fault::too_large, fmt::format("more than {} octets", max_dialogue)};
    if (Clock::now() >= deadline) co_return SmtpFailure{Fault::timeout, "no answer in time"};
    co_return SmtpFailure{};
  }
}

bool SmtpChannel::has_more() {
  return receive_once() == CURLE_OK && filled_ > 0;
}

std::chrono::microseconds SmtpChannel::connect_time() const {
  return transfer_->time(CURLINFO_CONNECT_TIME_T);
}

IpAddress SmtpChannel::source() const {
  const char* text = nullptr;
  transfer_->library().getinfo(transfer_->handle(), CURLINFO_LOCAL_IP, &text);
  return IpAddress::parse(text == nullptr ? "" : text).value_or(IpAddress());
}

}  // namespace maildiag::net
