#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "dns/answer_json.h"
#include "dns/backends.h"
#include "support/ask.h"
#include "support/temporary_file.h"

using namespace maildiag;
using maildiag::test::ask;
using maildiag::test::ask_line;
using maildiag::test::question;
using maildiag::test::TemporaryFile;

namespace {

/// A backend that gives the answers in its list, one after another.
class ScriptedBackend : public dns::Backend {
 public:
  explicit ScriptedBackend(std::vector<dns::Answer> answers) : answers_(std::move(answers)) {}
  Task<dns::Answer> ask(dns::Question asked) override {
    auto answer = answers_.at(next_++);
    answer.question = std::move(asked);
    co_return answer;
  }

 private:
  std::vector<dns::Answer> answers_;
  std::size_t next_ = 0;
};

dns::Answer failure(dns::Outcome outcome, std::string detail) {
  dns::Answer answer;
  answer.outcome = outcome;
  answer.server = "192.0.2.1#53";
  answer.detail = std::move(detail);
  return answer;
}

/// An answer with every type of record and every octet.
dns::Answer full_answer() {
  dns::Answer answer;
  answer.question = question("Example.com", "ANY");
  answer.outcome = dns::Outcome::answer;
  answer.rcode = 0;
  const auto owner = *DomainName::parse("web.\\000\\255\\.x.example.com");
  std::string octets;
  for (int i = 0; i < 255; ++i) octets += static_cast<char>(i);
  const auto target = *DomainName::parse("mail.example.com");
  const auto add = [&](const char* type, dns::RecordData data) {
    answer.records.push_back({owner, *dns::record_type_from(type), 4294967295U, std::move(data)});
  };
  add("A", *IpAddress::parse("192.0.2.1"));
  add("AAAA", *IpAddress::parse("2001:db8::1"));
  add("MX", dns::MxData{10, target});
  add("TXT", dns::TxtData{{octets, "", "\xff"}});
  add("SPF", dns::TxtData{{"v=spf1 -all"}});
  add("PTR", dns::NameData{target});
  add("SOA", dns::SoaData{target, DomainName(), 1, 2, 3, 4, 4294967295U});
  add("SRV", dns::SrvData{1, 2, 65535, target});
  add("TLSA", dns::TlsaData{3, 1, 1, octets});
  add("CAA", dns::CaaData{128, "issue", octets});
  add("TYPE65280", dns::RawData{octets});
  answer.cname_chain = {*DomainName::parse("a.example.com"), owner};
  answer.ttl = 77;
  answer.server = "2001:db8::53#53";
  answer.elapsed = std::chrono::microseconds(12'345);
  answer.authenticated = true;
  return answer;
}

std::string replay_error(std::string_view content) {
  const TemporaryFile file(content);
  const auto backend = dns::open_recording(file.path());
  if (backend) return "no error";
  CHECK(backend.error().code == ErrorCode::bad_data);
  REQUIRE(backend.error().message.starts_with(file.path() + ":"));
  return backend.error().message.substr(file.path().size() + 1);
}

/// A valid line with one part of its text replaced.
std::string line_with(std::string_view part, std::string_view replacement) {
  auto line = dns::answer_to_json(full_answer());
  const auto at = line.find(part);
  REQUIRE(at != std::string::npos);
  return line.replace(at, part.size(), replacement);
}

}  // namespace

TEST_CASE("an answer survives the way through JSON") {
  const auto answer = full_answer();
  const auto line = dns::answer_to_json(answer);
  CHECK(line.find('\n') == std::string::npos);
  const auto read = dns::answer_from_json(line);
  REQUIRE_MESSAGE(read, read.error().message);
  CHECK(dns::answer_to_json(*read) == line);
  CHECK(read->question == answer.question);
  CHECK(read->question.name.to_string() == "Example.com");
  REQUIRE(read->records.size() == answer.records.size());
  for (std::size_t i = 0; i < answer.records.size(); ++i) {
    CHECK(read->records[i].name.wire() == answer.records[i].name.wire());
    CHECK(read->records[i].type == answer.records[i].type);
    CHECK(read->records[i].ttl == 4294967295U);
    CHECK(dns::rdata_text(read->records[i]) == dns::rdata_text(answer.records[i]));
  }
  CHECK(std::get<dns::TxtData>(read->records[3].data).strings ==
        std::get<dns::TxtData>(answer.records[3].data).strings);
  CHECK(read->cname_chain == answer.cname_chain);
  CHECK(read->ttl == 77);
  CHECK(read->elapsed == answer.elapsed);
  CHECK(read->authenticated);
}

TEST_CASE("every outcome survives") {
  for (int number = 0; number <= static_cast<int>(dns::Outcome::not_recorded); ++number) {
    auto answer = failure(static_cast<dns::Outcome>(number), "bad \xff octet");
    if (answer.found()) answer.records = {{DomainName(), {}, 0, dns::RawData{}}};
    const auto read = dns::answer_from_json(dns::answer_to_json(answer));
    REQUIRE_MESSAGE(read, read.error().message);
    CHECK(read->outcome == answer.outcome);
    CHECK(read->rcode == -1);
    CHECK(read->detail == "bad \xef\xbf\xbd octet");
  }
}

TEST_CASE("what was recorded is replayed") {
  const TemporaryFile zone(
      "$ORIGIN example.com.\n$TTL 60\n@ SOA a b 1 2 3 4 5\nwww CNAME web\nweb A 192.0.2.80\n"
      "@ TXT \"v=spf1 \\226\\130\\172\"\n");
  const TemporaryFile recording;
  {
    auto recorder =
        dns::make_recording_backend(*dns::make_zone_backend({zone.path()}), recording.path());
    REQUIRE(recorder);
    CHECK(ask_line(**recorder, "www.example.com", "A") == "answer > web.example.com: 192.0.2.80");
    ask(**recorder, "example.com", "TXT");
    ask(**recorder, "gone.example.com", "A");
    ask(**recorder, "example.net", "A");
  }
  const auto replay = dns::open_recording(recording.path());
  REQUIRE_MESSAGE(replay, replay.error().message);
  auto& backend = *replay->backend;
  CHECK(ask_line(backend, "WWW.example.com", "A") == "answer > web.example.com: 192.0.2.80");
  CHECK(ask_line(backend, "example.com", "TXT") == "answer: \"v=spf1 \\226\\130\\172\"");
  CHECK(ask_line(backend, "gone.example.com", "A") == "nxdomain");
  CHECK(ask_line(backend, "example.net", "A") == "refused");
  const auto answer = ask(backend, "WWW.example.com", "A");
  CHECK(answer.question.name.to_string() == "WWW.example.com");
  CHECK(answer.server == "replay:" + recording.path());
  CHECK(answer.ttl == 60);
  CHECK(answer.rcode == 0);
  CHECK(ask(backend, "example.net", "A").detail == "example.net is outside the zones");

  const auto unknown = ask(backend, "www.example.com", "AAAA");
  CHECK(unknown.outcome == dns::Outcome::not_recorded);
  CHECK(unknown.question == question("www.example.com", "AAAA"));
  CHECK(unknown.rcode == -1);
}

TEST_CASE("batches are recorded too") {
  const TemporaryFile zone("$ORIGIN example.com.\n* A 192.0.2.1\n");
  const TemporaryFile recording;
  auto recorder =
      dns::make_recording_backend(*dns::make_zone_backend({zone.path()}), recording.path());
  REQUIRE(recorder);
  std::vector<dns::Question> questions;
  for (int i = 0; i < 250; ++i)
    questions.push_back(question("h" + std::to_string(i) + ".example.com", "A"));
  std::map<std::size_t, std::string> answered;
  auto work = [&]() -> Task<void> {
    co_await (*recorder)->ask_batch(questions, [&](std::size_t index, const dns::Answer& answer) {
      answered[index] = answer.question.name.to_string();
    });
  };
  run_task(work());
  CHECK(answered.size() == questions.size());
  const auto replay = dns::open_recording(recording.path());
  REQUIRE(replay);
  for (const auto& each : questions) CHECK(ask(*replay->backend, each).found());
}

TEST_CASE("a recording grows, and the last definite answer counts") {
  const TemporaryFile recording;
  const auto record = [&](std::vector<dns::Answer> answers) {
    const auto count = answers.size();
    auto recorder = dns::make_recording_backend(
        std::make_shared<ScriptedBackend>(std::move(answers)), recording.path());
    REQUIRE(recorder);
    for (std::size_t i = 0; i < count; ++i) ask(**recorder, "a.example", "A");
  };
  const auto replayed = [&] {
    const auto replay = dns::open_recording(recording.path());
    REQUIRE(replay);
    return ask(*replay->backend, "A.example", "A").outcome;
  };
  record({failure(dns::Outcome::timeout, "")});
  CHECK(replayed() == dns::Outcome::timeout);
  record({failure(dns::Outcome::servfail, "")});
  CHECK(replayed() == dns::Outcome::servfail);
  record({failure(dns::Outcome::nodata, "")});
  CHECK(replayed() == dns::Outcome::nodata);
  record({failure(dns::Outcome::nxdomain, ""), failure(dns::Outcome::timeout, "")});
  CHECK(replayed() == dns::Outcome::nxdomain);
}

TEST_CASE("each answer is in the file before the next question is asked") {
  const TemporaryFile zone("$ORIGIN example.com.\n* A 192.0.2.1\n");
  const TemporaryFile recording;
  auto recorder =
      dns::make_recording_backend(*dns::make_zone_backend({zone.path()}), recording.path());
  REQUIRE(recorder);
  ask(**recorder, "a.example.com", "A");
  const auto content = recording.content();
  CHECK(
      content.starts_with(R"({"question":{"name":"a.example.com","type":"A"},"outcome":"answer")"));
  CHECK(content.ends_with("}\n"));
}

TEST_CASE("files that cannot be written or read are errors of their kinds") {
  const auto inner = std::make_shared<ScriptedBackend>(std::vector<dns::Answer>{});
  const auto unwritable = dns::make_recording_backend(inner, "/nonexistent/recording");
  REQUIRE_FALSE(unwritable);
  CHECK(unwritable.error().code == ErrorCode::cannot_write);
  CHECK(unwritable.error().message == "/nonexistent/recording: No such file or directory");
  const auto missing = dns::open_recording("/nonexistent/recording");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::no_input);
}

TEST_CASE("a full disk does not go unnoticed") {
  const auto inner = std::make_shared<ScriptedBackend>(
      std::vector<dns::Answer>{failure(dns::Outcome::timeout, "")});
  auto recorder = dns::make_recording_backend(inner, "/dev/full");
  REQUIRE(recorder);
  CHECK_THROWS_AS(ask(**recorder, "a.example", "A"), std::system_error);
}

TEST_CASE("broken recordings are refused with the line") {
  const auto good = dns::answer_to_json(full_answer());
  CHECK(replay_error(good + "\r\n\n" + good) == "no error");
  CHECK(replay_error("") == "no error");
  CHECK(replay_error(good + "\n{\n") == "2: not a line of JSON");
  CHECK(replay_error(good.substr(0, good.size() - 1)) == "1: not a line of JSON");
  CHECK(replay_error("[]") == "1: not an object");
  CHECK(replay_error("{}") == "1: \"question\" is missing");
  CHECK(replay_error(std::string(100'000, '[')) == "1: not a line of JSON");
  CHECK(replay_error(std::string((4U << 20U) + 1, ' ') + "x") == "1: not a line of JSON");
  CHECK(replay_error("\"" + std::string(4U << 20U, 'x') + "\"") == "1: longer than 4194304 octets");
}

TEST_CASE("a line of very many members is read in no time") {
  std::string line = "{";
  for (int i = 0; i < 150'000; ++i) line += "\"m" + std::to_string(i) + "\":0,";
  const auto answer = dns::answer_from_json(line + "\"x\":0}");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message.find("question") != std::string::npos);
}

TEST_CASE("members that are missing or wrong are named") {
  const std::vector<std::array<const char*, 3>> cases{
      {R"("name":"Example.com")", R"("name":"a..b")", "1: \"a..b\" is not a domain name"},
      {R"("name":"Example.com")", "\"name\":\"a..\x7f\"", "1: \"a..\\x7f\" is not a domain name"},
      {R"("name":"Example.com",)", "", "1: \"name\" is missing or not a string"},
      {R"("type":"ANY")", R"("type":"ANYX")", "1: \"type\" is not a record type"},
      {R"("outcome":"answer")", R"("outcome":"yes")",
       "1: \"outcome\" is none that maildiag writes"},
      {R"("outcome":"answer")", R"("outcome":"nodata")",
       "1: the outcome \"answer\" goes with records, the others without"},
      {R"("rcode":0)", R"("rcode":3)", "1: the outcome \"answer\" goes with \"rcode\" 0"},
      {R"("rcode":0)", R"("rcode":-2)", "1: \"rcode\" is missing or not a number from -1 to 4095"},
      {R"("rcode":0)", R"("rcode":18446744073709551615)",
       "1: \"rcode\" is missing or not a number from -1 to 4095"},
      {R"("rcode":0)", R"("rcode":0.5)", "1: \"rcode\" is missing or not a number from -1 to 4095"},
      {R"("ttl":77)", R"("ttl":4294967296)",
       "1: \"ttl\" is missing or not a number from 0 to 4294967295"},
      {R"("rdata":"c0000201")", R"("rdata":"c00002")",
       "1: \"rdata\" is not that of a record of type A in hexadecimal"},
      {R"("rdata":"c0000201")", R"("rdata":"c000020x")",
       "1: \"rdata\" is not that of a record of type A in hexadecimal"},
      {R"("type":"ANY")", R"("type":"A")", "1: a record of another type than the question's"},
      {R"("records":[)", R"("records":[7,)", "1: not an object"},
      {R"("cname_chain":[)", R"("cname_chain":[7,)",
       "1: \"cname_chain\" holds something else than a name"},
      {R"("cname_chain":[)", R"("cname_chain":["a..b",)", "1: \"a..b\" is not a domain name"},
      {R"("ms":12.345)", R"("ms":-1)", "1: \"ms\" is missing or not a number from 0 to 86400000"},
      {R"("ms":12.345)", R"("ms":1e300)",
       "1: \"ms\" is missing or not a number from 0 to 86400000"},
      {R"("ad":true)", R"("ad":1)", "1: \"ad\" is missing or neither true nor false"},
      {R"("server":"2001:db8::53#53")", R"("server":null)",
       "1: \"server\" is missing or not a string"},
  };
  for (const auto& [part, replacement, message] : cases) {
    CHECK(replay_error(line_with(part, replacement)) == message);
  }
}
