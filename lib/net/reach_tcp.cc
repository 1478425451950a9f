#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "net/network.h"
#include "net/probe_socket.h"

namespace maildiag::net {

namespace {

std::error_code open_from(asio::ip::tcp::socket& socket, const asio::ip::tcp::endpoint& to,
                          const std::optional<IpAddress>& source) {
  std::error_code error;
  socket.open(to.protocol(), error);
  if (error || !source) return error;
  socket.bind(asio::ip::tcp::endpoint(to_asio(*source), 0), error);
  return error;
}

void set_failure(TcpReply& reply, std::error_code error) {
  auto failure = failure_of(error);
  reply.fault = failure.fault;
  reply.hindrance = std::move(failure.hindrance);
}

}  // namespace

Task<TcpReply> connect_tcp(const AccessOptions& access, TcpRequest request) {
  TcpReply reply;
  const auto wanted = access.endpoint(request.host, {request.address, request.port});
  if (!wanted) {
    reply.fault = Fault::offline;
    co_return reply;
  }
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::socket socket(executor);
  const asio::ip::tcp::endpoint to(to_asio(wanted->address), wanted->port);
  const auto source = wanted->address.is_v4() ? access.source4 : access.source6;
  if (const auto refused = open_from(socket, to, source)) {
    set_failure(reply, refused);
    co_return reply;
  }
  const auto started = ProbeClock::now();
  const Deadline deadline(executor, started + request.timeout, [&socket] {
    std::error_code ignored;
    socket.cancel(ignored);
  });
  std::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await socket.async_connect(to, token);
  if (deadline.expired()) error = std::make_error_code(std::errc::timed_out);
  if (error) {
    set_failure(reply, error);
    co_return reply;
  }
  reply.connect =
      std::chrono::duration_cast<std::chrono::microseconds>(ProbeClock::now() - started);
  const auto own = socket.local_endpoint(error);
  if (!error) reply.source = from_asio(own.address());
  co_return reply;
}

}  // namespace maildiag::net
