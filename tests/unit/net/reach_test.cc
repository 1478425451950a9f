#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include "net/network.h"
#include "net/probe_socket.h"

using namespace maildiag;
using namespace maildiag::net;

namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

template <class Reply>
Reply run(Task<Reply> task) {
  Reply reply;
  const auto work = [&]() -> Task<void> { reply = co_await std::move(task); };
  run_task(work());
  return reply;
}

/// Listens on a free port of loopback.
struct Listener {
  explicit Listener(std::string_view host)
      : acceptor(loop, asio::ip::tcp::endpoint(to_asio(ip(host)), 0)) {}
  std::uint16_t port() const { return acceptor.local_endpoint().port(); }
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor;
};

TcpRequest to(std::string_view host, std::uint16_t port) {
  TcpRequest request;
  request.address = ip(host);
  request.port = port;
  return request;
}

}  // namespace

TEST_CASE("a listening port is reached, from the address that was asked for") {
  for (const auto* host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    const Listener listener(host);
    const AccessOptions access;
    const auto reply = run(connect_tcp(access, to(host, listener.port())));
    CHECK(reply.fault == Fault::none);
    CHECK(reply.connect.count() > 0);
    CHECK(reply.source == ip(host));
  }
  const Listener listener("127.0.0.1");
  AccessOptions access;
  access.source4 = ip("127.0.0.7");
  CHECK(run(connect_tcp(access, to("127.0.0.1", listener.port()))).source == ip("127.0.0.7"));
}

TEST_CASE("a source that is not ours says so") {
  AccessOptions access;
  access.source4 = ip("192.0.2.77");
  const auto reply = run(connect_tcp(access, to("127.0.0.1", 9)));
  CHECK(reply.fault == Fault::unreachable);
  REQUIRE(reply.hindrance);
  CHECK(reply.hindrance->obstacle == Obstacle::foreign_source);
}

TEST_CASE("a closed port refuses") {
  std::uint16_t port = 0;
  {
    const Listener listener("127.0.0.1");
    port = listener.port();
  }
  const AccessOptions access;
  const auto reply = run(connect_tcp(access, to("127.0.0.1", port)));
  CHECK(reply.fault == Fault::refused);
  REQUIRE(reply.hindrance);
  CHECK(reply.hindrance->obstacle == Obstacle::refused);
}

TEST_CASE("a full queue is a time-out") {
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop);
  acceptor.open(asio::ip::tcp::v4());
  acceptor.bind({asio::ip::address_v4::loopback(), 0});
  acceptor.listen(0);
  const auto where = acceptor.local_endpoint();
  AccessOptions access;
  auto request = to("127.0.0.1", where.port());
  request.timeout = std::chrono::milliseconds(50);
  TcpReply reply;
  for (int i = 0; i < 8 && reply.fault == Fault::none; ++i) {  // nobody takes them from the queue
    reply = run(connect_tcp(access, request));
  }
  CHECK(reply.fault == Fault::timeout);
}

TEST_CASE("connect-to leads elsewhere, and offline only there") {
  const Listener listener("127.0.0.1");
  AccessOptions access;
  access.offline = true;
  access.connect_to.push_back(
      ConnectTo::parse("mail.example.com:25:127.0.0.1:" + std::to_string(listener.port())).value());
  auto request = to("192.0.2.1", 25);
  CHECK(run(connect_tcp(access, request)).fault == Fault::offline);
  request.host = "mail.example.com";
  CHECK(run(connect_tcp(access, request)).fault == Fault::none);

  PingRequest echo;
  echo.address = ip("192.0.2.1");
  CHECK(run(ping(access, echo)).fault == Fault::offline);
  TraceRequest way;
  way.address = ip("192.0.2.1");
  CHECK(run(trace(access, way)).fault == Fault::offline);
}

TEST_CASE("ping answers from loopback, or says what forbids it") {
  for (const auto* host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    const AccessOptions access;
    PingRequest request;
    request.address = ip(host);
    request.count = 3;
    request.interval = std::chrono::milliseconds(1);
    const auto reply = run(ping(access, request));
    if (reply.fault == Fault::none) {
      REQUIRE(reply.times.size() == 3);
      for (const auto& time : reply.times) CHECK(time.has_value());
    } else {
      CHECK(reply.fault == Fault::unreachable);
      REQUIRE(reply.hindrance);
      CHECK(reply.hindrance->obstacle == Obstacle::not_allowed);
    }
  }
}

TEST_CASE("the way to loopback is one hop") {
  for (const auto* host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    const AccessOptions access;
    TraceRequest request;
    request.address = ip(host);
    const auto reply = run(trace(access, request));
    CHECK(reply.fault == Fault::none);
    REQUIRE(reply.hops.size() == 1);
    CHECK(reply.hops[0].distance == 1);
    CHECK(reply.hops[0].address == ip(host));
    CHECK(reply.hops[0].target);
    CHECK_FALSE(reply.hops[0].hindrance);
    CHECK(reply.hops[0].time.count() > 0);
  }
}

TEST_CASE("what ICMP says") {
  ProbeError error;
  error.offender = ip("192.0.2.1");
  const auto obstacle = [&](IpAddress::Family family) {
    const auto hindrance = hindrance_of(error, family);
    CHECK(hindrance.said_by == error.offender);
    return hindrance.obstacle;
  };
  error.type = 3;
  error.code = 0;
  CHECK(obstacle(IpAddress::Family::ip4) == Obstacle::network_unreachable);
  error.code = 13;
  CHECK(obstacle(IpAddress::Family::ip4) == Obstacle::prohibited);
  error.code = 6;
  CHECK(obstacle(IpAddress::Family::ip4) == Obstacle::other);
  CHECK(hindrance_of(error, IpAddress::Family::ip4).words == "ICMP type 3 code 6");
  error.type = 11;
  CHECK(obstacle(IpAddress::Family::ip4) == Obstacle::time_exceeded);
  error.type = 3;
  CHECK(obstacle(IpAddress::Family::ip6) == Obstacle::time_exceeded);
  error.type = 1;
  error.code = 4;
  CHECK(is_port_unreachable(error, IpAddress::Family::ip6));
  error.local = true;
  CHECK(!is_port_unreachable(error, IpAddress::Family::ip6));
}
