#include "dns/tcp_exchange.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/read.hpp>
#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

#include "dns/udp_channel.h"

namespace maildiag::dns {

namespace {

std::error_code to_endpoint(const ServerAddress& server, asio::ip::tcp::endpoint& endpoint) {
  SocketAddress address;
  if (const auto fault = to_socket_address(server, address)) return fault;
  endpoint.resize(address.size);
  std::memcpy(endpoint.data(), &address.storage, address.size);
  return {};
}

std::error_code bind_socket(asio::ip::tcp::socket& socket, const IpAddress& source) {
  ServerAddress any_port;
  any_port.address = source;
  any_port.port = 0;
  asio::ip::tcp::endpoint own;
  std::error_code error = to_endpoint(any_port, own);
  if (!error) socket.open(own.protocol(), error);
  if (!error) socket.bind(own, error);
  return error;
}

}  // namespace

/// Lives as long as one of its operations is under way; `done` is empty once it ended or was
/// cancelled.
struct TcpExchange::Connection : std::enable_shared_from_this<Connection> {
  explicit Connection(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}

  void connect(const ServerAddress& server, std::chrono::milliseconds timeout,
               const std::optional<IpAddress>& source);
  void send();
  void receive_size();
  void receive_message();
  void end(std::error_code error);
  void close() {
    done = nullptr;
    std::error_code ignored;
    socket.close(ignored);
    timer.cancel();
  }

  asio::ip::tcp::socket socket;
  asio::steady_timer timer;
  std::string query;
  std::array<std::uint8_t, 2> size{};  // RFC 1035 section 4.2.2: at most 64 KB follow
  std::string message;
  Done done;
};

void TcpExchange::Connection::connect(const ServerAddress& server,
                                      std::chrono::milliseconds timeout,
                                      const std::optional<IpAddress>& source) {
  asio::ip::tcp::endpoint endpoint;
  auto fault = to_endpoint(server, endpoint);
  if (!fault && source) fault = bind_socket(socket, *source);
  if (fault) {
    asio::post(socket.get_executor(), [self = shared_from_this(), fault] { self->end(fault); });
    return;
  }
  timer.expires_after(timeout);
  timer.async_wait([self = shared_from_this()](std::error_code cancelled) {
    if (!cancelled) self->end(std::make_error_code(std::errc::timed_out));
  });
  socket.async_connect(endpoint, [self = shared_from_this()](std::error_code error) {
    if (error) return self->end(error);
    self->send();
  });
}

void TcpExchange::Connection::send() {
  asio::async_write(socket, asio::buffer(query),
                    [self = shared_from_this()](std::error_code error, std::size_t) {
                      if (error) return self->end(error);
                      self->receive_size();
                    });
}

void TcpExchange::Connection::receive_size() {
  asio::async_read(socket, asio::buffer(size),
                   [self = shared_from_this()](std::error_code error, std::size_t) {
                     if (error) return self->end(error);
                     self->receive_message();
                   });
}

void TcpExchange::Connection::receive_message() {
  message.resize(std::size_t{size[0]} << 8U | size[1]);
  asio::async_read(
      socket, asio::buffer(message),
      [self = shared_from_this()](std::error_code error, std::size_t) { self->end(error); });
}

void TcpExchange::Connection::end(std::error_code error) {
  const auto call = std::exchange(done, nullptr);
  close();
  if (error) message.clear();
  if (call) call(error, std::move(message));
}

std::unique_ptr<TcpExchange> TcpExchange::start(const asio::any_io_executor& executor,
                                                const ServerAddress& server, std::string query,
                                                std::chrono::milliseconds timeout, Done done,
                                                const std::optional<IpAddress>& source) {
  auto connection = std::make_shared<Connection>(executor);
  connection->query += static_cast<char>(query.size() >> 8U & 0xffU);
  connection->query += static_cast<char>(query.size() & 0xffU);
  connection->query += query;
  connection->done = std::move(done);
  connection->connect(server, timeout, source);
  return std::unique_ptr<TcpExchange>(new TcpExchange(std::move(connection)));
}

TcpExchange::TcpExchange(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

TcpExchange::~TcpExchange() {
  connection_->close();
}

}  // namespace maildiag::dns
