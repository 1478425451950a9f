#include "diagnose/summary.h"

#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using namespace maildiag;
using namespace maildiag::diagnose;

namespace {

struct One {
  std::string name, sender, recipient, cause = "user-unknown", rule = "r.one", ip = "192.0.2.1";
  std::string time = "2026-11-20T09:30:00Z";
  Severity severity = Severity::info;
};

void add(Summary& summary, const One& one) {
  bounce::DeliveryFailure failure;
  failure.sender = one.sender;
  failure.recipient = one.recipient;
  failure.reply.code = 550;
  failure.reply.text = "text of " + one.name;
  failure.sending_ip = IpAddress::parse(one.ip);
  failure.time = from_rfc3339(one.time);
  SummaryEntry entry;
  entry.name = one.name;
  entry.failure = &failure;
  entry.cause = one.cause;
  entry.rule = one.rule;
  entry.severity = one.severity;
  entry.first_step = [&one] { return "mend " + one.cause; };
  summary.add(entry);
}

const Value& row(const Value& value, std::string_view dimension, std::string_view key) {
  static const Value none;
  for (const auto& item : value["groups"][dimension].as_array()) {
    if (item["key"].as_string() == key) return item;
  }
  return none;
}

Summary some(int from, int to) {
  Summary summary;
  for (int i = from; i < to; ++i) {
    One one;
    one.name = "n" + std::to_string(i);
    one.sender = "S" + std::to_string(i % 3) + "@own.example";
    one.recipient = "r" + std::to_string(i) + "@d" + std::to_string(i % 7) + ".example";
    one.cause = i % 2 == 0 ? "user-unknown" : "spf-fail";
    one.rule = i % 5 == 0 ? "" : "r.one";
    one.time = "2026-11-20T0" + std::to_string(i % 10) + ":00:00Z";
    one.severity = i == 11 ? Severity::critical : Severity::info;
    add(summary, one);
    summary.count_message("failure");
  }
  return summary;
}

}  // namespace

TEST_CASE("a row has its count, share, times, sample and first step") {
  Summary summary;
  add(summary, {"late", "a@own.example", "x@x.example", "spf-fail", "r.spf", "192.0.2.1",
                "2026-11-20T12:00:00Z", Severity::warning});
  add(summary, {"early", "A@own.example", "y@y.example", "spf-fail", "r.spf", "192.0.2.1",
                "2026-11-20T10:00:00Z", Severity::info});
  add(summary, {"untimed", "b@own.example", "z@z.example", "user-unknown", "r.user", "192.0.2.2",
                "", Severity::info});
  const auto value = summary.to_value();
  CHECK(value["failures"].as_integer() == 3);
  CHECK(value["worst"].as_string() == "warning");
  const auto& spf = row(value, "cause", "spf-fail");
  CHECK(spf["count"].as_integer() == 2);
  CHECK(spf["share"].as_double() == doctest::Approx(0.6667));
  CHECK(spf["first_seen"].as_string() == "2026-11-20T10:00:00Z");
  CHECK(spf["last_seen"].as_string() == "2026-11-20T12:00:00Z");
  CHECK(spf["sample"]["name"].as_string() == "early");
  CHECK(spf["sample"]["reply"].as_string() == "550 text of early");
  CHECK(spf["first_step"].as_string() == "mend spf-fail");
  CHECK(row(value, "sender", "a@own.example")["count"].as_integer() == 2);
  CHECK(row(value, "sending_ip", "192.0.2.2")["first_seen"].is_null());
  CHECK(row(value, "cause", "user-unknown")["sample"]["name"].as_string() == "untimed");
}

TEST_CASE("summaries of parts give the summary of the whole, in any order") {
  const auto whole = some(0, 60).to_value();
  const Summary a = some(0, 13), b = some(13, 40), c = some(40, 60);
  Summary abc = a, cba = c, nested = b;
  abc.merge(b);
  abc.merge(c);
  cba.merge(b);
  cba.merge(a);
  Summary right = c;
  right.merge(a);
  nested.merge(right);
  CHECK(abc.to_value() == whole);
  CHECK(cba.to_value() == whole);
  CHECK(nested.to_value() == whole);
}

TEST_CASE("a summary survives its own form, and what is none is refused") {
  const auto value = some(0, 60).to_value();
  const auto read = Summary::from_value(value);
  REQUIRE(read);
  CHECK(read->to_value() == value);
  CHECK(read->worst() == Severity::critical);
  CHECK_FALSE(Summary::from_value(Value()));
  CHECK_FALSE(Summary::from_value(Value::object({{"failures", 3}})));
  auto wrong = value;
  wrong.set("worst", "bad");
  CHECK_FALSE(Summary::from_value(wrong));
}

TEST_CASE("counts that nothing can have stay numbers when they are joined") {
  auto value = some(0, 3).to_value();
  value.set("failures", std::numeric_limits<std::int64_t>::max());
  auto joined = Summary::from_value(value).value();
  for (int i = 0; i < 3; ++i) joined.merge(Summary::from_value(value).value());
  CHECK(joined.failures() == 4'000'000'000'000);
}

TEST_CASE("hours out of all times are no hours") {
  auto value = some(0, 3).to_value();
  Value hours = Value::array();
  for (const auto hour : {INT64_MIN + 1, std::int64_t{-1}, std::int64_t{400'000}, INT64_MAX})
    hours.push(Value::object({{"passage", "own"}, {"hour", hour}, {"failures", 100}}));
  Value senders = Value::array();
  senders.push(Value::object({{"sender", "a@own.example"}, {"hours", hours}}));
  value.set("activity", senders);
  const auto read = Summary::from_value(value);
  REQUIRE(read);
  CHECK(read->bursts().empty());
  const auto written = read->to_value();
  const auto& kept = written["activity"].as_array()[0]["hours"].as_array();
  REQUIRE(kept.size() == 2);
  CHECK(kept[0]["hour"].is_null());
  CHECK(kept[0]["failures"] == Value(300));
  CHECK(kept[1]["hour"] == Value(400'000));
}

TEST_CASE("a summary of very many kinds of messages is read and written in no time") {
  auto value = some(0, 3).to_value();
  Value::Object kinds;
  for (int i = 0; i < 100'000; ++i) kinds.push_back({"kind" + std::to_string(1'000'000 + i), 1});
  value.set("messages", Value(kinds));
  const auto read = Summary::from_value(value);
  REQUIRE(read);
  CHECK(read->to_value()["messages"] == Value(kinds));
}

TEST_CASE("rows stay bounded, and who fails often stays visible") {
  Summary summary;
  const std::size_t strangers = 2 * max_summary_rows;
  for (std::size_t i = 0; i < strangers; ++i) {
    One one;
    one.name = std::to_string(i);
    one.sender = "s" + std::to_string(i) + "@x.example";
    one.recipient = "r@y.example";
    add(summary, one);
    if (i + 200 < strangers) continue;
    one.sender = "late@own.example";
    add(summary, one);
  }
  const auto value = summary.to_value();
  const auto& senders = value["groups"]["sender"].as_array();
  CHECK(senders.size() == max_told_rows);
  CHECK(senders.front()["key"].as_string() == "late@own.example");
  std::int64_t sum = value["others"]["sender"].as_integer();
  for (const auto& sender : senders) sum += sender["count"].as_integer();
  CHECK(sum == value["failures"].as_integer());
}

TEST_CASE("all rows are told where none had to be joined") {
  Summary summary;
  for (std::size_t i = 0; i < max_summary_rows; ++i) {
    One one;
    one.name = std::to_string(i);
    one.sender = one.name + "@x.example";
    add(summary, one);
  }
  const auto value = summary.to_value();
  CHECK(value["groups"]["sender"].as_array().size() == max_summary_rows);
  CHECK(value["others"]["sender"].as_integer() == 0);
}

TEST_CASE("a sample keeps the beginning of a long reply, and whole characters") {
  const std::string syllable = "\xEA\xB0\x80";
  One one;
  while (one.name.size() < 8192) one.name += syllable;
  Summary summary;
  add(summary, one);
  const auto value = summary.to_value();
  const auto& reply = row(value, "rule", "r.one")["sample"]["reply"].as_string();
  CHECK(reply.size() <= max_sample_bytes);
  CHECK(reply.size() > max_sample_bytes - 6);
  CHECK(reply.starts_with("550 text of " + syllable));
  CHECK(reply.ends_with(syllable + "\u2026"));
  const auto read = Summary::from_value(value);
  REQUIRE(read);
  CHECK(read->to_value() == value);
}
