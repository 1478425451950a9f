// Our reading of records against ldns's, which read all of them before.
#include "dns/record_decode.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "dns/ldns_handle.h"
#include "dns/rdata.h"

using namespace maildiag;
using namespace maildiag::dns;

namespace {

std::string u16(std::size_t value) {
  return {static_cast<char>(value >> 8U & 0xffU), static_cast<char>(value & 0xffU)};
}

/// The answer section of a message that asks for www.Example.com.
std::string message(std::size_t answers, const std::string& records) {
  return u16(1) + u16(0x8180) + u16(1) + u16(answers) + u16(0) + u16(0) +
         std::string("\3www\7Example\3com\0", 17) + u16(1) + u16(1) + records;
}

std::string record(std::size_t type, const std::string& rdata,
                   const std::string& owner = "\xc0\x0c") {
  return owner + u16(type) + u16(1) + std::string("\0\0\1\x2c", 4) + u16(rdata.size()) + rdata;
}

std::optional<Record> read_by_ldns(std::string_view packet, const WireRecord& at) {
  ldns_rr* rr = nullptr;
  std::size_t position = at.start;
  const auto status = ldns_wire2rr(&rr, reinterpret_cast<const std::uint8_t*>(packet.data()),
                                   packet.size(), &position, LDNS_SECTION_ANSWER);
  if (status != LDNS_STATUS_OK || rr == nullptr) return std::nullopt;
  auto read = record_from(*LdnsRr(rr));
  if (!read) return std::nullopt;
  return std::move(*read);
}

/// The number of records that both read alike.
std::size_t compare(const std::string& packet) {
  std::size_t read = 0;
  if (find_fault(packet)) return read;
  for_each_record(packet, [&](const WireRecord& at) {
    const auto ours = decode_record(packet, at);
    const auto theirs = read_by_ldns(packet, at);
    CAPTURE(at.type);
    REQUIRE(ours.has_value() == theirs.has_value());
    if (!ours) return;
    CHECK(ours->name.wire() == theirs->name.wire());
    CHECK(ours->type == theirs->type);
    CHECK(ours->ttl == theirs->ttl);
    CHECK(ours->data.index() == theirs->data.index());
    CHECK(rdata_to_wire(ours->data) == rdata_to_wire(theirs->data));
    ++read;
  });
  return read;
}

constexpr std::size_t value_types[] = {1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 52, 99, 257};

}  // namespace

TEST_CASE("names in answers are read through their pointers") {
  const auto packet =
      message(3, record(15, u16(10) + "\2mx\xc0\x10") + record(5, "\4mail\xc0\x18") +
                     record(12, "\xc0\x0c", "\1x\xc0\x10"));
  CHECK(compare(packet) == 3);
  std::string told;
  for_each_record(packet, [&](const WireRecord& at) {
    const auto read = decode_record(packet, at).value();
    told += read.name.to_string() + ' ' + rdata_text(read) + '\n';
  });
  CHECK(told ==
        "www.Example.com 10 mx.Example.com\nwww.Example.com mail.com\n"
        "x.Example.com www.Example.com\n");
}

TEST_CASE("addresses and texts are read as ldns reads them") {
  CHECK(compare(message(3, record(1, "\x7f\1\1\2") + record(28, std::string(16, '\x20')) +
                               record(16, std::string("\3a\\\"\0\2\xff ", 8)))) == 3);
  CHECK(compare(message(1, record(16, ""))) == 1);
}

TEST_CASE("random RDATA is read or refused as ldns does") {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same octets each time
  std::size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string rdata(random() % 24, '\0');
    for (auto& octet : rdata) octet = static_cast<char>(random() % (i % 2 == 0 ? 256 : 8));
    // Some that a name may end with.
    if (i % 3 == 0) rdata += "\xc0\x0c";
    if (i % 3 == 1) rdata += '\0';
    read += compare(message(1, record(value_types[random() % std::size(value_types)], rdata)));
  }
  CHECK(read > 1000);
}
