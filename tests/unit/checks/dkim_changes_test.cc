#include "checks/dkim_changes.h"

#include <string>

#include <doctest/doctest.h>

#include "support/dkim_world.h"

namespace maildiag::checks {
namespace {

using test::dkim_message;
using test::dkim_tags;
using test::DkimSigner;
using test::replaced;

/// Signs, lets `change` have the mail, verifies.
template <class Change>
DkimMessageReport after(std::string_view message, const std::string& tags, Change change) {
  const auto& signer = DkimSigner::usual();
  return test::verify(test::dkim_dns(signer.record()), change(signer.sign(message, tags)));
}
template <class Change>
std::string verdict_after(const std::string& tags, Change change,
                          std::string_view message = dkim_message) {
  return test::verdict(after(message, tags, change));
}
auto put(std::string_view from, std::string_view to) {
  return [=](const std::string& mail) { return replaced(mail, from, to); };
}
const std::string relaxed = dkim_tags();
const std::string simple = dkim_tags("", "simple/simple");

std::string with_body(std::string_view body, std::string_view fields = "") {
  return "From: alice@example.com\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
const std::string short_tags = dkim_tags("", "relaxed/relaxed", "from:content-transfer-encoding");

TEST_CASE("a footer is found, with its size and first line") {
  const auto footer = [](const std::string& mail) {
    return mail + "\r\n____________\r\nlist mailing list\r\n";
  };
  for (const auto& tags : {relaxed, simple}) {
    const auto report = after(dkim_message, tags, footer);
    CHECK(test::verdict(report) == "fail body-changed footer-added");
    const auto& data = report.signatures.front().changes.front().data;
    CHECK(data["lines"].as_integer() == 2);
    CHECK(data["text"].as_string() == "____________");
  }
}

TEST_CASE("a footer inside the last part of a multipart body") {
  const auto body = with_body("--b\r\n\r\ntext\r\n\r\n--b--\r\n");
  CHECK(verdict_after(short_tags, put("\r\n\r\n--b--", "\r\n\r\n--b\r\n\r\nfooter\r\n--b--"),
                      body) == "fail body-changed footer-added");
}

TEST_CASE("a banner in front") {
  const auto report =
      after(dkim_message, relaxed, put("\r\n\r\nHi", "\r\n\r\nCAUTION: external mail\r\n\r\nHi"));
  CHECK(test::verdict(report) == "fail body-changed banner-added");
  CHECK(report.signatures.front().changes.front().data["text"].as_string() ==
        "CAUTION: external mail");
}

TEST_CASE("a tagged subject, as lists and filters do it") {
  for (const auto* subject : {"Subject: [list] Is", "Subject: ***SPAM*** Is",
                              "Subject: [SPAM] [list] Is", "Subject: SPAM: Is"}) {
    CAPTURE(subject);
    CHECK(verdict_after(relaxed, put("Subject: Is", subject)) ==
          "fail header-changed subject-tagged");
  }
  CHECK(verdict_after(simple, put("Subject: Is", "Subject: [list] Is")) ==
        "fail header-changed subject-tagged");
  const auto reply = replaced(std::string(dkim_message), "Subject: Is", "Subject: Re: Is");
  CHECK(verdict_after(relaxed, put("Re: Is", "Re: [list] Is"), reply) ==
        "fail header-changed subject-tagged");
  CHECK(verdict_after(relaxed, put("Subject: Is dinner", "Subject: Was lunch")) ==
        "fail header-changed");
}

TEST_CASE("Ed25519: a change that is found tells that the header was changed") {
  const auto signer = DkimSigner::ed25519();
  const auto tags = replaced(dkim_tags(), "rsa-sha256", "ed25519-sha256");
  const auto mail = replaced(signer.sign(dkim_message, tags), "Subject: Is", "Subject: [x] Is");
  CHECK(test::verdict(test::verify(test::dkim_dns(signer.record()), mail)) ==
        "fail header-changed subject-tagged");
}

TEST_CASE("a list that does everything at once") {
  const auto list = [](const std::string& mail) {
    auto changed = replaced(mail, "Subject: Is", "Subject: [list] Is");
    changed = replaced(changed, "From: Alice <alice@example.com>",
                       "From: Alice via list <list@example.org>\r\nReply-To: Alice "
                       "<alice@example.com>");
    return changed + "-- \r\nlist\r\n";
  };
  const auto text = verdict_after(relaxed, list);
  CHECK(text.find("body-changed header-changed") != std::string::npos);
  CHECK(text.find("footer-added") != std::string::npos);
  CHECK(text.find("subject-tagged") != std::string::npos);
  CHECK(text.find("from-rewritten") != std::string::npos);
}

TEST_CASE("white space, where simple canonicalisation does not bear it") {
  CHECK(verdict_after(simple, put("Hi Bob,\r\n", "Hi Bob, \r\n")) ==
        "fail body-changed whitespace-changed");
  CHECK(verdict_after(relaxed, put("Hi Bob,\r\n", "Hi Bob, \r\n")) == "pass");
  const auto marked = replaced(std::string(dkim_message), "--\r\n", "-- \r\n");
  CHECK(verdict_after(simple, put("-- \r\n", "--\r\n"), marked) ==
        "fail body-changed whitespace-changed");
  const auto unfolded =
      replaced(std::string(dkim_message), "Is dinner\r\n ready?", "Is dinner ready?");
  CHECK(verdict_after(simple, put("Is dinner ready?", "Is dinner\r\n ready?"), unfolded) ==
        "fail header-changed header-refolded");
  CHECK(verdict_after(simple, put("Is dinner\r\n ready?", "Is dinner\r\n\tready?")) ==
        "fail header-changed header-refolded");
}

TEST_CASE("line ends") {
  CHECK(verdict_after(relaxed, put("Bob,\r\n", "Bob,\r\r\n")) ==
        "fail body-changed line-ends-changed");
  CHECK(verdict_after(relaxed, put("Bob,\r\n", "Bob,\r")) == "fail body-changed line-ends-changed");
}

TEST_CASE("mbox quoting, dot stuffing, cut lines") {
  CHECK(verdict_after(short_tags, put("\nFrom x", "\n>From x"), with_body("a\r\nFrom x\r\n")) ==
        "fail body-changed from-quoted");
  CHECK(verdict_after(short_tags, put("\n.x", "\n..x"), with_body("a\r\n.x\r\n")) ==
        "fail body-changed dots-doubled");
  const auto line = std::string(989, 'a');
  CHECK(verdict_after(short_tags, put(line + "b", line + "!\r\n b"),
                      with_body(line + "bcd\r\nend\r\n")) == "fail body-changed long-lines-cut");
}

TEST_CASE("conversion to 7 bits: the body, and the field that is signed") {
  const auto convert = [](std::string_view encoding, std::string_view body) {
    return [=](const std::string& mail) {
      return replaced(replaced(mail, "Encoding: 8bit", "Encoding: " + std::string(encoding)),
                      "caf\xc3\xa9 = x\r\n", body);
    };
  };
  const auto mail = with_body("caf\xc3\xa9 = x\r\n", "Content-Transfer-Encoding: 8bit\r\n");
  CHECK(verdict_after(short_tags, convert("quoted-printable", "caf=C3=A9 =\r\n=3D x\r\n"), mail) ==
        "fail body-changed header-changed seven-bit-converted");
  CHECK(verdict_after(short_tags, convert("base64", "Y2Fmw6kgPSB4DQo=\r\n"), mail) ==
        "fail body-changed header-changed seven-bit-converted");
  const auto parts =
      with_body("--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\ncaf\xc3\xa9 = x\r\n\r\n--b--\r\n");
  CHECK(verdict_after(short_tags, convert("quoted-printable", "caf=C3=A9 =3D x\r\n"), parts) ==
        "fail body-changed seven-bit-converted");
}

TEST_CASE("the search ends, whatever it is given") {
  std::string body;
  for (int i = 0; i < 90'000; ++i) body += "line " + std::to_string(i) + "\r\n";
  const auto report = after(with_body(body), short_tags, put("line 7\r\n", "other\r\n"));
  CHECK(test::verdict(report) == "fail body-changed");
  dkim::Budget budget;
  std::size_t rounds = 0;
  while (budget.take(1UL << 20)) ++rounds;
  CHECK(rounds < 64);
}

TEST_CASE("to split the body into lines counts as work of the search, too") {
  const auto& signer = DkimSigner::usual();
  const auto octets = replaced(signer.sign(with_body("a\r\n"), short_tags), "\r\na\r\n",
                               "\r\na\r\n" + std::string(1UL << 20, '\n') + "b\r\n");
  const auto message = dkim::read_message(octets);
  REQUIRE(message);
  const auto signature = dkim::parse_signature(message->fields.front());
  dkim::Budget budget;
  CHECK_FALSE(dkim::find_body_change(signature, *message, budget));
  // The lines, and twelve times two of its rewritings.
  std::size_t rounds = 0;
  while (budget.take(1UL << 20)) ++rounds;
  CHECK(rounds == 38);
}

}  // namespace
}  // namespace maildiag::checks
