#include <string>

#include <doctest/doctest.h>

#include "checks/mta_sts_policy.h"
#include "checks/mta_sts_record.h"
#include "checks/tls_rpt_record.h"
#include "support/dmarc_suite.h"

namespace maildiag::checks {
namespace {

using namespace test;

TEST_CASE("RFC 8461: records, policies and MX hosts of the conformance table") {
  const auto file = conformance_file("mtasts/mtasts.json");
  if (!file) {
    MESSAGE("skipped: no conformance table (set MAILDIAG_CONFORMANCE)");
    return;
  }
  const auto table = load_json(*file);
  CHECK(table.at("record").size() == 18);
  for (const auto& test : table.at("record")) {
    const auto text = suite_detail::octets(test.at("text"));
    CAPTURE(text);
    const bool valid = mta_sts::is_record(text) && mta_sts::parse_record(text).usable();
    CHECK(valid == test.at("valid").get<bool>());
  }
  CHECK(table.at("policy").size() == 24);
  for (const auto& test : table.at("policy")) {
    const auto text = suite_detail::octets(test.at("text"));
    CAPTURE(text);
    CHECK(mta_sts::parse_policy(text).usable() == test.at("valid").get<bool>());
  }
  const auto& match = table.at("mx_match");
  CHECK(match.at("cases").size() == 5);
  for (const auto& test : match.at("cases")) {
    const auto host = test.at("mx").get<std::string>();
    CAPTURE(host);
    bool matched = false;
    for (const auto& pattern : match.at("policy_mx"))
      matched = matched || mta_sts::matches(pattern.get<std::string>(), raw_name(host));
    CHECK(matched == test.at("match").get<bool>());
  }
}

TEST_CASE("RFC 8460: records of the conformance table") {
  const auto file = conformance_file("tlsrpt/tlsrpt.json");
  if (!file) {
    MESSAGE("skipped: no conformance table (set MAILDIAG_CONFORMANCE)");
    return;
  }
  const auto table = load_json(*file);
  CHECK(table.size() == 20);
  for (const auto& test : table) {
    const auto text = suite_detail::octets(test.at("text"));
    CAPTURE(text);
    const bool valid = tls_rpt::is_record(text) && tls_rpt::parse_record(text).usable();
    CHECK(valid == test.at("valid").get<bool>());
  }
}

}  // namespace
}  // namespace maildiag::checks
