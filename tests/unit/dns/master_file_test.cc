#include "dns/master_file.h"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temporary_file.h"

using namespace maildiag;
using maildiag::dns::parse_master_file;

namespace {

/// Each record as "name ttl type rdata".
std::vector<std::string> lines_of(std::string_view text) {
  const auto file = parse_master_file("z", text);
  REQUIRE_MESSAGE(file, file.error().message);
  std::vector<std::string> lines;
  for (const auto& [record, line, origin] : file->records) {
    lines.push_back(record.name.to_string() + " " + std::to_string(record.ttl) + " " +
                    to_string(record.type) + " " + rdata_text(record));
  }
  return lines;
}

std::string line_of(std::string_view entry) {
  const auto lines = lines_of("$ORIGIN e.\n$TTL 5\n" + std::string(entry) + "\n");
  REQUIRE(lines.size() == 1);
  return lines[0];
}

std::string error_of(std::string_view text) {
  const auto file = parse_master_file("z", text);
  if (file) return "no error";
  CHECK(file.error().code == ErrorCode::bad_data);
  return file.error().message;
}

/// The error of an entry in the third line.
std::string entry_error(std::string_view entry) {
  return error_of("$ORIGIN e.\n$TTL 5\n" + std::string(entry) + "\n");
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("owners: relative, absolute, @ and left out") {
  CHECK(lines_of(
            "$ORIGIN e.\n$TTL 1\n@ A 192.0.2.1\na A 192.0.2.2\n\tA 192.0.2.3\nb.f. A 192.0.2.4\n"
            " A 192.0.2.5\n") == Lines{"e 1 A 192.0.2.1", "a.e 1 A 192.0.2.2", "a.e 1 A 192.0.2.3",
                                       "b.f 1 A 192.0.2.4", "b.f 1 A 192.0.2.5"});
  CHECK(line_of("A A 192.0.2.1") == "A.e 5 A 192.0.2.1");  // a type's name as the owner
  CHECK(line_of("a\\.b A 192.0.2.1") == "a\\.b.e 5 A 192.0.2.1");
  CHECK(line_of("a\\. A 192.0.2.1") == "a\\..e 5 A 192.0.2.1");   // not absolute
  CHECK(line_of("a\\\\. A 192.0.2.1") == "a\\\\ 5 A 192.0.2.1");  // absolute
  CHECK(line_of("\\000\\255 A 192.0.2.1") == "\\000\\255.e 5 A 192.0.2.1");
  CHECK(line_of("* A 192.0.2.1") == "*.e 5 A 192.0.2.1");
  CHECK(line_of("\\@ A 192.0.2.1") == "\\@.e 5 A 192.0.2.1");
}

TEST_CASE("$ORIGIN may be relative to the one before") {
  CHECK(lines_of("$ORIGIN e.\n$TTL 1\n$origin sub\na A 192.0.2.1\n$ORIGIN @\nb MX 1 c\n"
                 "$ORIGIN .\nd NS f\n") ==
        Lines{"a.sub.e 1 A 192.0.2.1", "b.sub.e 1 MX 1 c.sub.e", "d 1 NS f"});
}

TEST_CASE("without $ORIGIN the SOA's name is the origin, also of its own data") {
  CHECK(lines_of("e. 9 SOA ns host 1 2 3 4 5\nwww A 192.0.2.1\n") ==
        Lines{"e 9 SOA ns.e host.e 1 2 3 4 5", "www.e 9 A 192.0.2.1"});
  CHECK(error_of("e. A 192.0.2.1\n") == "z:1: no zone yet: begin with $ORIGIN or an SOA");
  CHECK(error_of("\n@ SOA ns host 1 2 3 4 5\n") ==
        "z:2: @ is relative, and no $ORIGIN stands before it");
  CHECK(error_of("$ORIGIN e\n") == "z:1: e is relative, and no $ORIGIN stands before it");
}

TEST_CASE("TTL and class, in either order, or left out") {
  CHECK(line_of("a 60 IN A 192.0.2.1") == "a.e 60 A 192.0.2.1");
  CHECK(line_of("a IN 60 A 192.0.2.1") == "a.e 60 A 192.0.2.1");
  CHECK(line_of("a in A 192.0.2.1") == "a.e 5 A 192.0.2.1");
  CHECK(line_of("a CLASS1 A 192.0.2.1") == "a.e 5 A 192.0.2.1");
  CHECK(line_of("a 0 A 192.0.2.1") == "a.e 0 A 192.0.2.1");
  CHECK(line_of("a 1W2D3h4m5S A 192.0.2.1") == "a.e 788645 A 192.0.2.1");
  CHECK(line_of("a 2147483647 A 192.0.2.1") == "a.e 2147483647 A 192.0.2.1");
  CHECK(entry_error("a 2147483648 A 192.0.2.1").find("is no TTL") != std::string::npos);
  CHECK(entry_error("a 99999999999999999999w A 192.0.2.1").find("is no TTL") != std::string::npos);
  CHECK(entry_error("a 60x A 192.0.2.1").find("60x is no TTL") != std::string::npos);
  CHECK(entry_error("a CH A 192.0.2.1") == "z:3: a record of another class than IN");
  CHECK(entry_error("a CLASS3 A 192.0.2.1") == "z:3: a record of another class than IN");
  CHECK(entry_error("a IN IN A 192.0.2.1") == "z:3: IN is not a record type");
}

TEST_CASE("a TTL that is left out is $TTL, else that of the record before, else an hour") {
  CHECK(lines_of("$ORIGIN e.\na A 192.0.2.1\na 7 A 192.0.2.2\na A 192.0.2.3\n$TTL 1m\n"
                 "a A 192.0.2.4\n") == Lines{"a.e 3600 A 192.0.2.1", "a.e 7 A 192.0.2.2",
                                             "a.e 7 A 192.0.2.3", "a.e 60 A 192.0.2.4"});
}

TEST_CASE("TXT: quotes, several strings, any octet") {
  CHECK(line_of(R"x(a TXT "one" two "three;(four)")x") ==
        R"x(a.e 5 TXT "one" "two" "three;(four)")x");
  CHECK(line_of(R"(a TXT "a\"b\\c\000\255" d\;e)") == R"(a.e 5 TXT "a\"b\\c\000\255" "d;e")");
  CHECK(line_of(R"(a TXT "")") == R"(a.e 5 TXT "")");
  CHECK(line_of(R"(a TXT "x""y")") == R"(a.e 5 TXT "x" "y")");
  CHECK(line_of("a TXT ( \"x\" ; comment ) \"\n\t\"y\" )") == R"(a.e 5 TXT "x" "y")");
  CHECK(line_of("a SPF \"v=spf1 -all\"") == R"(a.e 5 SPF "v=spf1 -all")");
  CHECK(line_of("a TYPE16 \"x\"") == R"(a.e 5 TXT "x")");
  const std::string longest(255, 'x');
  CHECK(line_of("a TXT \"" + longest + "\"") == "a.e 5 TXT \"" + longest + "\"");
  CHECK(entry_error("a TXT \"" + longest + "x\"").starts_with("z:3: not the data of a record"));
  CHECK(entry_error("a TXT \"\\256\"").starts_with("z:3: not the data of a record of type TXT"));
  // LeakSanitizer sees the octets that ldns 1.8.3 would lose.
  CHECK(line_of("a CERT PKIX 1 5 AQAB").starts_with("a.e 5 TYPE37 "));
  CHECK(line_of("a CERT 65534 1 5 AQAB").starts_with("a.e 5 TYPE37 "));
  for (const auto* zero :
       {"0", "00", "-0", "+65536", "65536", "-9223372036854775809", "-9223372036854775808",
        "9223372036854775808", "99999999999999999999999", "+0", "\"0\"", "\"\"", "\" 0\"", "\\048",
        "\"\\009+0\"", "+1", "-65536", "0x0"})
    CHECK(
        entry_error(std::string("a CERT ") + zero + " 1 5 AQAB").starts_with("z:3: not the data"));
}

TEST_CASE("a TXT record may have as many strings as fit") {
  std::string entry = "a TXT", expected = "a.e 5 TXT";
  for (int i = 0; i < 250; ++i) {
    const std::string part = " \"" + std::string(255, 'y') + "\"";
    entry += part;
    expected += part;
  }
  CHECK(line_of(entry) == expected);
  CHECK(entry_error(entry + entry.substr(5)) == "z:3: RDATA of more than 65535 characters");
}

TEST_CASE("types beyond those with values") {
  CHECK(line_of("a TYPE65280 \\# 3 01 02ff") == "a.e 5 TYPE65280 \\# 3 0102ff");
  CHECK(line_of("a TYPE65280 \\# 0") == "a.e 5 TYPE65280 \\# 0");
  CHECK(line_of("a A \\# 4 C0000201") == "a.e 5 A 192.0.2.1");
  CHECK(line_of("a MX \\# 7 000a 0161 0162 00") == "a.e 5 MX 10 a.b");
  CHECK(line_of("a SRV 1 2 25 mail") == "a.e 5 SRV 1 2 25 mail.e");
  CHECK(line_of("a TLSA 3 1 1 00ff") == "a.e 5 TLSA 3 1 1 00ff");
  CHECK(line_of("a CAA 0 issue \"ca.example\"") == "a.e 5 CAA 0 issue \"ca.example\"");
  CHECK(line_of("a CAA 0 issue ca.example") == "a.e 5 CAA 0 issue \"ca.example\"");
  CHECK(line_of("a HINFO \"x y\" z").starts_with("a.e 5 TYPE13 "));
  CHECK(entry_error("a A \\# 3 C00002").starts_with("z:3: not the data"));
  CHECK(entry_error("a A \\# 4 C00002").starts_with("z:3: not the data"));
  CHECK(entry_error("a TYPE65280 \\# 2 00").starts_with("z:3: not the data"));
  CHECK(entry_error("a TYPE65280 \\# x 00").starts_with("z:3: not the data"));
  CHECK(entry_error("a TYPE65280 00").starts_with("z:3: not the data"));
  CHECK(entry_error("a TXTT x") == "z:3: TXTT is not a record type");
  CHECK(entry_error("a OPT \\# 0") == "z:3: OPT is not a record type");
  CHECK(entry_error("a ANY x") == "z:3: ANY is not a record type");
  CHECK(entry_error("a TYPE65536 \\# 0") == "z:3: TYPE65536 is not a record type");
}

TEST_CASE("numbers that do not fit are refused, not taken modulo") {
  CHECK(line_of("a MX 65535 m") == "a.e 5 MX 65535 m.e");
  CHECK(entry_error("a MX 65536 m").starts_with("z:3: not the data of a record of type MX: 65536"));
  CHECK(entry_error("a MX -1 m").starts_with("z:3: not the data"));
  CHECK(entry_error("a SRV 1 2 65561 m").starts_with("z:3: not the data"));
  CHECK(entry_error("a SOA n h 4294967296 1 1 1 1").starts_with("z:3: not the data"));
  CHECK(entry_error("a TLSA 259 1 1 00").starts_with("z:3: not the data"));
}

TEST_CASE("what is broken is refused with its line") {
  CHECK(entry_error("a MX mail") == "z:3: not the data of a record of type MX: mail");
  CHECK(entry_error("a MX 10") == "z:3: not the data of a record of type MX: 10");
  CHECK(entry_error("a A 192.0.2.1 192.0.2.2").starts_with("z:3: not the data"));
  CHECK(entry_error("a A 192.0.2.256").starts_with("z:3: not the data"));
  CHECK(entry_error("a A").starts_with("z:3: not the data"));
  CHECK(entry_error("a") == "z:3: a record without a type");
  CHECK(entry_error(" A 192.0.2.1") ==
        "z:3: a record without a name, and none before it to take the name of");
  CHECK(entry_error("a..b A 192.0.2.1") == "z:3: a..b is not a domain name");
  CHECK(entry_error(".a A 192.0.2.1") == "z:3: .a is not a domain name");
  CHECK(entry_error("a NS .host").starts_with("z:3: not the data"));
  CHECK(entry_error(std::string(64, 'x') + " A 192.0.2.1").ends_with("is not a domain name"));
  CHECK(entry_error("a TXT \"x\n") == "z:3: a quoted string without its end");
  CHECK(entry_error("a TXT \"x\ny\"\n") == "z:3: a quoted string without its end");
  CHECK(entry_error("a TXT (\n\"x\"\n") == "z:3: a ( without a )");
  CHECK(entry_error("a TXT x )") == "z:3: a ) without a (");
  CHECK(entry_error("a TXT ((x))") == "z:3: a parenthesis within parentheses");
  CHECK(entry_error("a TXT x\\") == "z:3: a backslash without a character to escape");
  CHECK(entry_error("a TXT (\n\n\"x\n)") == "z:5: a quoted string without its end");
  CHECK(entry_error("a TXT (\nx\n)\nb MX x") == "z:6: not the data of a record of type MX: x");
  CHECK(entry_error("a MX (\n10 ; a\n)\n") == "z:3: not the data of a record of type MX: 10");
  CHECK(entry_error(std::string("a TXT x\0y", 9)) == "z:3: a NUL octet: write it as \\000");
  CHECK(entry_error(std::string("a TXT \"x\\\0y\"", 12)) == "z:3: a NUL octet: write it as \\000");
  CHECK(error_of("") == "z: a zone file without a record");
  CHECK(error_of("; nothing\n\n$ORIGIN e.\n") == "z: a zone file without a record");
}

TEST_CASE("directives that are not for us are refused") {
  CHECK(error_of("$ORIGIN e.\n$INCLUDE other\n").starts_with("z:2: $INCLUDE is not supported"));
  CHECK(error_of("$GENERATE 1-3 a$ A 192.0.2.$\n") ==
        "z:1: unknown or unsupported directive $GENERATE");
  CHECK(error_of("$TTL\n").starts_with("z:1: $TTL takes"));
  CHECK(error_of("$TTL x\n").starts_with("z:1: $TTL takes"));
  CHECK(error_of("$TTL 1h30\n") == "z: a zone file without a record");
  CHECK(error_of("$ORIGIN\n") == "z:1: $ORIGIN takes one name");
  CHECK(error_of("$ORIGIN a. b.\n") == "z:1: $ORIGIN takes one name");
}

TEST_CASE("an error message cannot carry control characters or megabytes") {
  const auto message = entry_error("a MX \x1b[31m" + std::string(60'000, 'x'));
  CHECK(message.find('\x1b') == std::string::npos);
  CHECK(message.size() < 300);
  CHECK(entry_error(std::string(100'000, 'x') + " A 192.0.2.1").size() < 600);
}

TEST_CASE("CRLF, a byte order mark and a missing last line end do not matter") {
  CHECK(lines_of("\xef\xbb\xbf$ORIGIN e.\r\n$TTL 1\r\na TXT (\r\n x )\r\n; c\r\n\r\nb TXT y") ==
        Lines{"a.e 1 TXT \"x\"", "b.e 1 TXT \"y\""});
}

TEST_CASE("files above the limits are refused") {
  CHECK(entry_error("a TXT (" + std::string(80'000, '\n') + ")").starts_with("z:3: not the data"));
  std::string words = "a TXT (";
  for (int i = 0; i < 40'000; ++i) words += "x\n";
  CHECK(entry_error(words) == "z:3: an entry without end");
  const test::TemporaryFile large(std::string((std::size_t{64} << 20U) + 1, '\n'));
  const auto file = dns::read_master_file(large.path());
  REQUIRE_FALSE(file);
  CHECK(file.error().code == ErrorCode::bad_data);
  CHECK(file.error().message == large.path() + ": larger than 64 MiB, the most that is read");
}

TEST_CASE("long names that a few octets stand for are counted as they are held") {
  const std::string label(60, 'x');
  std::string text = "$ORIGIN " + label + "." + label + "." + label + "." + label + ".\n";
  for (int i = 0; i < 200'000; ++i) text += "@ SOA @ @ 1 1 1 1 1\n";
  CHECK(error_of(text).ends_with(": more than 128 MiB of names and data, the most that is read"));
}

TEST_CASE("no text crashes the parser or keeps it long") {
  const std::string seed =
      "$ORIGIN e.\n$TTL 1h\n@ IN SOA a b 1 2 3 4 5\na 5 TXT ( \"x\\000\" ; c\n y )\n* MX 1 \\@.\n"
      "b TYPE9 \\# 2 0a0b\n_x._tcp SRV 1 2 3 .\nc CAA 0 issue \"z\"\nd HINFO \"a\" b\n";
  REQUIRE(error_of(seed) == "no error");
  const std::string alphabet("\"();\\$@.\n\t \0\xff#0a9", 18);
  unsigned state = 1;
  const auto next = [&state] { return (state = state * 1103515245U + 12345U) >> 8U; };
  const auto begin = std::chrono::steady_clock::now();
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto text = seed;
    for (unsigned change = next() % 6; change > 0; --change) {
      const auto at = next() % text.size();
      if (next() % 2 == 0) {
        text[at] = alphabet[next() % alphabet.size()];
      } else {
        text.erase(at, next() % 9);
      }
    }
    if (parse_master_file("z", text)) ++accepted;
  }
  CHECK(accepted > 1000);
  CHECK(accepted < 19'000);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(120));
}
