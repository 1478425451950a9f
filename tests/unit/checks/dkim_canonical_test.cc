#include "checks/dkim_canonical.h"

#include <string>

#include <doctest/doctest.h>

#include "support/base64.h"

namespace maildiag::checks::dkim {
namespace {

std::string hash(Form form, std::string_view body, std::optional<std::uint64_t> limit = {}) {
  return test::to_base64(hash_body(form, limit, body).digest());
}
/// Of octets as they are.
std::string plain(std::string_view octets) {
  Sha256 sha;
  sha.add(octets);
  return test::to_base64(sha.digest());
}

TEST_CASE("the example of RFC 6376 section 3.4.5") {
  const auto message =
      read_message("A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n").value();
  REQUIRE(message.fields.size() == 2);
  CHECK(canonical_field(Form::relaxed, message.fields[0]) == "a:X");
  CHECK(canonical_field(Form::relaxed, message.fields[1]) == "b:Y Z");
  CHECK(canonical_field(Form::simple, message.fields[1]) == "B : Y\t\r\n\tZ  ");
  CHECK(hash(Form::relaxed, message.body) == plain(" C\r\nD E\r\n"));
  CHECK(hash(Form::simple, message.body) == plain(" C \r\nD \t E\r\n"));
}

TEST_CASE("empty bodies: the hashes of RFC 6376 sections 3.4.3 and 3.4.4") {
  for (const auto* body : {"", "\r\n", "\r\n\r\n", "\n"}) {
    CHECK(hash(Form::simple, body) == "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
    CHECK(hash(Form::relaxed, body) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  }
  CHECK(hash(Form::relaxed, " \t\r\n") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  CHECK(hash(Form::simple, " \r\n") == plain(" \r\n"));
}

TEST_CASE("line ends: LF counts as CRLF, a missing last one is added, a bare CR is text") {
  for (const auto form : {Form::simple, Form::relaxed}) {
    CHECK(hash(form, "a\n\nb") == plain("a\r\n\r\nb\r\n"));
    CHECK(hash(form, "a\r\n\r\nb\r\n\r\n") == plain("a\r\n\r\nb\r\n"));
    CHECK(hash(form, "a\rb\n") == plain("a\rb\r\n"));
  }
}

TEST_CASE("l= cuts the canonical body, inside a line end too") {
  CHECK(hash(Form::relaxed, "a  b\r\nc\r\n", 4) == plain("a b\r"));
  CHECK(hash(Form::simple, "abc\r\n", 0) == plain(""));
  CHECK(hash(Form::simple, "abc\r\n", 99) == plain("abc\r\n"));
  CHECK(hash_body(Form::simple, 1, "abc\r\n").length() == 5);
}

TEST_CASE("long bodies are hashed in pieces") {
  std::string body, expected;
  for (int i = 0; i < 20'000; ++i) {
    body += "word  " + std::to_string(i) + " \n";
    expected += "word " + std::to_string(i) + "\r\n";
  }
  CHECK(hash(Form::relaxed, body) == plain(expected));
}

TEST_CASE("bodies of empty lines and of one long line") {
  for (const std::size_t count : {1, 1023, 1024, 1025, 5000}) {
    CAPTURE(count);
    std::string body, expected;
    for (std::size_t i = 0; i < count; ++i) {
      body += "\n";
      expected += "\r\n";
    }
    CHECK(hash(Form::relaxed, body + "x\n\n") == plain(expected + "x\r\n"));
    CHECK(hash(Form::simple, body + "x", 3) == plain((expected + "x\r\n").substr(0, 3)));
  }
  const std::string line(100'000, 'x');
  CHECK(hash(Form::simple, "a\n" + line + "\nb\n") == plain("a\r\n" + line + "\r\nb\r\n"));
  CHECK(hash(Form::simple, "a\n" + line + "\n", 50'000) == plain("a\r\n" + line.substr(0, 49'997)));
}

TEST_CASE("headers: an mbox line, obsolete blanks before the colon, a missing empty line") {
  const auto message =
      read_message("From a@b Sat Nov 21 09:30:00 2026\nSubject \t: x\n y\nnot a field\nbody\n")
          .value();
  REQUIRE(message.fields.size() == 1);
  CHECK(message.fields[0].name == "subject");
  CHECK(message.fields[0].raw == "Subject \t: x\r\n y");
  CHECK(message.body == "not a field\nbody\n");
  CHECK(read_message("A: 1").value().body.empty());
}

TEST_CASE("headers: a first field with blanks before its colon is no mbox line") {
  for (const std::string blanks : {" ", "  ", " \t"}) {
    const auto message =
        read_message("From" + blanks + ": a@victim.example\nFrom: b@good.example\n\nbody\n")
            .value();
    REQUIRE(message.fields.size() == 2);
    CHECK(message.fields[0].name == "from");
    CHECK(message.fields[0].value() == " a@victim.example");
  }
}

TEST_CASE("what is no message, and what is too much of one") {
  CHECK(read_message("").error().code == ErrorCode::bad_data);
  CHECK(read_message("\r\nbody").error().code == ErrorCode::bad_data);
  CHECK(read_message(": x\r\n\r\n").error().code == ErrorCode::bad_data);
  CHECK_FALSE(read_message("A: " + std::string(max_header_octets, 'x') + "\r\n\r\n").has_value());
  std::string fields;
  for (std::size_t i = 0; i <= max_header_fields; ++i) fields += "A: 1\r\n";
  CHECK_FALSE(read_message(fields + "\r\n").has_value());
  // A body may be longer than a header.
  CHECK(read_message("A: 1\r\n\r\n" + std::string(max_header_octets, 'x')).has_value());
}

}  // namespace
}  // namespace maildiag::checks::dkim
