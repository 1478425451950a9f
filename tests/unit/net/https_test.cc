#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <openssl/x509_vfy.h>

#include "support/scripted_server.h"
#include "support/temporary_file.h"
#include "unit/net/smtp_talk.h"

using namespace maildiag;
using namespace maildiag::net;
using namespace maildiag::test;

namespace {

ScriptedServer::Script page_behind(const MadeCertificate& certificate) {
  return [&certificate](Peer& peer) {
    if (!peer.start_tls(certificate)) return;
    while (true) {
      const auto line = peer.line();
      if (!line) return;
      if (line->empty()) break;
    }
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    peer.wait_for_end();
  };
}

HttpReply fetch(const ScriptedServer& server, bool verify, const std::string& ca_file = {}) {
  HttpRequest request;
  request.url = "https://mail.example.com:" + std::to_string(server.port()) + "/";
  request.verify = verify;
  request.addresses = {IpAddress::parse("127.0.0.1").value()};
  AccessOptions options;
  options.ca_file = ca_file;
  HttpReply reply;
  const auto work = [&]() -> Task<void> {
    auto fetching = fetch_http(options, request);
    reply = co_await std::move(fetching);
  };
  run_task(work());
  return reply;
}

}  // namespace

TEST_CASE("a page behind a certificate that is trusted") {
  const MadeCertificate certificate(good_plan());
  const TemporaryFile trusted(certificate.pem());
  for (const bool verify : {true, false}) {
    ScriptedServer server(page_behind(certificate));
    const auto reply = fetch(server, verify, trusted.path());
    CHECK(reply.fault == Fault::none);
    CHECK(reply.body == "hi");
    REQUIRE(reply.tls);
    CHECK(reply.tls->verify_result == X509_V_OK);
    CHECK(reply.tls->chain == std::vector<std::string>{certificate.der()});
  }
}

TEST_CASE("a certificate that is not trusted is refused, or said to be so") {
  const MadeCertificate certificate(good_plan()), other(good_plan());
  const TemporaryFile trusted(other.pem());
  {
    ScriptedServer server(page_behind(certificate));
    const auto reply = fetch(server, true, trusted.path());
    CHECK(reply.fault == Fault::certificate);
    CHECK(reply.body.empty());
  }
  ScriptedServer server(page_behind(certificate));
  const auto reply = fetch(server, false, trusted.path());
  CHECK(reply.fault == Fault::none);
  CHECK(reply.body == "hi");
  REQUIRE(reply.tls);
  CHECK(reply.tls->verify_result != X509_V_OK);
  CHECK(!reply.tls->verify_text.empty());
  CHECK(reply.tls->chain == std::vector<std::string>{certificate.der()});
}

TEST_CASE("the name in the certificate must be the URL's") {
  auto plan = good_plan();
  plan.common_name = "other.example";
  plan.names = {"DNS:other.example"};
  const MadeCertificate certificate(plan);
  const TemporaryFile trusted(certificate.pem());
  ScriptedServer server(page_behind(certificate));
  CHECK(fetch(server, true, trusted.path()).fault == Fault::certificate);
  const TemporaryFile nothing;
  CHECK(to_string(fetch(server, true, nothing.path()).fault) == "trust-store");
  CHECK(to_string(fetch(server, true, "/nonexistent/ca.pem").fault) == "trust-store");
}

TEST_CASE("a connection that goes away within the handshake says nothing of TLS") {
  ScriptedServer server([](Peer& peer) { peer.receive_some(); });
  CHECK(fetch(server, true).fault == Fault::closed);
  ScriptedServer rude([](Peer& peer) {
    peer.receive_some();
    peer.reset();
  });
  CHECK(fetch(rude, true).fault == Fault::closed);
  ScriptedServer clear([](Peer& peer) {
    peer.receive_some();
    peer.send("250 this is no TLS, and never was\r\n");
    peer.wait_for_end();
  });
  CHECK(fetch(clear, true).fault == Fault::handshake);
}
