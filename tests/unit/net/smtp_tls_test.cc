#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "core/text.h"
#include "net/smtp.h"
#include "support/temporary_file.h"
#include "unit/net/smtp_talk.h"

using namespace maildiag;
using namespace maildiag::net;
using namespace maildiag::test;

namespace {

using Lines = std::vector<std::string>;

constexpr const char* greeting = "220 mail.example.com ESMTP\r\n";
constexpr const char* clear_ehlo = "250-mail.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n";
constexpr const char* secure_ehlo = "250-mail.example.com\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n";

void check_ends(const SmtpTalk& talk, SmtpStage stage, Fault fault) {
  CAPTURE(transcript_of(talk));
  CAPTURE(talk.reason);
  CHECK(to_string(talk.stage) == to_string(stage));
  CHECK(to_string(talk.fault) == to_string(fault));
}

/// A server with STARTTLS; `then` follows "220 Ready".
ScriptedServer::Script starttls_script(std::function<void(Peer&)> then) {
  return [then = std::move(then)](Peer& peer) {
    peer.send(greeting);
    peer.answer({clear_ehlo, "220 2.0.0 Ready\r\n"});
    then(peer);
  };
}

ScriptedServer::Script starttls_script(const MadeCertificate& certificate, int max_version = 0) {
  return starttls_script([&certificate, max_version](Peer& peer) {
    if (peer.start_tls(certificate, max_version)) peer.answer({secure_ehlo, "221 Bye\r\n"});
  });
}

}  // namespace

TEST_CASE("a dialogue with STARTTLS") {
  const MadeCertificate certificate(good_plan());
  ScriptedServer server(starttls_script(certificate));
  const auto result = talk(request_to(server));
  check_ends(result, SmtpStage::quit, Fault::none);
  CHECK(result.starttls.code == 220);
  CHECK(result.ehlo.lines == Lines{"mail.example.com", "SIZE 1000", "STARTTLS"});
  CHECK(result.ehlo_again.lines == Lines{"mail.example.com", "SIZE 1000", "AUTH PLAIN"});
  CHECK(result.quit.code == 221);
  CHECK(result.handshake);
  REQUIRE(result.tls);
  CHECK(result.tls->version == "TLSv1.3");
  CHECK(!result.tls->cipher.empty());
  CHECK(result.tls->chain == Lines{certificate.der()});
  CHECK(server.lines() == Lines{"EHLO client.example", "STARTTLS", "EHLO client.example", "QUIT"});
  CHECK(server.server_names() == Lines{"mail.example.com"});
}

TEST_CASE("a certificate is judged by those that are trusted, and by time") {
  auto authority_plan = good_plan();
  authority_plan.common_name = "A test authority";
  authority_plan.names = {};
  authority_plan.authority = true;
  const MadeCertificate authority(authority_plan);
  const TemporaryFile trusted(authority.pem());
  AccessOptions options;
  options.ca_file = trusted.path();
  const auto verify = [&](const CertificatePlan& plan, const MadeCertificate* issuer) {
    const MadeCertificate certificate(plan, issuer);
    ScriptedServer server(starttls_script(certificate));
    const auto result = talk(request_to(server), options);
    check_ends(result, SmtpStage::quit, Fault::none);
    REQUIRE(result.tls);
    CHECK(result.tls->chain == Lines{certificate.der()});
    CHECK(result.tls->verify_text.empty() == (result.tls->verify_result == 0));
    return result.tls->verify_result;
  };
  CHECK(verify(good_plan(), &authority) == X509_V_OK);
  CHECK(verify(good_plan(), nullptr) == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  auto old = good_plan();
  old.not_after = std::chrono::system_clock::now() - std::chrono::hours(1);
  CHECK(verify(old, &authority) == X509_V_ERR_CERT_HAS_EXPIRED);
  auto early = good_plan();
  early.not_before = std::chrono::system_clock::now() + std::chrono::hours(1);
  CHECK(verify(early, &authority) == X509_V_ERR_CERT_NOT_YET_VALID);
  auto other_name = good_plan();
  other_name.names = {"DNS:other.example"};
  CHECK(verify(other_name, &authority) == X509_V_OK);  // names are not compared here
  const MadeCertificate stranger(authority_plan);
  CHECK(verify(good_plan(), &stranger) != X509_V_OK);
}

TEST_CASE("without trusted certificates there is no verdict") {
  const MadeCertificate certificate(good_plan());
  ScriptedServer server(starttls_script(certificate));
  AccessOptions options;
  options.ca_file = "/nonexistent/ca.pem";
  const auto result = talk(request_to(server), options);
  REQUIRE(result.tls);
  CHECK(result.tls->verify_result == not_verified);
  CHECK(result.tls->chain.size() == 1);
}

TEST_CASE("a file without a certificate to trust is our fault, not the server's") {
  const MadeCertificate certificate(good_plan());
  ScriptedServer server(starttls_script(certificate));
  const TemporaryFile nothing("no certificate\n");
  AccessOptions options;
  options.ca_file = nothing.path();
  const auto result = talk(request_to(server), options);
  CHECK(to_string(result.fault) == "trust-store");
  CHECK(result.stage == SmtpStage::handshake);
  CHECK_FALSE(result.tls);
  CHECK(result.reason.find(nothing.path()) != std::string::npos);
}

TEST_CASE("an old version is shown, not refused") {
  const MadeCertificate certificate(good_plan());
  for (const auto& [version, name] : {std::pair(TLS1_2_VERSION, "TLSv1.2")}) {
    ScriptedServer server(starttls_script(certificate, version));
    const auto result = talk(request_to(server));
    check_ends(result, SmtpStage::quit, Fault::none);
    REQUIRE(result.tls);
    CHECK(result.tls->version == name);
  }
}

TEST_CASE("TLS from the first octet") {
  const MadeCertificate certificate(good_plan());
  SUBCASE("as it should be") {
    ScriptedServer server([&](Peer& peer) {
      if (!peer.start_tls(certificate)) return;
      peer.send(greeting);
      peer.answer({clear_ehlo, "221 Bye\r\n"});
    });
    auto request = request_to(server);
    request.tls = SmtpTls::implicit;
    const auto result = talk(request);
    check_ends(result, SmtpStage::quit, Fault::none);
    CHECK(result.tls);
    CHECK(result.greeting.code == 220);
    CHECK(server.lines() == Lines{"EHLO client.example", "QUIT"});
  }
  SUBCASE("the server speaks first, in clear") {
    ScriptedServer server([&](Peer& peer) {
      peer.send(greeting);
      peer.wait_for_end();
    });
    auto request = request_to(server);
    request.tls = SmtpTls::implicit;
    const auto result = talk(request);
    check_ends(result, SmtpStage::implicit_tls, Fault::handshake);
    CHECK(!result.tls);
    CHECK(result.connect);
    CHECK(!result.handshake);
    CHECK(!result.reason.empty());
  }
  SUBCASE("silence") {
    ScriptedServer server([&](Peer& peer) { peer.wait_for_end(); });
    auto request = hasty_request_to(server);
    request.tls = SmtpTls::implicit;
    check_ends(talk(request), SmtpStage::implicit_tls, Fault::timeout);
  }
  SUBCASE("TLS, and then no SMTP") {
    ScriptedServer server([&](Peer& peer) {
      if (!peer.start_tls(certificate)) return;
      peer.send("HTTP/1.1 400 Bad Request\r\n");
      peer.wait_for_end();
    });
    auto request = request_to(server);
    request.tls = SmtpTls::implicit;
    const auto result = talk(request);
    check_ends(result, SmtpStage::greeting, Fault::protocol);
    CHECK(result.garbage == "HTTP/1.1 400 Bad Request");
    CHECK(result.tls);
  }
}

TEST_CASE("one handshake is enough, whatever a server asks for later") {
  const MadeCertificate certificate(good_plan());
  ScriptedServer server(starttls_script([&](Peer& peer) {
    if (!peer.start_tls(certificate, TLS1_2_VERSION)) return;
    peer.line();
    peer.ask_for_handshake();
    peer.send(secure_ehlo);
    peer.wait_for_end();
  }));
  const auto result = talk(request_to(server));
  check_ends(result, SmtpStage::quit, Fault::none);
  CHECK(result.ehlo_again.code == 250);
  REQUIRE(result.tls);
  CHECK(result.tls->chain == Lines{certificate.der()});
}

TEST_CASE("STARTTLS is asked for where it is offered and wanted only") {
  ScriptedServer without([](Peer& peer) {
    peer.send(greeting);
    peer.answer({"250 mail.example.com\r\n", "221 Bye\r\n"});
  });
  check_ends(talk(request_to(without)), SmtpStage::quit, Fault::none);
  CHECK(without.lines() == Lines{"EHLO client.example", "QUIT"});

  ScriptedServer with([](Peer& peer) {
    peer.send(greeting);
    peer.answer({clear_ehlo, "221 Bye\r\n"});
  });
  auto request = request_to(with);
  request.tls = SmtpTls::none;
  check_ends(talk(request), SmtpStage::quit, Fault::none);
  CHECK(with.lines() == Lines{"EHLO client.example", "QUIT"});
}

TEST_CASE("STARTTLS that is refused is an answer, and the dialogue goes on in clear") {
  ScriptedServer server([](Peer& peer) {
    peer.send(greeting);
    peer.answer({clear_ehlo, "454 4.7.0 TLS not available\r\n", "250 Ok\r\n",
                 "554 5.7.1 Relay access denied\r\n", "250 Ok\r\n", "221 Bye\r\n"});
  });
  auto request = request_to(server);
  request.relay = RelayQuestion{"", "b@example.org"};
  const auto result = talk(request);
  check_ends(result, SmtpStage::quit, Fault::none);
  CHECK(result.starttls.code == 454);
  CHECK(!result.tls);
  CHECK(result.rcpt.code == 554);
  CHECK(server.lines() == Lines{"EHLO client.example", "STARTTLS", "MAIL FROM:<>",
                                "RCPT TO:<b@example.org>", "RSET", "QUIT"});
}

TEST_CASE("clear text behind the reply to STARTTLS never counts as said within TLS") {
  const MadeCertificate certificate(good_plan());
  ScriptedServer server([&](Peer& peer) {
    peer.send(greeting);
    peer.answer({clear_ehlo, "220 2.0.0 Ready\r\n250-evil.example\r\n250 AUTH PLAIN\r\n"});
    if (peer.start_tls(certificate)) peer.wait_for_end();
  });
  const auto result = talk(request_to(server));
  check_ends(result, SmtpStage::starttls, Fault::protocol);
  CHECK(result.starttls.code == 220);
  CHECK(!result.ehlo_again.came());
  CHECK(!result.tls);
  CHECK(server.lines() == Lines{"EHLO client.example", "STARTTLS"});
}

TEST_CASE("clear text that follows in a packet of its own is no handshake") {
  ScriptedServer server(starttls_script([](Peer& peer) {
    peer.send("250-evil.example\r\n250 AUTH PLAIN\r\n");
    peer.wait_for_end();
  }));
  const auto result = talk(request_to(server));
  CHECK(result.fault != Fault::none);
  CHECK((result.stage == SmtpStage::starttls || result.stage == SmtpStage::handshake));
  CHECK(!result.ehlo_again.came());
  CHECK(!result.tls);
}

TEST_CASE("a server that breaks off within TLS ends no process") {
  const MadeCertificate certificate(good_plan());
  ScriptedServer server(starttls_script([&](Peer& peer) {
    if (!peer.start_tls(certificate)) return;
    peer.answer({secure_ehlo, "221 Bye\r\n"});
    peer.reset();
  }));
  for (int i = 0; i < 20; ++i) {
    const auto result = talk(request_to(server));
    check_ends(result, SmtpStage::quit, Fault::none);
  }
}

TEST_CASE("a handshake that fails") {
  SUBCASE("garbage instead") {
    ScriptedServer server(starttls_script([](Peer& peer) {
      peer.receive_some();
      peer.send("250 what?\r\nthis is no TLS, and never was\r\n");
      peer.wait_for_end();
    }));
    const auto result = talk(request_to(server));
    check_ends(result, SmtpStage::handshake, Fault::handshake);
    CHECK(!result.reason.empty());
    CHECK(!result.tls);
  }
  SUBCASE("an alert instead") {
    ScriptedServer server(starttls_script([](Peer& peer) {
      peer.receive_some();
      peer.send(std::string("\x15\x03\x03\x00\x02\x02\x28", 7));  // handshake_failure
    }));
    check_ends(talk(request_to(server)), SmtpStage::handshake, Fault::handshake);
  }
  SUBCASE("the server goes away") {
    ScriptedServer server(starttls_script([](Peer& peer) { peer.receive_some(); }));
    check_ends(talk(request_to(server)), SmtpStage::handshake, Fault::closed);
    ScriptedServer rude(starttls_script([](Peer& peer) {
      peer.receive_some();
      peer.reset();
    }));
    check_ends(talk(request_to(rude)), SmtpStage::handshake, Fault::closed);
  }
  SUBCASE("silence") {
    ScriptedServer server(starttls_script([](Peer& peer) { peer.wait_for_end(); }));
    check_ends(talk(hasty_request_to(server)), SmtpStage::handshake, Fault::timeout);
  }
}

/// A handshake has to fit in, on a machine that has much to do.
constexpr std::chrono::milliseconds time_for_tls(2000);

TEST_CASE("the end within TLS, after the handshake") {
  const MadeCertificate certificate(good_plan());
  const auto after = [&](std::function<void(Peer&)> then) {
    ScriptedServer server(starttls_script([&](Peer& peer) {
      if (peer.start_tls(certificate)) then(peer);
    }));
    auto request = request_to(server);
    request.reply_timeout = time_for_tls;
    const auto result = talk(request);
    CHECK(result.tls);
    CHECK(!result.ehlo_again.came());
    return result;
  };
  check_ends(after([](Peer&) {}), SmtpStage::ehlo_again, Fault::closed);
  check_ends(after([](Peer& peer) { peer.reset(); }), SmtpStage::ehlo_again, Fault::closed);
  check_ends(after([](Peer& peer) { peer.wait_for_end(); }), SmtpStage::ehlo_again, Fault::timeout);
  check_ends(after([](Peer& peer) {
               peer.answer({"no reply\r\n"});
               peer.wait_for_end();
             }),
             SmtpStage::ehlo_again, Fault::protocol);
  check_ends(after([](Peer& peer) {
               while (peer.send(std::string(16384, '2'))) {
               }
             }),
             SmtpStage::ehlo_again, Fault::protocol);
}

TEST_CASE("QUIT is sent within TLS after a fault there") {
  const MadeCertificate certificate(good_plan());
  ScriptedServer server(starttls_script([&](Peer& peer) {
    if (!peer.start_tls(certificate)) return;
    peer.wait_for_end();
  }));
  auto request = request_to(server);
  request.reply_timeout = time_for_tls;
  check_ends(talk(request), SmtpStage::ehlo_again, Fault::timeout);
  CHECK(server.lines().back() == "QUIT");
}

TEST_CASE("a name that is none is not asked for, an address neither") {
  const MadeCertificate certificate(good_plan());
  for (const std::string name :
       {"", "192.0.2.1", "a b.example", "a\x1b.example", "x@y.example", "mail.example.com/x",
        "mail.example.com:99", ".example", "[::1]", "a%62.example"}) {
    CAPTURE(name);
    ScriptedServer server(starttls_script(certificate));
    auto request = request_to(server);
    request.host = name;
    check_ends(talk(request), SmtpStage::quit, Fault::none);
    CHECK(server.server_names() == Lines{""});
  }
  ScriptedServer server(starttls_script(certificate));
  auto request = request_to(server);
  request.host = "_a.Example.com.";
  check_ends(talk(request), SmtpStage::quit, Fault::none);
  CHECK(text::ascii_lower(server.server_names().front()) == "_a.example.com");
}
