#include "dns/rdata.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "dns/hex.h"

using namespace maildiag;
using dns::from_hex;
using dns::RecordType;
using dns::to_hex;

namespace {

struct Sample {
  RecordType type;
  const char* octets;
  const char* text;
};

const std::vector<Sample> samples{
    {RecordType::a, "c0000201", "192.0.2.1"},
    {RecordType::aaaa, "20010db8000000000000000000000001", "2001:db8::1"},
    {RecordType::mx, "000a046d61696c0265780000", nullptr},
    {RecordType::mx, "000a046d61696c02657800", "10 mail.ex"},
    {RecordType::mx, "000000", "0 ."},
    {RecordType::ns, "016102657800", "a.ex"},
    {RecordType::txt, "0361626300", "\"abc\" \"\""},
    {RecordType::txt, "0300ff22", "\"\\000\\255\\\"\""},
    {RecordType::spf, "0178", "\"x\""},
    {RecordType::soa, "016100016200000000010000000200000003000000040000ffff", "a b 1 2 3 4 65535"},
    {RecordType::srv, "000100020019016d00", "1 2 25 m"},
    {RecordType::tlsa, "03010100ff", "3 1 1 00ff"},
    {RecordType::caa, "00056973737565636122", "0 issue \"ca\\\"\""},
    {RecordType::caa, "00012361", "\\# 4 00012361"},
    {static_cast<RecordType>(65280), "00ff", "\\# 2 00ff"},
    {static_cast<RecordType>(65280), "", "\\# 0"},
};

}  // namespace

TEST_CASE("RDATA survives the way through its value") {
  for (const auto& sample : samples) {
    const auto [type, digits, text] = sample;
    CAPTURE(sample.octets);
    const auto data = dns::rdata_from_wire(type, *from_hex(digits));
    CHECK(data.has_value() == (text != nullptr));
    if (!data) continue;
    CHECK(to_hex(dns::rdata_to_wire(*data)) == digits);
    CHECK(dns::rdata_text({DomainName(), type, 0, *data}) == text);
  }
}

TEST_CASE("RDATA that is cut short or too long is refused") {
  for (const auto& sample : samples) {
    const auto [type, digits, text] = sample;
    if (text == nullptr || type == RecordType::tlsa || type == RecordType::caa ||
        type == static_cast<RecordType>(65280)) {
      continue;  // these end wherever the octets end
    }
    CAPTURE(sample.octets);
    const auto octets = *from_hex(digits);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      // A record without strings, and the first of two strings, are complete.
      const bool strings = type == RecordType::txt || type == RecordType::spf;
      if (strings && (size == 0 || size == 4)) continue;
      CHECK_FALSE(dns::rdata_from_wire(type, octets.substr(0, size)));
    }
    CHECK_FALSE(dns::rdata_from_wire(type, octets + '\1'));
  }
}

TEST_CASE("names in RDATA: no pointers, no long labels, no long names") {
  CHECK_FALSE(dns::rdata_from_wire(RecordType::ns, std::string("\xc0\x0c", 2)));
  CHECK_FALSE(dns::rdata_from_wire(
      RecordType::ns, std::string("\x40", 1) + std::string(64, 'x') + std::string(1, '\0')));
  std::string name;
  for (int i = 0; i < 127; ++i) name += "\1x";
  CHECK(dns::rdata_from_wire(RecordType::ns, name + '\0'));
  CHECK_FALSE(dns::rdata_from_wire(RecordType::ns, name + "\1x" + '\0'));
}

TEST_CASE("TXT of empty strings, which costs ldns a gigabyte, is read in no time") {
  const auto data = dns::rdata_from_wire(RecordType::txt, std::string(65'535, '\0'));
  REQUIRE(data);
  CHECK(std::get<dns::TxtData>(*data).strings.size() == 65'535);
}

TEST_CASE("hexadecimal") {
  CHECK(to_hex(std::string("\x00\xff\x0a", 3)) == "00ff0a");
  CHECK(from_hex("00FF0a") == std::string("\x00\xff\x0a", 3));
  CHECK(from_hex("").has_value());
  for (const auto* broken : {"0", "0g", " 0", "0x", "+1", "-1"}) CHECK_FALSE(from_hex(broken));
}
