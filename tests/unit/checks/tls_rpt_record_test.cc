#include "checks/tls_rpt_record.h"

#include <string>

#include <doctest/doctest.h>

namespace maildiag::checks::tls_rpt {
namespace {

std::string ids(std::string_view text) {
  std::string all;
  for (const auto& problem : parse_record(text).problems)
    all += (all.empty() ? "" : " ") + problem.id.substr(std::string("tls-rpt.").size());
  return all;
}

TEST_CASE("destinations by mail and by web") {
  const auto record =
      parse_record("v=TLSRPTv1; rua=mailto:a@example.com,https://example.com/r?x=1,MAILTO:b@c.kr");
  CHECK(record.usable());
  CHECK(record.problems.empty());
  CHECK(record.uris == std::vector<std::string>{"mailto:a@example.com", "https://example.com/r?x=1",
                                                "MAILTO:b@c.kr"});
  CHECK(ids("v=TLSRPTv1; rua=mailto:a%21b@example.com?subject=x") == "");
  CHECK(ids("v=TLSRPTv1; rua=https://u@example.com:8443/r") == "");
  CHECK(ids("v=TLSRPTv1; rua=https://[2001:db8::1]/r") == "");
}

TEST_CASE("a destination of another scheme or shape is of no use, others of the record are") {
  CHECK(ids("v=TLSRPTv1; rua=http://example.com/") == "uri-scheme no-destination");
  CHECK(ids("v=TLSRPTv1; rua=http://example.com/,mailto:a@example.com") == "uri-scheme");
  for (const std::string uri :
       {"a@example.com", "mailto:", "mailto:a", "mailto:@example.com", "mailto:a@b@example.com",
        "mailto:a@example.com!10m", "mailto:a@localhost", "https:example.com", "https://",
        "https://x", "https://[", "https://example.com/%", "https://example.com/%4",
        "https://example.com/%zz", "https://ex\xc3\xa4mple.com/", "", "mailto:a@exa mple.com"}) {
    CAPTURE(uri);
    CHECK(ids("v=TLSRPTv1; rua=" + uri) == "bad-uri no-destination");
    const auto record = parse_record("v=TLSRPTv1; rua=mailto:a@example.com," + uri);
    CHECK(record.usable());
    CHECK(record.uris.size() == 1);
  }
}

TEST_CASE("fields that nobody knows, twice the same, white space at odd places") {
  CHECK(ids("v=TLSRPTv1; rua=mailto:a@example.com; ruf=x; RUA=y") == "unknown-field unknown-field");
  CHECK(ids("v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com") == "several-rua");
  CHECK(ids("v=TLSRPTv1 ; rua=mailto:a@example.com") == "odd-space");
  CHECK(ids("v=TLSRPTv1; rua=mailto:a@example.com ") == "odd-space");
  CHECK(ids("v=TLSRPTv1 rua=mailto:a@example.com") == "syntax odd-space");
  CHECK(ids("v=TLSRPTv1;") == "no-destination");
  CHECK(ids("v=TLSRPTv1; rua=mailto:a@example.com; x=\x07") == "syntax");
}

TEST_CASE("what a stranger may write stays bounded") {
  std::string commas = "v=TLSRPTv1; rua=";
  commas.append(60000, ',');
  const auto record = parse_record(commas);
  CHECK_FALSE(record.usable());
  CHECK(record.problems.size() <= tls_text::max_problems + 1);
  std::string strange = "v=TLSRPTv1; rua=mailto:a@example.com";
  for (std::size_t i = 0; i < 2 * tls_text::max_problems; ++i) strange += ";x=y";
  CHECK(parse_record(strange).usable());
  CHECK_FALSE(parse_record(strange + ";x=\x07").usable());
  std::string many = "v=TLSRPTv1; rua=mailto:a@example.com";
  for (std::size_t i = 0; i < 2 * max_uris; ++i) many += ",mailto:a@example.com";
  CHECK(parse_record(many).uris.size() == max_uris);
}

TEST_CASE("which texts are records, and which only look like one") {
  CHECK(is_record("v=TLSRPTv1;"));
  CHECK_FALSE(is_record("v=TLSRPTv10;"));
  CHECK(looks_like_record("v=tlsrptv1; rua=mailto:a@example.com"));
  CHECK(looks_like_record("rua=mailto:a@example.com; v=TLSRPTv1"));
  CHECK_FALSE(looks_like_record("v=DMARC1; p=none"));
}

}  // namespace
}  // namespace maildiag::checks::tls_rpt
