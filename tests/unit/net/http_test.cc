#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "core/task.h"
#include "net/network.h"

using namespace maildiag;
using namespace maildiag::net;

namespace {

/// Listens on a free port of this machine, takes one connection after the other, reads what comes
/// and sends `answer`, until it is destroyed.
class OneAnswerServer {
 public:
  explicit OneAnswerServer(std::string answer, bool keep_open = false)
      : answer_(std::move(answer)),
        keep_open_(keep_open),
        socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the socket API
    REQUIRE(bind(socket_, generic, length) == 0);
    REQUIRE(listen(socket_, 8) == 0);
    REQUIRE(getsockname(socket_, generic, &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~OneAnswerServer() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  OneAnswerServer(const OneAnswerServer&) = delete;
  OneAnswerServer& operator=(const OneAnswerServer&) = delete;

  std::uint16_t port() const { return port_; }
  const std::string& heard() const { return heard_; }

 private:
  void serve() {
    while (true) {
      const int client = accept(socket_, nullptr, nullptr);
      if (client < 0) return;
      std::string buffer(4096, '\0');
      // To the end of a line: what stays unread makes close() reset the connection.
      for (heard_.clear(); heard_.empty() || heard_.back() != '\n';) {
        const auto count = recv(client, buffer.data(), buffer.size(), 0);
        if (count <= 0) break;
        heard_.append(buffer, 0, static_cast<std::size_t>(count));
      }
      std::size_t sent = 0;
      while (sent < answer_.size()) {
        const auto done = send(client, answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
        if (done <= 0) break;
        sent += static_cast<std::size_t>(done);
      }
      if (keep_open_) recv(client, buffer.data(), buffer.size(), 0);
      close(client);
    }
  }

  std::string answer_, heard_;
  bool keep_open_;
  int socket_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

template <class Reply, class Ask>
Reply ask(const AccessOptions& options, Ask ask_one) {
  const auto network = make_network(options);
  Reply reply;
  const std::function<Task<void>()> body = [&]() -> Task<void> {
    auto asking = ask_one(*network);
    reply = co_await std::move(asking);
  };
  run_task(body());
  return reply;
}

AccessOptions to_port(std::uint16_t port) {
  AccessOptions options;
  options.connect_to.push_back(ConnectTo::parse(":80::" + std::to_string(port)).value());
  options.connect_to.push_back(ConnectTo::parse(":43::" + std::to_string(port)).value());
  options.offline = true;
  return options;
}

HttpReply fetch(std::uint16_t port, HttpRequest request) {
  request.addresses = {*IpAddress::parse("127.0.0.1")};
  request.plain = true;
  request.timeout = std::chrono::milliseconds(1500);
  return ask<HttpReply>(to_port(port), [&](Network& network) { return network.fetch(request); });
}

HttpRequest page() {
  HttpRequest request;
  request.url = "http://host.example/page";
  return request;
}

}  // namespace

TEST_CASE("a page comes with status, type and body") {
  const OneAnswerServer server(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\x1b[2J; charset=utf-8\r\nContent-Length: "
      "5\r\n\r\nhello");
  const auto reply = fetch(server.port(), page());
  CHECK(reply.fault == Fault::none);
  CHECK(reply.status == 200);
  CHECK(reply.body == "hello");
  CHECK(reply.content_type.find('\x1b') == std::string::npos);
  CHECK(reply.total.count() > 0);
  CHECK(server.heard().find("GET /page HTTP/1.1\r\nHost: host.example\r\n") == 0);
}

TEST_CASE("transfers of several threads leave the handler of SIGPIPE as it was") {
  struct sigaction handler {};
  REQUIRE(::sigaction(SIGPIPE, nullptr, &handler) == 0);
  REQUIRE((handler.sa_handler == SIG_DFL));
  const OneAnswerServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([port = server.port()] {
        for (int round = 0; round < 30; ++round) CHECK(fetch(port, page()).body == "ok");
      });
    }
  }
  REQUIRE(::sigaction(SIGPIPE, nullptr, &handler) == 0);
  CHECK((handler.sa_handler == SIG_DFL));
}

TEST_CASE("a redirect is an answer, and is not followed") {
  const OneAnswerServer server(
      "HTTP/1.1 302 Found\r\nLocation: http://host.example/other\r\nContent-Length: 0\r\n\r\n");
  const auto reply = fetch(server.port(), page());
  CHECK(reply.status == 302);
  CHECK(reply.location == "http://host.example/other");
  CHECK(server.heard().find("GET /page") == 0);
}

TEST_CASE("a body or a header without end is cut off") {
  const OneAnswerServer body("HTTP/1.1 200 OK\r\n\r\n" + std::string(4 << 20, 'x'));
  auto request = page();
  request.max_body = 1000;
  auto reply = fetch(body.port(), request);
  CHECK(reply.fault == Fault::too_large);
  CHECK(reply.body.size() <= 1000);
  const OneAnswerServer header("HTTP/1.1 200 OK\r\nX: " + std::string(4 << 20, 'x'));
  reply = fetch(header.port(), page());
  CHECK(reply.fault != Fault::none);
  CHECK(reply.body.empty());
}

TEST_CASE("what is no HTTP, silent or closed is said") {
  const OneAnswerServer ssh("SSH-2.0-OpenSSH_9.2\r\n");
  CHECK(fetch(ssh.port(), page()).fault == Fault::protocol);
  const OneAnswerServer closed("");
  CHECK(fetch(closed.port(), page()).fault == Fault::closed);
  const OneAnswerServer silent("", true);
  auto request = page();
  CHECK(fetch(silent.port(), request).fault == Fault::timeout);
}

TEST_CASE("other protocols, users in URLs and other hosts are refused") {
  for (const auto* url : {"ftp://host.example/", "file:///etc/passwd", "gopher://host.example/",
                          "http://user@host.example/", "https://", "not a url"}) {
    CAPTURE(std::string(url));
    auto request = page();
    request.url = url;
    CHECK(fetch(9, request).fault == Fault::protocol);
  }
  auto request = page();
  request.url = "http://host.example:81/";
  CHECK(fetch(9, request).fault == Fault::offline);
}

TEST_CASE("the next address is tried where nobody listens") {
  const OneAnswerServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  auto request = page();
  request.addresses = {*IpAddress::parse("127.0.0.2"), *IpAddress::parse("127.0.0.1")};
  request.plain = true;
  const auto reply = ask<HttpReply>(to_port(server.port()),
                                    [&](Network& network) { return network.fetch(request); });
  CHECK(reply.body == "hi");
  CHECK(reply.address == *IpAddress::parse("127.0.0.1"));
}

TEST_CASE("where no way leads nobody has refused anything") {
  // Linux makes no TCP connection to a group.
  const auto nowhere = *IpAddress::parse("224.0.0.1");
  auto request = page();
  request.addresses = {nowhere};
  request.plain = true;
  request.timeout = std::chrono::milliseconds(1500);
  const auto reply = ask<HttpReply>({}, [&](Network& network) { return network.fetch(request); });
  CHECK(reply.fault == Fault::unreachable);
  WhoisRequest question;
  question.server = "whois.example";
  question.question = "example.com";
  question.addresses = {nowhere};
  question.timeout = request.timeout;
  const auto told = ask<WhoisReply>({}, [&](Network& network) { return network.whois(question); });
  CHECK(told.fault == Fault::unreachable);
}

TEST_CASE("a private address is not asked where only public ones will do") {
  const OneAnswerServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  auto request = page();
  request.url = "http://host.example:" + std::to_string(server.port()) + "/page";
  request.plain = true;
  request.reach = Reach::public_only;
  const char* inside = "127.0.0.1";
  SUBCASE("loopback") {}
  SUBCASE("mapped") {
    inside = "::ffff:127.0.0.1";
  }
  SUBCASE("the metadata of clouds") {
    inside = "169.254.169.254";
  }
  request.addresses = {*IpAddress::parse(inside)};
  const auto get = [&](Network& network) { return network.fetch(request); };
  auto reply = ask<HttpReply>({}, get);
  CHECK(reply.fault == Fault::offline);
  CHECK(reply.status == 0);
  CHECK(reply.reason == "an address that is not of the public Internet");
  CHECK(server.heard().empty());

  AccessOptions offline;
  offline.offline = true;
  CHECK(ask<HttpReply>(offline, get).reason.empty());
  // Where the user's own rule leads there, it is what he wants.
  AccessOptions led;
  led.connect_to.push_back(ConnectTo::parse("host.example::127.0.0.1:").value());
  CHECK(ask<HttpReply>(led, get).body == "hi");
}

TEST_CASE("whois sends one line and reads to the end") {
  const OneAnswerServer server("domain: example.com\r\n");
  WhoisRequest request;
  request.addresses = {*IpAddress::parse("127.0.0.1")};
  request.server = "whois.example";
  request.question = "n + 203.0.113.7?&#";
  const auto reply = ask<WhoisReply>(to_port(server.port()),
                                     [&](Network& network) { return network.whois(request); });
  CHECK(reply.fault == Fault::none);
  CHECK(reply.text == "domain: example.com\r\n");
  CHECK(server.heard() == "n + 203.0.113.7?&#\r\n");
  const OneAnswerServer flood(std::string(2 * max_whois, 'x'));
  const auto cut = ask<WhoisReply>(to_port(flood.port()),
                                   [&](Network& network) { return network.whois(request); });
  CHECK(cut.fault == Fault::too_large);
  CHECK(cut.text.size() == max_whois);
}
