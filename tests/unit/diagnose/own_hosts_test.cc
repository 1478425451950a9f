#include "diagnose/own_hosts.h"

#include <doctest/doctest.h>

using namespace maildiag;
using namespace maildiag::diagnose;

namespace {

OwnHosts own(const std::vector<std::string>& texts) {
  auto parsed = OwnHosts::parse(texts);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
  return *parsed;
}

bounce::ReturnedMessage returned(const std::string& header) {
  bounce::ReturnedMessage message;
  message.raw = header + "\r\nbody\r\n";
  return message;
}

constexpr const char* through_mail =
    "Received: from relay.example.net (relay.example.net [198.51.100.9]) by mx.other.example with "
    "ESMTP id 1; Fri, 20 Nov 2026 09:30:00 +0000\r\n"
    "Received: from pc (unknown [10.0.0.7]) by mail.own.example (Postfix) with ESMTPSA id 2; Fri, "
    "20 Nov 2026 09:29:00 +0000\r\n"
    "From: kim@own.example\r\n";

}  // namespace

TEST_CASE("own hosts are networks and names; a name stands for what is under it") {
  const auto hosts = own({"192.0.2.0/24", "2001:db8::1", "Own.Example."});
  CHECK(hosts.has(*IpAddress::parse("192.0.2.200")));
  CHECK(hosts.has(*IpAddress::parse("::ffff:192.0.2.1")));
  CHECK(hosts.has(*IpAddress::parse("2001:db8::1")));
  CHECK_FALSE(hosts.has(*IpAddress::parse("192.0.3.1")));
  CHECK(hosts.has("mail.OWN.example"));
  CHECK(hosts.has("own.example."));
  CHECK_FALSE(hosts.has("notown.example"));
  CHECK_FALSE(hosts.has("mail.its.example"));
  CHECK_FALSE(hosts.has(""));
  for (const auto* wrong : {"", "localhost", "192.0.2.0/33", "a b", "own.example/24", "192.0.2.555",
                            "192.0.2.1-192.0.2.9", "192.0.2.1-9", "192.0.2.0-24"})
    CHECK_FALSE(OwnHosts::parse({wrong}));
}

TEST_CASE("the receiver's own word and the Received chain tell the way") {
  bounce::DeliveryFailure failure;
  const auto message = returned(through_mail);
  CHECK(own({"own.example"}).passage(failure, &message) == Passage::own);
  CHECK(own({"198.51.100.0/24"}).passage(failure, &message) == Passage::own);
  CHECK(own({"192.0.2.0/24"}).passage(failure, &message) == Passage::foreign);
  CHECK(own({"192.0.2.0/24"}).passage(failure, nullptr) == Passage::unknown);
  failure.sending_ip = IpAddress::parse("192.0.2.7");
  CHECK(own({"192.0.2.0/24"}).passage(failure, &message) == Passage::own);
  CHECK(own({"192.0.2.0/24"}).passage(failure, nullptr) == Passage::own);
  CHECK(own({"203.0.113.0/24"}).passage(failure, &message) == Passage::foreign);
  // Only the last hop is known.
  CHECK(own({"203.0.113.0/24"}).passage(failure, nullptr) == Passage::unknown);
  failure.reporting_mta = "mail.company.example";
  CHECK(own({"company.example"}).passage(failure, nullptr) == Passage::own);
  CHECK(own({"company.example"}).passage(failure, &message) == Passage::own);
  CHECK(own({"mx.company.example"}).passage(failure, nullptr) == Passage::unknown);
}

TEST_CASE("each word of a Received field can name a host of ours") {
  const auto hosts = own({"own.example", "192.0.2.0/24"});
  for (const auto* hop :
       {"from mail.own.example (mail.own.example [203.0.113.5]) by mx.other.example",
        "from pc (gate.own.example [203.0.113.5]) by mx.other.example",
        "from pc (unknown [192.0.2.5]) by mx.other.example",
        "from pc (unknown [203.0.113.5]) by mx.own.example",
        "from pc ([203.0.113.5]) by mx.other.example ([192.0.2.9])"}) {
    CAPTURE(std::string(hop));
    const auto message = returned("Received: " + std::string(hop) +
                                  " with ESMTP id 1; Fri, 20 Nov 2026 09:30:00 +0000\r\n");
    CHECK(hosts.passage({}, &message) == Passage::own);
    CHECK(own({"198.51.100.1"}).passage({}, &message) == Passage::foreign);
  }
}

TEST_CASE("mailings are known by their header") {
  CHECK(is_bulk_mail(returned("List-Id: <news.b.example>\r\nFrom: a@b.example\r\n")));
  CHECK(is_bulk_mail(returned("Precedence: list\r\nFrom: a@b.example\r\n")));
  CHECK(is_bulk_mail(returned("List-Unsubscribe: <mailto:u@x.example>\r\nFrom: a@b.example\r\n")));
  CHECK(is_bulk_mail(returned("Precedence: Bulk\r\nFrom: a@b.example\r\n")));
  CHECK_FALSE(is_bulk_mail(returned(through_mail)));
}
