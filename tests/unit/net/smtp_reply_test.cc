#include "net/smtp_reply.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace maildiag;
using namespace maildiag::net;
using State = SmtpReplyReader::State;

namespace {

struct Reading {
  State state = State::unfinished;
  SmtpReply reply;
  std::string rest;
  bool more_behind = false;
  std::vector<std::string> noted;
};

/// In pieces of `size` octets, as TCP may cut them.
Reading read_in_pieces(std::string_view octets, std::size_t size) {
  Reading out;
  SmtpReplyReader reader([&](std::string_view line) { out.noted.emplace_back(line); });
  while (!octets.empty() && out.state == State::unfinished) {
    out.state = reader.read(octets.substr(0, size));
    octets.remove_prefix(std::min(size, octets.size()));
  }
  out.more_behind = reader.more_behind();
  out.rest = reader.rest();
  out.reply = reader.take();
  return out;
}

Reading read(std::string_view octets) {
  return read_in_pieces(octets, octets.size());
}

}  // namespace

TEST_CASE("a reply is the same however it is cut") {
  const std::string octets = "250-mx.example.com\r\n250-SIZE 1000\r\n250-\r\n250 STARTTLS\r\n";
  for (std::size_t size = 1; size <= octets.size(); ++size) {
    CAPTURE(size);
    const auto reading = read_in_pieces(octets, size);
    CHECK(reading.state == State::whole);
    CHECK(reading.reply.code == 250);
    CHECK(reading.reply.lines ==
          std::vector<std::string>{"mx.example.com", "SIZE 1000", "", "STARTTLS"});
    CHECK(reading.noted.back() == "250 STARTTLS");
    CHECK(!reading.more_behind);
  }
}

TEST_CASE("the text may be missing, and the CR") {
  for (const auto* octets : {"220\r\n", "220 \r\n", "220\n", "220 \n"}) {
    CAPTURE(std::string(octets));
    const auto reading = read(octets);
    CHECK(reading.state == State::whole);
    CHECK(reading.reply.code == 220);
    CHECK(reading.reply.lines == std::vector<std::string>{""});
  }
}

TEST_CASE("the last line's code counts") {
  const auto reading = read("220-mx.example.com ESMTP\r\n521 5.7.1 Blocked\r\n");
  CHECK(reading.state == State::whole);
  CHECK(reading.reply.code == 521);
  CHECK(reading.reply.lines == std::vector<std::string>{"mx.example.com ESMTP", "5.7.1 Blocked"});
}

TEST_CASE("a reply that ends better than it began is none") {
  for (const auto* octets : {"554-no\r\n254 service\r\n", "550-a\r\n450-b\r\n250 c\r\n",
                             "220-a\r\n554-b\r\n220 c\r\n", "550-a\r\n450 b\r\n"}) {
    CAPTURE(std::string(octets));
    const auto reading = read(octets);
    CHECK(reading.state == State::garbage);
    CHECK(reading.reply.code == 0);
    CHECK(!reading.rest.empty());
  }
}

TEST_CASE("only a greeting may turn into a refusal") {
  for (const auto* octets : {"250-a\r\n550 b\r\n", "250-a\r\n450-b\r\n250 c\r\n"}) {
    CAPTURE(std::string(octets));
    SmtpReplyReader reader({}, SmtpReplyReader::Turn::never);
    CHECK(reader.read(octets) == State::garbage);
  }
  SmtpReplyReader reader({}, SmtpReplyReader::Turn::never);
  CHECK(reader.read("250-a\r\n220 b\r\n") == State::whole);
}

TEST_CASE("a reply that does not end has no code") {
  const auto reading = read("220-mx.example.com ESMTP\r\n220 half");
  CHECK(reading.state == State::unfinished);
  CHECK(!reading.reply.came());
  CHECK(reading.reply.lines.size() == 1);
  CHECK(reading.rest == "220 half");
}

TEST_CASE("what is none of a reply is known from its first octets") {
  for (const auto* octets :
       {"S", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 400 Bad Request\r\n", " 220 x\r\n", "\r\n", "\n",
        "1", "120 x\r\n", "6", "2a", "22x", "2200", "220_", "22\r\n", "220\rx\r\n", "+OK\r\n",
        "* OK IMAP\r\n", "<html>"}) {
    CAPTURE(std::string(octets));
    const auto reading = read(octets);
    CHECK(reading.state == State::garbage);
    CHECK(!reading.reply.came());
  }
  CHECK(read(std::string_view("\0\0\0\0", 4)).state == State::garbage);
  CHECK(read(std::string_view("220\0 x\r\n", 8)).state == State::garbage);
  CHECK(read("SSH-2.0-OpenSSH_9.2\r\n").rest == "SSH-2.0-OpenSSH_9.2");
  CHECK(read("250-mx.example.com\r\nSTARTTLS\r\n").rest == "STARTTLS");
}

TEST_CASE("what follows a reply is seen") {
  CHECK(read("220 ready\r\n250 injected\r\n").more_behind);
  CHECK(read("220 ready\r\n\x16\x03\x01").more_behind);
  CHECK(!read("220-ready\r\n220 go on\r\n").more_behind);
}

TEST_CASE("lines and their octets are capped, and the code behind them counts") {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "250-line\r\n";
  const auto reading = read(many + "250 end\r\n");
  CHECK(reading.state == State::whole);
  CHECK(reading.reply.code == 250);
  CHECK(reading.reply.lines.size() == max_reply_lines);
  CHECK(reading.noted.size() == max_reply_lines);

  const auto wide = read("250 " + std::string(100000, 'x') + "\r\n");
  CHECK(wide.state == State::whole);
  CHECK(wide.reply.lines.front().size() == max_reply_line - 4);
}

TEST_CASE("what would move a terminal does not") {
  const auto reading = read(std::string_view("220 a\x1b[2J\0b\x07\xff\r\n", 15));
  REQUIRE(reading.state == State::whole);
  CHECK(reading.reply.lines.front() == "a\\x1b[2J\\x00b\\x07\xef\xbf\xbd");
}

TEST_CASE("keywords stand behind the first line and are read without case") {
  const auto ehlo = read("250-STARTTLS.example.com\r\n250-SIZE 1000\r\n250 StartTLS\r\n").reply;
  CHECK(offers(ehlo, "STARTTLS"));
  CHECK(offers(ehlo, "size"));
  CHECK(!offers(ehlo, "AUTH"));
  CHECK(!offers(read("250 STARTTLS\r\n").reply, "STARTTLS"));
  CHECK(!offers(read("250-x\r\n550 STARTTLS\r\n").reply, "STARTTLS"));
  CHECK(!offers(SmtpReply(), "STARTTLS"));
}
