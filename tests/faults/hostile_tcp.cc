#include "faults/hostile_tcp.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "faults/heap.h"
#include "faults/pause.h"

namespace maildiag::faults {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

/// The steps of one connection over one kind of stream.
template <class Stream>
class Play {
 public:
  Play(Stream& stream, tcp::socket& socket, std::string& heard)
      : stream_(stream), socket_(socket), heard_(heard) {}

  /// Up to a handshake, which it leaves in front. False: the connection is over.
  Task<bool> run(std::span<const Step>& steps) {
    for (; !steps.empty(); steps = steps.subspan(1)) {
      if (steps.front().kind == Step::Kind::handshake) co_return true;
      const bool on = co_await perform(steps.front());
      if (!on) co_return false;
    }
    co_return false;
  }

 private:
  Task<bool> perform(const Step& step) {
    switch (step.kind) {
      case Step::Kind::send:
        co_return co_await write(step.octets);
      case Step::Kind::raw: {
        std::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        const auto buffer = asio::buffer(step.octets);
        co_await asio::async_write(socket_, buffer, token);
        co_return !error;
      }
      case Step::Kind::drip:
        for (const char& octet : step.octets) {
          const std::string_view one(&octet, 1);
          const bool sent = co_await write(one);
          if (!sent) co_return false;
          co_await pause(step.time);
        }
        co_return true;
      case Step::Kind::endless:
        while (true) {
          const bool sent = co_await write(step.octets);
          if (!sent) co_return false;
          note_heap();
          co_await pause(step.time);
        }
      case Step::Kind::read_line:
        co_return co_await read_until("\n");
      case Step::Kind::read_page:
        co_return co_await read_until("\r\n\r\n");
      case Step::Kind::half_close: {
        std::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        co_await read_until("(never)");
        co_return false;
      }
      case Step::Kind::wait:
        co_await pause(step.time);
        co_return true;
      case Step::Kind::silence:
        co_await pause(std::chrono::hours(1));
        co_return false;
      case Step::Kind::reset: {
        std::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
        co_return false;
      }
      case Step::Kind::handshake:  // see run()
        break;
    }
    co_return false;
  }

  Task<bool> write(std::string_view octets) {
    std::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const auto buffer = asio::buffer(octets);
    co_await asio::async_write(stream_, buffer, token);
    co_return !error;
  }

  Task<bool> read_until(std::string_view end) {
    std::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const auto buffer = asio::dynamic_buffer(unread_);
    const auto size = co_await asio::async_read_until(stream_, buffer, end, token);
    if (!error) {
      heard_ += unread_.substr(0, size);
      unread_.erase(0, size);
    }
    co_return !error;
  }

  Stream& stream_;
  tcp::socket& socket_;
  std::string& heard_;
  std::string unread_;
};

}  // namespace

HostileTcp::HostileTcp(asio::io_context& loop, std::vector<Script> scripts,
                       const test::MadeCertificate* certificate)
    : loop_(loop),
      acceptor_(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      scripts_(std::move(scripts)) {
  if (certificate != nullptr &&
      (SSL_CTX_use_certificate(context_.native_handle(), certificate->x509()) != 1 ||
       SSL_CTX_use_PrivateKey(context_.native_handle(), certificate->key()) != 1)) {
    throw std::runtime_error("OpenSSL refuses the certificate");
  }
  accept();
}

void HostileTcp::accept() {
  acceptor_.async_accept([this](std::error_code error, Socket connection) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      ++connections_;
      // The kernel's clock is the true one: its delays would take longer than any time-out.
      connection.set_option(tcp::no_delay(true), error);
      asio::co_spawn(loop_, serve(std::move(connection)), asio::detached);
    }
    accept();
  });
}

Task<void> HostileTcp::serve(Socket connection) {
  const auto turn = std::min(connections_, scripts_.size()) - 1;
  std::span<const Step> steps(scripts_[turn]);
  Play plain(connection, connection, heard_);
  const bool secured = co_await plain.run(steps);
  if (!secured) co_return;
  asio::ssl::stream<Socket&> stream(connection, context_);
  std::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await stream.async_handshake(asio::ssl::stream_base::server, token);
  if (error) co_return;
  steps = steps.subspan(1);
  Play inside(stream, connection, heard_);
  co_await inside.run(steps);
}

}  // namespace maildiag::faults
