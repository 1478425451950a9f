// Bounces of which only the beginning came.

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag;
using namespace maildiag::bounce;

namespace {

std::string fixture(const std::string& name) {
  std::ifstream file(TEST_SOURCE_DIR "/tests/data/bounces/" + name, std::ios::binary);
  REQUIRE_MESSAGE(file, name);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<Bounce> read_part(const std::string& name, std::size_t percent) {
  const auto whole = fixture(name);
  return read_bounce(std::string_view(whole).substr(0, whole.size() * percent / 100));
}

void check_cut(const Result<Bounce>& read) {
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::bad_data);
  CHECK(read.error().message.starts_with("a bounce, but cut off before "));
}

const std::string daemon_header =
    "From: MAILER-DAEMON@mail.sender.example\n"
    "Subject: Undelivered Mail Returned to Sender\n"
    "Auto-Submitted: auto-replied\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n";

}  // namespace

TEST_CASE("a bounce without its reason is one that was cut off, no automatic reply") {
  check_cut(read_bounce(std::string_view(fixture("postfix-dsn.eml")).substr(0, 600)));
  for (const std::string name : {"gmail-2024.eml", "postfix-reverse-dns.eml", "ptr-missing.eml",
                                 "exim.eml", "forwarded-attachment.eml"}) {
    CAPTURE(name);
    check_cut(read_part(name, 30));
  }
  check_cut(read_part("exim.eml", 50));
}

TEST_CASE("what a cut bounce still says is read") {
  for (const auto* name :
       {"postfix-reverse-dns.eml", "ptr-missing.eml", "forwarded-attachment.eml"}) {
    CAPTURE(name);
    const auto read = read_part(name, 50);
    REQUIRE(read.has_value());
    CHECK(read->kind == Kind::failure);
    REQUIRE(read->failures.size() == 1);
    CHECK(read->failures[0].reply.code == 554);
    CHECK(read->failures[0].recipient.find('@') != std::string::npos);
  }
  const auto gmail = read_part("gmail-2024.eml", 50);
  REQUIRE(gmail.has_value());
  CHECK(gmail->failures.at(0).reply.code == 550);
  CHECK(gmail->failures.at(0).reply.status == "5.7.26");
}

TEST_CASE("no length of a bounce makes it an automatic reply") {
  for (const auto* name : {"postfix-dsn.eml", "gmail-2024.eml", "postfix-reverse-dns.eml",
                           "ptr-missing.eml", "exim.eml", "forwarded-attachment.eml"}) {
    const auto whole = fixture(name);
    for (std::size_t length = 0; length < whole.size(); length += 13) {
      const auto read = read_bounce(std::string_view(whole).substr(0, length));
      CAPTURE(name);
      CAPTURE(length);
      if (read) CHECK(read->kind == Kind::failure);
      if (!read) CHECK(read.error().code == ErrorCode::bad_data);
    }
  }
}

TEST_CASE("a wrapper that was cut in the middle is no failure") {
  const std::string start = daemon_header +
                            "--b\nContent-Type: text/plain\n\n"
                            "This is the mail system at host mail.sender.example.\n\n"
                            "<a@b.example>: host\n";
  check_cut(read_bounce(start));
  check_cut(read_bounce(start + "    mx.b.exam"));
  CHECK(read_bounce(start + "    mx.b.example[192.0.2.1] said: 550 5.1.1 no").has_value());
  check_cut(read_bounce(daemon_header + "--b\nContent-Type: message/delivery-status\n\n"
                                        "Reporting-MTA: dns; mail.sender.example\n\n"
                                        "Final-Recipient: rfc822; lee@receiv"));
}

TEST_CASE("each mark of a bounce counts alone") {
  const std::string generic = "Subject: x\nTo: kim@sender.example\nAuto-Submitted: auto-replied\n";
  for (const auto* mark : {
           "From: postmaster@b.example\n",
           "From: <>\n",
           "From: \"Mail Delivery System\" <Mailer-Daemon@b.example>\n",
           "From: a@b.example\nX-Failed-Recipients: lee@b.example\n",
           "From: a@b.example\nReturn-Path: <>\n",
           "From: a@b.example\nReturn-Path: < >\n",
       }) {
    CAPTURE(mark);
    check_cut(read_bounce(mark + generic));
    check_cut(read_bounce(mark + generic +
                          "Content-Type: multipart/report; boundary=b\n\n--b\n"
                          "Content-Type: text/plain\n\nHello"));
  }
  check_cut(read_bounce("From: a@b.example\n" + generic +
                        "Content-Type: multipart/report; report-type=delivery-status; "
                        "boundary=b\n\n"));
}

TEST_CASE("automatic replies stay what they are") {
  // RFC 3834 section 3.3: they too have a null reverse-path.
  const std::string vacation =
      "Return-Path: <>\nFrom: lee@b.example\nTo: kim@sender.example\nSubject: Re: hello\n"
      "Auto-Submitted: auto-replied\n";
  const auto text = read_bounce(vacation + "\nI am away.\n");
  REQUIRE(text.has_value());
  CHECK(text->kind == Kind::auto_reply);
  const auto whole = read_bounce(vacation +
                                 "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
                                 "Content-Type: text/plain\n\nI am away.\n--b--\n");
  REQUIRE(whole.has_value());
  CHECK(whole->kind == Kind::auto_reply);
  const auto cut = read_bounce(
      "From: lee@b.example\nTo: kim@sender.example\nSubject: Re: hello\n"
      "Auto-Submitted: auto-replied\n");
  REQUIRE(cut.has_value());
  CHECK(cut->kind == Kind::auto_reply);
}
