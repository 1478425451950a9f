#include "dns/record.h"

#include <doctest/doctest.h>

#include "dns/codec.h"

using namespace maildiag;
using namespace maildiag::dns;

namespace {

Record parse(RecordType type, const std::string& rdata) {
  return parse_record(DomainName::parse("x.example").value(), type, 300, rdata).value();
}

}  // namespace

TEST_CASE("types have names, and those without one a number") {
  CHECK(to_string(RecordType::mx) == "MX");
  CHECK(to_string(static_cast<RecordType>(1234)) == "TYPE1234");
  CHECK(record_type_from("mx") == RecordType::mx);
  CHECK(record_type_from("AAAA") == RecordType::aaaa);
  CHECK(record_type_from("type1234") == static_cast<RecordType>(1234));
  CHECK(record_type_from("TYPE15") == RecordType::mx);
  for (const char* wrong : {"", "MXX", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "15"}) {
    CAPTURE(wrong);
    CHECK_FALSE(record_type_from(wrong).has_value());
  }
}

TEST_CASE("RDATA text reads back as the same record") {
  const std::pair<RecordType, const char*> examples[] = {
      {RecordType::a, "192.0.2.1"},
      {RecordType::aaaa, "2001:db8::1"},
      {RecordType::mx, "10 mail.example.com"},
      {RecordType::mx, "0 ."},
      {RecordType::txt, R"("v=spf1 -all")"},
      {RecordType::txt, R"("" "two" "a;b")"},
      {RecordType::txt, R"("quote \" backslash \\ \000\009\200\255")"},
      {RecordType::spf, R"("v=spf1 ?all")"},
      {RecordType::ptr, "host.example.com"},
      {RecordType::cname, "_x.example.com"},
      {RecordType::ns, "."},
      {RecordType::soa, "ns.example.com first\\.last.example.com 1 2 3 4 5"},
      {RecordType::srv, "1 2 5060 sip.example.com"},
      {RecordType::tlsa, "3 1 1 00ff10"},
      {RecordType::caa, R"(128 issue "ca.example; x=1")"},
      {static_cast<RecordType>(65280), R"(\# 3 0a00ff)"},
      {static_cast<RecordType>(65280), R"(\# 0)"},
      {RecordType::ds, "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118"},
  };
  for (const auto& [type, text] : examples) {
    CHECK(rdata_text(parse(type, text)) == std::string(text));
  }
}

TEST_CASE("strings keep their octets") {
  const auto txt = std::get<TxtData>(parse(RecordType::txt, R"("a\000b" "\255")").data);
  REQUIRE(txt.strings.size() == 2);
  CHECK(txt.strings[0] == std::string("a\0b", 3));
  CHECK(txt.joined() == std::string("a\0b\xff", 4));
}

TEST_CASE("what is not the RDATA of its type is an error that shows it") {
  const std::pair<RecordType, const char*> examples[] = {
      {RecordType::a, "192.0.2"},           {RecordType::aaaa, "192.0.2.1"},
      {RecordType::mx, "mail.example.com"}, {RecordType::ptr, "a..b"},
      {RecordType::soa, "a. b. 1 2"},       {RecordType::a, ""},
  };
  for (const auto& [type, text] : examples) {
    const std::string shown = text;
    CAPTURE(shown);
    const auto record = parse_record(DomainName(), type, 300, text);
    REQUIRE_FALSE(record.has_value());
    CHECK(record.error().code == ErrorCode::bad_data);
    CHECK(record.error().message.find(text) != std::string::npos);
  }
}

TEST_CASE("a control character in RDATA is an error") {
  for (const auto text : {std::string_view("3 11 1 \v\0", 9), std::string_view("3 1 1\t00ff"),
                          std::string_view("3 1 1 00ff\x7f")}) {
    const auto record = parse_record(DomainName(), RecordType::tlsa, 300, std::string(text));
    REQUIRE_FALSE(record.has_value());
    CHECK(record.error().message == "the data of a record of type TLSA hold a control character");
  }
}

TEST_CASE("RDATA that does not fit its type falls back to the generic form") {
  CHECK(raw_rdata_text(RecordType::ds, "ab") == R"(\# 2 6162)");
  CHECK(raw_rdata_text(RecordType::rrsig, "") == R"(\# 0)");
  // ldns would print the tab as it is.
  CHECK(raw_rdata_text(RecordType{13}, std::string("\3a\tb\1c")) == R"("a\009b" "c")");
}
