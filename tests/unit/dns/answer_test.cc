#include "dns/answer.h"

#include <doctest/doctest.h>

#include "dns/codec.h"

using namespace maildiag;
using namespace maildiag::dns;

TEST_CASE("only what a server stated is definite") {
  for (const auto outcome : {Outcome::answer, Outcome::nodata, Outcome::nxdomain})
    CHECK(is_definite(outcome));
  for (const auto outcome :
       {Outcome::servfail, Outcome::refused, Outcome::other_rcode, Outcome::timeout,
        Outcome::network_error, Outcome::malformed, Outcome::not_recorded}) {
    CHECK_FALSE(is_definite(outcome));
  }
}

TEST_CASE("the evidence of an answer") {
  const auto owner = DomainName::parse("example.com").value();
  Answer answer;
  answer.question = {owner, RecordType::mx};
  answer.outcome = Outcome::answer;
  answer.rcode = 0;
  answer.records = {parse_record(owner, RecordType::mx, 60, "10 mx.example.com").value()};
  answer.ttl = 60;
  answer.server = "192.0.2.1#53";
  answer.elapsed = std::chrono::microseconds(1500);
  const auto data = to_evidence(answer).data;
  CHECK(data["kind"].as_string() == "dns");
  CHECK(data["name"].as_string() == "example.com");
  CHECK(data["type"].as_string() == "MX");
  CHECK(data["outcome"].as_string() == "answer");
  CHECK(data["rcode"].as_string() == "NOERROR");
  CHECK(data["records"].to_text() == "10 mx.example.com");
  CHECK(data["ttl"].as_integer() == 60);
  CHECK(data["server"].as_string() == "192.0.2.1#53");
  CHECK(data["ms"].as_double() == doctest::Approx(1.5));
  CHECK(data.find("detail") == nullptr);
}

TEST_CASE("the evidence of a failure has no rcode where nothing was answered, and its reason") {
  Answer answer;
  answer.question.type = RecordType::a;
  answer.detail = "no answer in time";
  auto data = to_evidence(answer).data;
  CHECK(data["outcome"].as_string() == "timeout");
  REQUIRE(data.find("rcode") != nullptr);
  CHECK(data["rcode"].is_null());
  CHECK(data["detail"].as_string() == "no answer in time");
  answer.rcode = 23;
  CHECK(to_evidence(answer).data["rcode"].as_string() == "RCODE23");
}
