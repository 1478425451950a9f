#include "dns/wire_message.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "dns/record.h"
#include "dns/reply.h"

using namespace maildiag;
using namespace maildiag::dns;

namespace {

std::string u16(std::size_t value) {
  return {static_cast<char>(value >> 8U & 0xffU), static_cast<char>(value & 0xffU)};
}

const std::string question_name("\7example\0", 9);

/// A response to "example A" with these records, the counts as told.
std::string message(std::size_t answers, const std::string& records, std::size_t authorities = 0) {
  return u16(1) + u16(0x8180) + u16(1) + u16(answers) + u16(authorities) + u16(0) + question_name +
         u16(1) + u16(1) + records;
}

std::string record(RecordType type, const std::string& rdata,
                   const std::string& owner = "\xc0\x0c") {
  return owner + u16(static_cast<std::size_t>(type)) + u16(1) + std::string(4, '\0') +
         u16(rdata.size()) + rdata;
}

Reply read(const std::string& packet, RecordType type = RecordType::a) {
  return read_reply(packet, Question{DomainName::parse("example").value(), type});
}

}  // namespace

TEST_CASE("names are skipped with and without pointers") {
  const auto packet = message(0, "\3www\xc0\x0c");
  CHECK(skip_name(packet, 12) == 21);
  CHECK(skip_name(packet, 25) == 31);
  CHECK(skip_name(std::string(1, '\0'), 0) == 1);
}

TEST_CASE("names that leave the packet, loop or are too long") {
  const std::string examples[] = {
      "",         "\3ww",  "\3www", "\xc0", std::string("\xc0\0", 2), std::string("\3www\xc0\0", 6),
      "\xc0\x05", "\x40x", "\x80x",
  };
  for (const auto& name : examples) {
    CAPTURE(name.size());
    CHECK_FALSE(skip_name(name, 0).has_value());
  }
  std::string labels;
  for (int i = 0; i < 128; ++i) labels += std::string("\1a", 2);
  CHECK_FALSE(skip_name(labels + '\0', 0).has_value());
  CHECK(skip_name(labels.substr(0, 254) + '\0', 0) == 255);
}

TEST_CASE("pointers must go back, and not too often") {
  const std::string header(header_size, '\0');
  std::string chain = header + std::string("\1a\0", 3);
  for (std::size_t i = 0; i < most_pointers; ++i) {
    const std::size_t target = i == 0 ? header_size : chain.size() - 2;
    chain += u16(0xc000 | target);
  }
  CHECK(skip_name(chain, chain.size() - 2) == chain.size());
  chain += u16(0xc000 | (chain.size() - 2));
  CHECK_FALSE(skip_name(chain, chain.size() - 2).has_value());
  // Each points at the other.
  CHECK_FALSE(skip_name(header + u16(0xc00e) + u16(0xc00c), 12).has_value());
  CHECK_FALSE(skip_name(header + u16(0xc00e) + u16(0xc00c), 14).has_value());
  // The header holds no name, though its zeros could be taken for the root.
  CHECK_FALSE(skip_name(header + u16(0xc000), 12).has_value());
  CHECK_FALSE(skip_name(header + u16(0xc00b), 12).has_value());
}

TEST_CASE("whole messages: what the guard refuses") {
  const auto address = record(RecordType::a, "\x7f\1\1\2");
  CHECK_FALSE(find_fault(message(0, "")).has_value());
  CHECK_FALSE(find_fault(message(1, address)).has_value());

  CHECK(find_fault(message(2, address)).has_value());
  CHECK(find_fault(message(most_records + 1, address)) == "too many records");
  CHECK(find_fault(message(1, record(RecordType::txt, std::string(most_strings + 1, '\0')))) ==
        "too many strings in one record");
  CHECK_FALSE(
      find_fault(message(1, record(RecordType::txt, std::string(most_strings, '\0')))).has_value());
  CHECK(find_fault(message(1, record(RecordType::mx, "\1"))).has_value());
  CHECK(find_fault(message(1, record(RecordType::mx, std::string("\0\1\xc0\x0c trailing", 13))))
            .has_value());
  CHECK(find_fault(message(1, record(RecordType::soa, std::string(3, '\0')))).has_value());
  CHECK(find_fault(message(1, record(RecordType::cname, ""))).has_value());
  for (std::size_t length = header_size; length < message(1, address).size(); ++length) {
    CAPTURE(length);
    CHECK(find_fault(message(1, address).substr(0, length)).has_value());
  }
}

TEST_CASE("an address of a wrong length is none") {
  for (const std::size_t size : {0U, 3U, 5U, 16U}) {
    CAPTURE(size);
    const auto packet = message(1, record(RecordType::a, std::string(size, '\1')));
    CHECK(read(packet).outcome == Outcome::malformed);
  }
  for (const std::size_t size : {0U, 4U, 15U, 17U}) {
    CAPTURE(size);
    const auto packet = message(1, record(RecordType::aaaa, std::string(size, '\1')));
    CHECK(read(packet, RecordType::aaaa).outcome == Outcome::malformed);
  }
  CHECK(read(message(1, record(RecordType::a, "abcd"))).outcome == Outcome::answer);
}

TEST_CASE("a count that leaves octets over hides records: nothing can be said then") {
  const auto address = record(RecordType::a, "\x7f\1\1\2");
  CHECK(find_fault(message(1, address) + "octets").has_value());
  CHECK(read(message(0, address)).outcome == Outcome::malformed);
  CHECK(read(message(1, address + address)).outcome == Outcome::malformed);
}

TEST_CASE("records of other types are dropped before they are decoded") {
  const auto broken = record(RecordType::caa, "\1");
  const auto reply = read(message(2, broken + record(RecordType::a, "\x7f\1\1\2")));
  CHECK(reply.outcome == Outcome::answer);
  REQUIRE(reply.records.size() == 1);
  CHECK(rdata_text(reply.records[0]) == "127.1.1.2");
  CHECK(read(message(1, broken), RecordType::caa).outcome == Outcome::malformed);
}

TEST_CASE("records of other types alone say nothing about what was asked") {
  const auto text = record(RecordType::txt, std::string("\1x", 2));
  CHECK(read(message(1, text)).outcome == Outcome::malformed);
  CHECK(read(message(1, text), RecordType::mx).outcome == Outcome::malformed);
  const auto alias = record(RecordType::cname, std::string("\1x\0", 3));
  CHECK(read(message(2, alias + text)).outcome == Outcome::malformed);
  CHECK(read(message(1, text), RecordType::any).outcome == Outcome::answer);
  // A signature may stand beside an alias, but where there is nothing to sign, a flipped bit has
  // made it: TXT and SIG, MX and NSEC differ in one.
  const auto signature = record(RecordType::rrsig, std::string(18, '\1'));
  CHECK(read(message(2, alias + signature)).outcome == Outcome::nodata);
  CHECK(read(message(1, signature)).outcome == Outcome::malformed);
  CHECK(read(message(1, record(RecordType{24}, "x")), RecordType::txt).outcome ==
        Outcome::malformed);
  CHECK(read(message(1, record(RecordType::nsec, "x")), RecordType::mx).outcome ==
        Outcome::malformed);
}

TEST_CASE("a message that says nothing tells why") {
  const auto text = record(RecordType::txt, std::string("\1x", 2));
  CHECK(read(message(1, record(RecordType::caa, "\1")), RecordType::caa).detail ==
        "a record's data does not fit its type");
  CHECK(read(message(1, text)).detail == "no record of the asked type, but of others");
  auto chaos = record(RecordType::a, "abcd");
  chaos[5] = 3;
  CHECK(read(message(1, chaos)).detail == "a record of another class");
}

TEST_CASE("types without a value type keep their octets") {
  const auto type = static_cast<RecordType>(65280);
  const auto reply = read(message(1, record(type, "\1\2\3")), type);
  REQUIRE(reply.records.size() == 1);
  CHECK(reply.records[0].name == DomainName::parse("example").value());
  CHECK(std::get<RawData>(reply.records[0].data).octets == "\1\2\3");
}

TEST_CASE("an answer about another name is none, whatever else it says") {
  const auto address = record(RecordType::a, "\x7f\1\1\2");
  const auto stranger = record(RecordType::a, "\x06\6\6\6", std::string("\5other\0", 7));
  const auto alias =
      record(RecordType::cname, std::string("\1x\0", 3), std::string("\5other\0", 7));
  for (const auto& packet : {message(1, stranger), message(2, address + stranger),
                             message(2, stranger + address), message(1, alias)}) {
    const auto reply = read(packet);
    CHECK(reply.outcome == Outcome::malformed);
    CHECK(reply.records.empty());
  }
}

TEST_CASE("every name of a CNAME chain belongs to the answer") {
  const auto alias = record(RecordType::cname, std::string("\1x\0", 3));
  const auto address = record(RecordType::a, "\x7f\1\1\2", std::string("\1x\0", 3));
  CHECK(read(message(2, alias + address)).records.size() == 1);
  CHECK(read(message(2, address + alias)).records.size() == 1);
}

TEST_CASE("a DNAME record above the name belongs to the answer, one elsewhere does not") {
  const auto above = record(RecordType::dname, std::string("\1y\0", 3), std::string("\0", 1));
  const auto alias = record(RecordType::cname, std::string("\1x\0", 3));
  CHECK(read(message(1, above), RecordType::dname).outcome == Outcome::nodata);
  const auto chased = read(message(2, above + alias), RecordType::dname);
  CHECK(chased.outcome == Outcome::nodata);
  CHECK(chased.ask_on == DomainName::parse("x").value());
  CHECK(read(message(1, record(RecordType::dname, std::string("\1y\0", 3))), RecordType::dname)
            .records.size() == 1);
  const auto elsewhere =
      record(RecordType::dname, std::string("\1y\0", 3), std::string("\5other\0", 7));
  CHECK(read(message(1, elsewhere), RecordType::dname).outcome == Outcome::malformed);
}

TEST_CASE("a record of another class is no answer to a question of class IN") {
  auto chaos = record(RecordType::a, "\x7f\1\1\2");
  chaos[5] = 3;
  CHECK(read(message(1, chaos)).outcome == Outcome::malformed);
  CHECK(read(message(2, chaos + record(RecordType::a, "\x7f\1\1\2"))).outcome ==
        Outcome::malformed);
}

TEST_CASE("random octets behind a valid header neither crash nor take long") {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same octets each time
  for (int i = 0; i < 20'000; ++i) {
    std::string tail(random() % 120, '\0');
    for (auto& octet : tail) octet = static_cast<char>(random() % (i % 2 == 0 ? 256 : 20));
    const auto type = static_cast<RecordType>(random() % 60);
    const auto reply = read(message(random() % 4, tail, random() % 2), type);
    for (const auto& one : reply.records) CHECK_FALSE(rdata_text(one).empty());
  }
}

TEST_CASE("random RDATA of every type is decoded or refused") {
  std::mt19937 random(2);  // NOLINT(cert-msc51-cpp): the same octets each time
  for (int i = 0; i < 20'000; ++i) {
    std::string rdata(1 + random() % 40, '\0');
    for (auto& octet : rdata) octet = static_cast<char>(random() % (i % 2 == 0 ? 256 : 20));
    const auto type = static_cast<RecordType>(1 + random() % 70);
    const auto reply = read(message(1, record(type, rdata)), type);
    for (const auto& one : reply.records) CHECK_FALSE(rdata_text(one).empty());
  }
}
