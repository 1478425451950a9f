#include "checks/returned_auth.h"

#include <doctest/doctest.h>

#include "support/auth_world.h"

namespace maildiag::checks {
namespace {

using namespace test;

using Findings = std::vector<Finding>;

Findings dkim_of(const std::shared_ptr<MemoryBackend>& dns, const std::string& octets,
                 MessageRequest request) {
  auto findings = run_check<Findings>(
      dns, [&](Context context) { return check_returned_dkim(context, octets, request); });
  for (const auto& finding : findings) CHECK(text_fault(finding) == "");
  return findings;
}

Findings whole_of(const std::shared_ptr<MemoryBackend>& dns, const std::string& octets,
                  MessageRequest request) {
  auto findings = run_check<Findings>(dns, [&](Context context) {
    return check_returned_message(context, octets, raw_name("example.com"), request);
  });
  for (const auto& finding : findings) CHECK(text_fault(finding) == "");
  return findings;
}

/// The states that decide causes: "dkim-fail none dmarc-fail".
std::string states(const Findings& findings) {
  std::string all;
  for (const auto* id :
       {"auth.dkim-pass", "auth.dkim-fail", "auth.both", "auth.one-only", "auth.none",
        "auth.no-spf", "auth.dmarc-pass", "auth.dmarc-fail", "auth.dmarc-undecided",
        "auth.returned-altered", "auth.returned-header-holds", "auth.returned-unsigned"}) {
    if (find(findings, id) != nullptr) all += (all.empty() ? "" : " ") + std::string(id).substr(5);
  }
  return all;
}

MessageRequest returned(Copy copy, std::string_view ip = "192.0.2.1") {
  auto request = auth_request(ip);
  request.copy = copy;
  return request;
}

std::string header_of(const std::string& message) {
  return message.substr(0, message.find("\r\n\r\n") + 2);
}

TEST_CASE("a signature that holds in the copy held at the receiver") {
  const auto dns = auth_dns();
  CHECK(states(dkim_of(dns, signed_message(), returned(Copy::returned))) == "dkim-pass");
  CHECK(states(whole_of(dns, signed_message(), returned(Copy::returned))) ==
        "dkim-pass both dmarc-pass");
  CHECK(states(whole_of(dns, signed_message(), returned(Copy::returned, "198.51.100.9"))) ==
        "dkim-pass one-only dmarc-pass");
}

TEST_CASE("an altered copy proves nothing") {
  const auto body = signed_message() + "-- scanned --\r\n";
  const auto header = replaced(signed_message(), "Is dinner", "Is lunch");
  for (const auto& octets : {body, header}) {
    CHECK(states(dkim_of(auth_dns(), octets, returned(Copy::returned))) == "returned-altered");
    const auto findings = whole_of(auth_dns(), octets, returned(Copy::returned, "198.51.100.9"));
    CHECK(states(findings) == "no-spf dmarc-undecided returned-altered");
    CHECK(find(findings, "dkim.body-changed") == nullptr);
    CHECK(find(findings, "dkim.header-changed") == nullptr);
  }
  // Whose signature is not aligned anyway cannot save the message.
  auto dns = auth_dns();
  dns->add("s1._domainkey.esp.example", DkimSigner::usual().record());
  const auto other =
      signed_message(replaced(dkim_tags(), "d=example.com", "d=esp.example")) + "more\r\n";
  CHECK(states(whole_of(dns, other, returned(Copy::returned, "198.51.100.9"))) ==
        "no-spf dmarc-fail returned-altered");
}

TEST_CASE("what no alteration explains is proof") {
  auto gone = auth_dns();
  const auto elsewhere = signed_message(replaced(dkim_tags(), "s=s1", "s=old"));
  const auto findings = dkim_of(gone, elsewhere, returned(Copy::returned));
  CHECK(states(findings) == "dkim-fail");
  const auto& failed = get(findings, "auth.dkim-fail");
  CHECK(failed.data["mechanisms"].as_string() ==
        "dkim=permerror (key-missing) header.d=example.com header.s=old");
  CHECK(failed.data["because"] == Value::strings({"dkim.key-missing"}));
  CHECK(!failed.evidence.empty());
  CHECK(get(findings, "dkim.key-missing").data["name"].as_string() == "old._domainkey.example.com");
  CHECK(states(dkim_of(gone, std::string(dkim_message), returned(Copy::returned))) == "dkim-fail");
  CHECK(states(whole_of(gone, elsewhere, returned(Copy::returned, "198.51.100.9"))) ==
        "dkim-fail none dmarc-fail");

  auto silent = auth_dns();
  silent->fail("s1._domainkey.example.com", dns::Outcome::timeout);
  CHECK(states(dkim_of(silent, signed_message(), returned(Copy::returned))) == "");
}

TEST_CASE("a header alone: the key and the header fields can be verified, the body cannot") {
  const auto header = header_of(signed_message());
  CHECK(states(dkim_of(auth_dns(), header, returned(Copy::header))) == "returned-header-holds");
  CHECK(states(whole_of(auth_dns(), header, returned(Copy::header))) ==
        "dmarc-pass returned-header-holds");
  CHECK(states(dkim_of(auth_dns(), replaced(header, "Is dinner", "Was dinner"),
                       returned(Copy::header))) == "returned-altered");
  CHECK(
      states(dkim_of(auth_dns(""), header_of(signed_message(replaced(dkim_tags(), "s=s1", "s=x"))),
                     returned(Copy::header))) == "dkim-fail");
}

TEST_CASE("a signature counts at the time of the bounce, not of the check") {
  const auto message = signed_message(dkim_tags("t=1795219000; x=1795219300"));
  CHECK(states(dkim_of(auth_dns(), message, returned(Copy::returned))) == "dkim-pass");
  auto late = returned(Copy::returned);
  late.now = std::chrono::system_clock::from_time_t(dkim_now + 3600);
  const auto findings = dkim_of(auth_dns(), message, late);
  CHECK(states(findings) == "dkim-fail");
  CHECK(find(findings, "dkim.expired") != nullptr);
}

TEST_CASE("servers that sign while they deliver bounce what was not yet signed") {
  const std::string exim = "Received: from u by mx.example.com with esmtpsa (Exim 4.96)\r\n";
  const std::string message = exim + std::string(dkim_message);
  CHECK(may_precede_signing(message));
  CHECK(may_precede_signing("Received: (qmail 123 invoked by uid 500); 1 Jan 2026\r\n\r\n"));
  CHECK(!may_precede_signing("Received: from x by y (Postfix)\r\n" + exim + "\r\n"));
  CHECK(!may_precede_signing("no header"));
  auto request = returned(Copy::returned, "198.51.100.9");
  request.maybe_unsigned = true;
  CHECK(states(dkim_of(auth_dns(), message, request)) == "returned-unsigned");
  CHECK(states(whole_of(auth_dns(), message, request)) ==
        "no-spf dmarc-undecided returned-unsigned");
}

TEST_CASE("without the message: what the envelope alone decides") {
  CHECK(states(whole_of(auth_dns(), "", returned(Copy::none))) == "dmarc-pass");
  CHECK(states(whole_of(auth_dns(), "", returned(Copy::none, "198.51.100.9"))) ==
        "no-spf dmarc-undecided");
  auto unknown = returned(Copy::none);
  unknown.envelope.ip.reset();
  CHECK(states(whole_of(auth_dns(), "", unknown)) == "dmarc-undecided");
  // SPF of an assumed sender is a fact; that it was aligned is none.
  auto assumed = returned(Copy::none);
  assumed.sender_assumed = true;
  CHECK(states(whole_of(auth_dns(), "", assumed)) == "dmarc-undecided");
  CHECK(find(whole_of(auth_dns(), "", assumed), "spf.pass") != nullptr);
  assumed.envelope.ip = IpAddress::parse("198.51.100.9");
  CHECK(states(whole_of(auth_dns(), "", assumed)) == "no-spf dmarc-undecided");
  const auto missing = whole_of(auth_dns(""), "", returned(Copy::none));
  CHECK(find(missing, "dmarc.missing") != nullptr);
}

}  // namespace
}  // namespace maildiag::checks
