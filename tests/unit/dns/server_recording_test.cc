#include "dns/server_recording.h"

#include <system_error>

#include <doctest/doctest.h>

#include "dns/backends.h"
#include "support/ask.h"
#include "support/temporary_file.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

namespace {

ServerQuestion asked(std::string_view name) {
  ServerQuestion question;
  question.server = *ServerAddress::parse("192.0.2.53#5353");
  question.question = test::question(name, "NS");
  return question;
}

Record name_server(std::string_view owner, std::string_view name) {
  return {*DomainName::parse(owner), RecordType::ns, 60, NameData{*DomainName::parse(name)}};
}

ServerReply answered(std::string_view name_server_name) {
  ServerReply reply;
  reply.outcome = Outcome::answer;
  reply.rcode = 0;
  reply.octets = 77;
  reply.authoritative = reply.edns = true;
  reply.answers = {name_server("a.example", name_server_name)};
  reply.authorities = {name_server("b.example", "ns.b.example")};
  reply.additionals = {
      {*DomainName::parse("ns.b.example"), RecordType::aaaa, 60, *IpAddress::parse("2001:db8::1")}};
  reply.elapsed = std::chrono::microseconds(1234);
  return reply;
}

ServerReply silent() {
  ServerReply reply;
  reply.error = std::make_error_code(std::errc::timed_out);
  reply.detail = "it said nothing";
  return reply;
}

std::string fault_of(std::string line) {
  const auto read = server_reply_from_json(line);
  return read ? "none" : read.error().message;
}

std::string changed(std::string_view part, std::string_view replacement) {
  auto line = server_reply_to_json(asked("a.example"), answered("ns.a.example"));
  const auto at = line.find(part);
  REQUIRE(at != std::string::npos);
  return line.replace(at, part.size(), replacement);
}

}  // namespace

TEST_CASE("a server's reply survives the way through JSON") {
  for (const auto& reply : {answered("ns.a.example"), silent()}) {
    const auto line = server_reply_to_json(asked("a.example"), reply);
    CHECK(is_server_reply(line));
    CHECK(line.find('\n') == std::string::npos);
    const auto read = server_reply_from_json(line);
    REQUIRE_MESSAGE(read, read.error().message);
    CHECK(server_reply_to_json(read->question, read->reply) == line);
    CHECK(read->reply.error.value() == reply.error.value());
  }
}

TEST_CASE("what is no reply of a server is refused") {
  CHECK(fault_of("{\"asked\":") == "not a line of JSON");
  CHECK(fault_of("{\"asked\":{}}") == "\"server\" is missing or not a string");
  CHECK(fault_of(changed("192.0.2.53#5353", "x")) == "\"server\" is not an address");
  CHECK(fault_of(changed("\"tcp\":false", "\"tcp\":0")) ==
        "\"tcp\" is missing or neither true nor false");
  CHECK(fault_of(changed("\"octets\":77", "\"octets\":65536")) ==
        "\"octets\" is missing or not a number from 0 to 65535");
  CHECK(fault_of(changed("\"rcode\":0", "\"rcode\":-1")) ==
        "\"rcode\" is -1 where nothing came, and only there");
  CHECK(fault_of(changed("\"rcode\":0", "\"rcode\":3")) ==
        "the outcome \"answer\" goes with \"rcode\" 0");
  CHECK(fault_of(changed("\"authorities\":[", "\"authorities\":[1,")) == "not an object");
}

TEST_CASE("replies are found by server, question and way; the last definite one counts") {
  ServerReplies replies(nullptr);
  replies.add({asked("a.example"), silent()});
  replies.add({asked("a.example"), answered("ns.a.example")});
  replies.add({asked("a.example"), silent()});
  const auto* found = replies.find(asked("A.example"));
  REQUIRE(found != nullptr);
  CHECK(found->outcome == Outcome::answer);
  for (const auto change :
       {+[](ServerQuestion& q) { q.tcp = true; }, +[](ServerQuestion& q) { q.edns = false; },
        +[](ServerQuestion& q) { q.recursion = true; },
        +[](ServerQuestion& q) { q.server.port = 53; },
        +[](ServerQuestion& q) { q.question.type = RecordType::mx; }}) {
    auto other = asked("a.example");
    change(other);
    CHECK(replies.find(other) == nullptr);
  }
}

TEST_CASE("a recording holds both kinds of lines, without the secrets") {
  const TemporaryFile file;
  const auto mask = std::make_shared<SecretMask>();
  mask->add("verysecretkey");
  {
    const auto recorder = ServerRecorder::open(file.path(), mask);
    REQUIRE(recorder);
    (*recorder)->add(asked("verysecretkey.example"), answered("verysecretkey.example"));
    const TemporaryFile zone("$ORIGIN example.com.\n@ A 192.0.2.1\n");
    const auto inner = make_recording_backend(*make_zone_backend({zone.path()}), file.path(), mask);
    REQUIRE(inner);
    ask(**inner, "example.com", "A");
  }
  CHECK(file.content().find("verysecretkey") == std::string::npos);
  const auto replay = open_recording(file.path(), mask);
  REQUIRE_MESSAGE(replay, replay.error().message);
  CHECK(ask(*replay->backend, "example.com", "A").found());
  REQUIRE(replay->servers->find(asked("verysecretkey.example")) != nullptr);
  CHECK(replay->servers->find(asked("other.example")) == nullptr);
}

TEST_CASE("a recorder that cannot write says so") {
  const auto missing = ServerRecorder::open("/nonexistent/recording", nullptr);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::cannot_write);
  const auto full = ServerRecorder::open("/dev/full", nullptr);
  REQUIRE(full);
  CHECK_THROWS_AS((*full)->add(asked("a.example"), silent()), std::system_error);
}
