#include "net/smtp.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "unit/net/smtp_talk.h"

using namespace maildiag;
using namespace maildiag::net;
using namespace maildiag::test;

namespace {

using Lines = std::vector<std::string>;

constexpr const char* greeting = "220 mail.example.com ESMTP\r\n";
constexpr const char* plain_ehlo = "250-mail.example.com\r\n250 SIZE 1000\r\n";

/// A server that never sends more than `octets`, and stays.
SmtpTalk talk_to_sender_of(const std::string& octets) {
  ScriptedServer server([&](Peer& peer) {
    peer.send(octets);
    peer.wait_for_end();
  });
  return talk(hasty_request_to(server));
}

void check_ends(const SmtpTalk& talk, SmtpStage stage, Fault fault) {
  CAPTURE(transcript_of(talk));
  CAPTURE(talk.reason);
  CHECK(to_string(talk.stage) == to_string(stage));
  CHECK(to_string(talk.fault) == to_string(fault));
  CHECK(talk.reason.empty() == (fault == Fault::none));
}

}  // namespace

TEST_CASE("a whole dialogue in clear") {
  ScriptedServer server([](Peer& peer) {
    peer.send(greeting);
    peer.answer({plain_ehlo, "221 2.0.0 Bye\r\n"});
  });
  const auto result = talk(request_to(server));
  check_ends(result, SmtpStage::quit, Fault::none);
  CHECK(result.greeting.code == 220);
  CHECK(result.greeting.lines == Lines{"mail.example.com ESMTP"});
  CHECK(result.ehlo.lines == Lines{"mail.example.com", "SIZE 1000"});
  CHECK(result.quit.code == 221);
  CHECK(!result.starttls.came());
  CHECK(!result.helo.came());
  CHECK(!result.tls);
  CHECK(result.garbage.empty());
  CHECK(result.source == IpAddress::parse("127.0.0.1"));
  REQUIRE(result.connect);
  REQUIRE(result.greeted);
  CHECK(!result.handshake);
  CHECK(result.total >= *result.greeted);
  CHECK(transcript_of(result) ==
        "< 220 mail.example.com ESMTP\n> EHLO client.example\n< 250-mail.example.com\n"
        "< 250 SIZE 1000\n> QUIT\n< 221 2.0.0 Bye\n");
  CHECK(server.lines() == Lines{"EHLO client.example", "QUIT"});
}

TEST_CASE("a server of old is asked by HELO") {
  ScriptedServer server([](Peer& peer) {
    peer.send(greeting);
    peer.answer({"502 5.5.2 Unknown command\r\n", "250 mail.example.com\r\n", "221 Bye\r\n"});
  });
  const auto result = talk(request_to(server));
  check_ends(result, SmtpStage::quit, Fault::none);
  CHECK(result.ehlo.code == 502);
  CHECK(result.helo.code == 250);
  CHECK(server.lines() == Lines{"EHLO client.example", "HELO client.example", "QUIT"});
}

TEST_CASE("a greeting that refuses is an answer, and gets a QUIT") {
  for (const auto* refusal :
       {"421 4.3.2 Too many connections\r\n", "554 5.7.1 Blocked, see http://list.example/\r\n",
        "220-mail.example.com ESMTP\r\n521 5.7.1 Blocked\r\n", "554 a\r\n554 b\r\n"}) {
    CAPTURE(std::string(refusal));
    ScriptedServer server([&](Peer& peer) {
      peer.send(refusal);
      peer.wait_for_end();
    });
    const auto result = talk(hasty_request_to(server));
    check_ends(result, SmtpStage::quit, Fault::none);
    CHECK(result.greeting.code >= 421);
    CHECK(!result.ehlo.came());
    CHECK(!result.quit.came());
    CHECK(server.lines() == Lines{"QUIT"});
  }
}

TEST_CASE("an EHLO that is refused altogether ends in QUIT") {
  for (const auto* refusal : {"421 4.3.2 Closing\r\n", "451 4.7.1 Later\r\n"}) {
    ScriptedServer server([&](Peer& peer) {
      peer.send(greeting);
      peer.answer({refusal, "221 Bye\r\n"});
    });
    const auto result = talk(request_to(server));
    check_ends(result, SmtpStage::quit, Fault::none);
    CHECK(result.ehlo.code / 100 == 4);
    CHECK(result.quit.code == 221);
    CHECK(server.lines() == Lines{"EHLO client.example", "QUIT"});
  }
}

TEST_CASE("a relay question stops before DATA") {
  auto ask = [](const Lines& replies, Lines& said) {
    ScriptedServer server([&](Peer& peer) {
      peer.send(greeting);
      peer.answer(replies);
    });
    auto request = request_to(server);
    request.relay = RelayQuestion{"a@example.net", "b@example.org"};
    const auto result = talk(request);
    said = server.lines();
    return result;
  };
  Lines said;
  SUBCASE("refused") {
    const auto result = ask({plain_ehlo, "250 Ok\r\n", "554 5.7.1 Relay access denied\r\n",
                             "250 Ok\r\n", "221 Bye\r\n"},
                            said);
    check_ends(result, SmtpStage::quit, Fault::none);
    CHECK(result.rcpt.code == 554);
    CHECK(result.rset.code == 250);
    CHECK(said == Lines{"EHLO client.example", "MAIL FROM:<a@example.net>",
                        "RCPT TO:<b@example.org>", "RSET", "QUIT"});
  }
  SUBCASE("not refused") {
    const auto result =
        ask({plain_ehlo, "250 Ok\r\n", "250 Ok\r\n", "250 Ok\r\n", "221 Bye\r\n"}, said);
    CHECK(result.rcpt.code == 250);
    CHECK(said == Lines{"EHLO client.example", "MAIL FROM:<a@example.net>",
                        "RCPT TO:<b@example.org>", "RSET", "QUIT"});
  }
  SUBCASE("the sender is refused already") {
    const auto result = ask({plain_ehlo, "550 5.7.1 Not you\r\n", "221 Bye\r\n"}, said);
    CHECK(result.mail.code == 550);
    CHECK(!result.rcpt.came());
    CHECK(said == Lines{"EHLO client.example", "MAIL FROM:<a@example.net>", "QUIT"});
  }
}

TEST_CASE("what is no SMTP is told at once, in its own words") {
  const auto tell = [](const std::string& octets) {
    ScriptedServer server([&](Peer& peer) {
      peer.send(octets);
      peer.wait_for_end();
    });
    auto request = request_to(server);
    request.greeting_timeout = request.timeout = std::chrono::minutes(10);  // never waited out
    const auto result = talk(request);
    check_ends(result, SmtpStage::greeting, Fault::protocol);
    CHECK(!result.greeting.came());
    CHECK(server.lines().empty());
    return result.garbage;
  };
  CHECK(tell("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n") == "SSH-2.0-OpenSSH_9.2p1 Debian-2");
  CHECK(tell("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>") == "HTTP/1.1 400 Bad Request");
  CHECK(tell("* OK IMAP4rev1\r\n") == "* OK IMAP4rev1");
  CHECK(tell(std::string("J\0\0\0\x0a", 5)) == "J\\x00\\x00\\x00");
  CHECK(tell("\x1b]0;owned\x07\x1b[2J\r\n") == "\\x1b]0;owned\\x07\\x1b[2J");
  CHECK(tell(std::string("\x15\x03\x01\0\x02\x02\x0a", 7)) == "\\x15\\x03\\x01\\x00\\x02\\x02");
  CHECK(tell(std::string(3000, 'x')).size() == 256);
}

TEST_CASE("silence is a time-out, where it happens") {
  SUBCASE("no greeting: nothing is said ahead of it") {
    const auto result = talk_to_sender_of("");
    check_ends(result, SmtpStage::greeting, Fault::timeout);
    REQUIRE(result.connect);
    CHECK(!result.greeted);
    CHECK(transcript_of(result).empty());
  }
  SUBCASE("half of one") {
    const auto result = talk_to_sender_of("220-mail.example.com ESMTP\r\n220 and");
    check_ends(result, SmtpStage::greeting, Fault::timeout);
    CHECK(!result.greeting.came());
    CHECK(result.greeting.lines == Lines{"mail.example.com ESMTP"});
    CHECK(transcript_of(result) == "< 220-mail.example.com ESMTP\n< 220 and\n");
    CHECK(result.garbage.empty());
  }
  SUBCASE("no reply to EHLO: QUIT all the same") {
    ScriptedServer server([](Peer& peer) {
      peer.send(greeting);
      peer.wait_for_end();
    });
    check_ends(talk(hasty_request_to(server)), SmtpStage::ehlo, Fault::timeout);
    CHECK(server.lines() == Lines{"EHLO client.example", "QUIT"});
  }
  SUBCASE("octet by octet") {
    ScriptedServer server([](Peer& peer) {
      while (peer.send("2")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    check_ends(talk(hasty_request_to(server)), SmtpStage::greeting, Fault::protocol);
    ScriptedServer slow([](Peer& peer) {
      if (!peer.send("220 ")) return;
      while (peer.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    check_ends(talk(hasty_request_to(slow)), SmtpStage::greeting, Fault::timeout);
  }
  SUBCASE("the time for all is over") {
    ScriptedServer server([](Peer& peer) {
      peer.send(greeting);
      peer.wait_for_end();
    });
    auto request = request_to(server);
    request.timeout = std::chrono::milliseconds(200);
    check_ends(talk(request), SmtpStage::ehlo, Fault::timeout);
  }
}

TEST_CASE("floods are left") {
  const auto flood = [](const std::string& first, const std::string& again) {
    ScriptedServer server([&](Peer& peer) {
      peer.send(first);
      std::string block;
      while (block.size() < 65536) block += again;
      for (std::size_t sent = 0; sent < 100UL << 20 && peer.send(block);) sent += block.size();
    });
    return talk(request_to(server));
  };
  SUBCASE("a line without an end") {
    const auto result = flood("220 ", "x");
    check_ends(result, SmtpStage::greeting, Fault::too_large);
    REQUIRE(result.transcript.size() == 1);
    CHECK(result.transcript.front().text.size() == max_reply_line);
  }
  SUBCASE("a reply without an end") {
    const auto result = flood("", "220-mail.example.com\r\n");
    check_ends(result, SmtpStage::greeting, Fault::too_large);
    CHECK(result.greeting.lines.size() == max_reply_lines);
    CHECK(!result.greeting.came());
    CHECK(result.transcript.size() <= max_reply_lines + 1);
  }
  SUBCASE("a reply to EHLO without an end") {
    const auto result = flood("220 mail.example.com\r\n", "250-X\r\n");
    CHECK(result.fault != Fault::none);
    CHECK(result.stage <= SmtpStage::ehlo);
  }
  SUBCASE("no SMTP at all") {
    check_ends(flood("", std::string("\0\xff\x01", 3)), SmtpStage::greeting, Fault::protocol);
  }
}

TEST_CASE("a connection that ends is told with its stage") {
  const auto end_after = [](std::size_t replies, bool reset) {
    ScriptedServer server([&](Peer& peer) {
      const Lines script = {greeting, plain_ehlo, "250 Ok\r\n", "250 Ok\r\n", "250 Ok\r\n"};
      if (replies > 0) peer.send(script[0]);
      for (std::size_t i = 1; i < replies; ++i) peer.answer({script[i]});
      if (replies > 0) peer.line();  // so that what was sent is not lost with the RST
      if (reset) peer.reset();
    });
    auto request = request_to(server);
    request.relay = RelayQuestion{"a@example.net", "b@example.org"};
    return talk(request);
  };
  for (const bool reset : {false, true}) {
    CAPTURE(reset);
    check_ends(end_after(0, reset), SmtpStage::greeting, Fault::closed);
    check_ends(end_after(1, reset), SmtpStage::ehlo, Fault::closed);
    check_ends(end_after(2, reset), SmtpStage::relay, Fault::closed);
    check_ends(end_after(4, reset), SmtpStage::relay, Fault::closed);
    check_ends(end_after(5, reset), SmtpStage::quit, Fault::none);  // all is known by then
  }
}

TEST_CASE("replies that are none, or too many, end the dialogue") {
  const auto reply_to_ehlo = [](const std::string& reply, Lines& said) {
    ScriptedServer server([&](Peer& peer) {
      peer.send(greeting);
      peer.answer({reply});
      peer.wait_for_end();
    });
    const auto result = talk(request_to(server));
    said = server.lines();
    return result;
  };
  Lines said;
  for (const auto* reply : {"250-mail.example.com\r\nSTARTTLS\r\n250 SIZE\r\n", "OK\r\n", "\r\n",
                            "250 a\r\n250 b\r\n"}) {
    CAPTURE(std::string(reply));
    const auto result = reply_to_ehlo(reply, said);
    check_ends(result, SmtpStage::ehlo, Fault::protocol);
    CHECK(result.garbage.empty());
    CHECK(said == Lines{"EHLO client.example", "QUIT"});
  }
}

TEST_CASE("two greetings at once are one too many, and get a QUIT") {
  ScriptedServer server([](Peer& peer) {
    peer.send("220 a\r\n220 b\r\n");
    peer.wait_for_end();
  });
  const auto result = talk(request_to(server));
  check_ends(result, SmtpStage::greeting, Fault::protocol);
  CHECK(result.greeting.code == 220);
  CHECK(result.garbage.empty());
  CHECK(server.lines() == Lines{"QUIT"});
}

TEST_CASE("where nobody listens") {
  std::uint16_t port = 0;
  {
    const ScriptedServer gone([](Peer&) {});
    port = gone.port();
  }
  const ScriptedServer other([](Peer&) {});
  auto request = request_to(other);
  request.port = port;
  const auto result = talk(request);
  check_ends(result, SmtpStage::connect, Fault::refused);
  CHECK(!result.connect);
  CHECK(result.transcript.empty());
}

TEST_CASE("a connection that may not be made is not") {
  ScriptedServer server([](Peer& peer) { peer.send(greeting); });
  AccessOptions options;
  options.offline = true;
  const auto result = talk(request_to(server), options);
  CHECK(result.fault == Fault::offline);
  CHECK(!result.connect);
  auto request = request_to(server);
  request.reach = Reach::public_only;
  CHECK(talk(request).fault == Fault::offline);
}

TEST_CASE("rules lead to another place, and the source address is what was wished") {
  ScriptedServer server([](Peer& peer) {
    peer.send(greeting);
    peer.answer({plain_ehlo, "221 Bye\r\n"});
  });
  auto request = request_to(server);
  AccessOptions options;
  options.offline = true;
  options.connect_to = {
      ConnectTo::parse("mail.example.com:25:127.0.0.1:" + std::to_string(server.port())).value()};
  options.source4 = IpAddress::parse("127.0.0.7");
  request.address = IpAddress::parse("192.0.2.1").value();
  request.port = 25;
  const auto result = talk(request, options);
  check_ends(result, SmtpStage::quit, Fault::none);
  CHECK(result.source == IpAddress::parse("127.0.0.7"));
}

TEST_CASE("a source address that this machine has not is no fault of the server") {
  ScriptedServer server([](Peer& peer) { peer.send(greeting); });
  AccessOptions options;
  options.source4 = IpAddress::parse("192.0.2.77");
  check_ends(talk(request_to(server), options), SmtpStage::connect, Fault::unreachable);
}

TEST_CASE("the name in EHLO: of the request, else of the options, else our address") {
  const auto name_of = [](const std::string& wished, const std::string& common) {
    ScriptedServer server([](Peer& peer) {
      peer.send(greeting);
      peer.answer({plain_ehlo, "221 Bye\r\n"});
    });
    auto request = request_to(server);
    request.helo_name = wished;
    AccessOptions options;
    options.helo_name = common;
    talk(request, options);
    const auto said = server.lines();
    return said.empty() ? "nothing" : said.front();
  };
  CHECK(name_of("a.example", "b.example") == "EHLO a.example");
  CHECK(name_of("", "b.example") == "EHLO b.example");
  CHECK(name_of("", "") == "EHLO [127.0.0.1]");
}

TEST_CASE("a server on IPv6") {
  ScriptedServer server(
      [](Peer& peer) {
        peer.send(greeting);
        peer.answer({plain_ehlo, "221 Bye\r\n"});
      },
      "::1");
  auto request = request_to(server);
  request.address = IpAddress::parse("::1").value();
  request.helo_name.clear();
  const auto result = talk(request);
  check_ends(result, SmtpStage::quit, Fault::none);
  CHECK(result.source == IpAddress::parse("::1"));
  CHECK(server.lines().front() == "EHLO [IPv6:::1]");
}

TEST_CASE("dialogues that nobody waits for any more are dropped") {
  std::atomic<int> waiting{0};
  ScriptedServer server([&](Peer& peer) {
    peer.send(greeting);
    if (peer.line()) ++waiting;
    peer.wait_for_end();
  });
  const auto request = request_to(server);
  const AccessOptions options;
  const auto work = [&]() -> Task<void> {
    const auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 3; ++i)
      asio::co_spawn(executor, talk_smtp(options, request), asio::detached);
    asio::steady_timer timer(executor);
    while (waiting < 3) {
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(asio::use_awaitable);
    }
  };
  run_task(work());
  CHECK(server.lines() == Lines(3, "EHLO client.example"));
}

TEST_CASE("a caller cannot put a second command into one") {
  ScriptedServer server([](Peer& peer) { peer.send(greeting); });
  auto request = request_to(server);
  request.helo_name = "a\r\nDATA";
  CHECK_THROWS_AS(talk(request), std::invalid_argument);
  request = request_to(server);
  request.relay = RelayQuestion{"a@example.net", "b>\nDATA"};
  CHECK_THROWS_AS(talk(request), std::invalid_argument);
}
