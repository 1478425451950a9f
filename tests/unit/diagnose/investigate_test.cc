// What runs for a cause, on a small name server in memory: which questions, and what is said where
// something is not known.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "diagnose/diagnose.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

using namespace maildiag;
using diagnose::Diagnosis;
using diagnose::Subject;
using diagnose::Verdict;
using test::MemoryBackend;

namespace {

Diagnosis investigate(const std::shared_ptr<MemoryBackend>& backend, std::string_view cause,
                      const Subject& subject) {
  diagnose::Classification classification;
  classification.cause = test::shipped_rulebook().cause(cause);
  REQUIRE(classification.cause != nullptr);
  const std::function<Task<Diagnosis>(checks::Context)> work = [&](checks::Context context) {
    return diagnose::investigate(context, classification, subject);
  };
  return test::run_check<Diagnosis>(backend, work);
}

std::string reason(std::string_view cause, const Subject& subject) {
  const auto diagnosis = investigate(std::make_shared<MemoryBackend>(), cause, subject);
  CHECK(diagnosis.verdict == Verdict::inconclusive);
  return diagnosis.reason;
}

Subject known_ip() {
  Subject subject;
  subject.ip = *IpAddress::parse("203.0.113.7");
  return subject;
}

std::shared_ptr<MemoryBackend> world(bool with_ptr) {
  auto backend = std::make_shared<MemoryBackend>();
  backend->add_address("mail.example.com", "203.0.113.7");
  backend->add("example.com", "v=spf1 -all");
  backend->add_mx("example.com", 10, "mail.example.com");
  if (with_ptr)
    backend->add(test::raw_name("7.113.0.203.in-addr.arpa"), dns::RecordType::ptr,
                 dns::NameData{test::raw_name("mail.example.com")});
  return backend;
}

bool asked(const MemoryBackend& backend, const std::string& question) {
  return std::ranges::find(backend.asked(), question) != backend.asked().end();
}

}  // namespace

TEST_CASE("what a check needs and nobody knows is named") {
  const Subject nothing;
  CHECK(reason("ptr-missing", nothing) == "verdict.no-sending-ip");
  CHECK(reason("helo-invalid", nothing) == "verdict.no-helo");
  CHECK(reason("spf-fail", nothing) == "verdict.no-sender");
  CHECK(reason("sender-domain-unresolvable", nothing) == "verdict.no-sender");
  CHECK(reason("recipient-domain-unresolvable", nothing) == "verdict.no-recipient");
  CHECK(reason("connect-failed", nothing) == "verdict.no-recipient");
  CHECK(reason("dkim-fail", nothing) == "verdict.no-message");
  CHECK(reason("dmarc-reject", nothing) == "verdict.no-message");
  CHECK(reason("dnsbl-listed", nothing) == "verdict.no-sending-ip");
  CHECK(reason("domain-listed", nothing) == "verdict.no-domain");
  Subject recipient;
  recipient.recipient_domain = *DomainName::parse("example.net");
  CHECK(reason("relay-denied", recipient) == "verdict.no-remote-host");
  recipient.remote_host = "mail.example.com";
  CHECK(investigate(world(true), "relay-denied", recipient).verdict == Verdict::confirmed);
  Subject helo;
  helo.helo = "mail.example.com";
  CHECK(reason("helo-invalid", helo) == "verdict.no-sending-ip");
  CHECK(reason("spf-fail", helo) == "verdict.no-sending-ip");
}

TEST_CASE("a passive run does not knock at the receiver's door") {
  Subject subject;
  subject.recipient_domain = *DomainName::parse("example.com");
  subject.passive = true;
  const auto passive = investigate(world(true), "connect-failed", subject);
  CHECK(passive.reason == "verdict.passive");
  CHECK(passive.verdict == Verdict::inconclusive);
}

TEST_CASE("a confirmed cause needs no look at the sender's other records") {
  const auto backend = world(false);
  Subject subject = known_ip();
  subject.sender_domain = *DomainName::parse("example.com");
  const auto diagnosis = investigate(backend, "ptr-missing", subject);
  CHECK(diagnosis.verdict == Verdict::confirmed);
  CHECK(diagnosis.reason == "verdict.finding-confirms");
  CHECK(diagnosis.decided_by == std::vector<std::string>{"ptr.missing"});
  REQUIRE(test::find(diagnosis.findings, "ptr.missing") != nullptr);
  CHECK(test::get(diagnosis.findings, "ptr.missing").decisive);
  CHECK(diagnosis.findings.front().severity == Severity::critical);
  CHECK_FALSE(asked(*backend, "example.com TXT"));
  // Whom to ask for the record: where the reverse zone is.
  CHECK(std::ranges::any_of(backend->asked(), [](const std::string& question) {
    return question.ends_with("in-addr.arpa SOA") || question.ends_with("in-addr.arpa NS");
  }));
}

TEST_CASE("a refuted cause is followed by what else the sender's records show") {
  const auto backend = world(true);
  Subject subject = known_ip();
  subject.helo = "mail.example.com";
  subject.sender = "alice@example.com";
  subject.sender_domain = *DomainName::parse("example.com");
  const auto diagnosis = investigate(backend, "ptr-missing", subject);
  CHECK(diagnosis.verdict == Verdict::refuted);
  CHECK(diagnosis.decided_by == std::vector<std::string>{"ptr.ok"});
  CHECK(asked(*backend, "example.com TXT"));
  REQUIRE(!diagnosis.alternatives.empty());
  CHECK(diagnosis.alternatives.front().cause == "spf-fail");
  // Nobody is to be asked for a record that is there.
  CHECK_FALSE(asked(*backend, "113.0.203.in-addr.arpa SOA"));
  CHECK(std::ranges::is_sorted(diagnosis.findings, [](const Finding& a, const Finding& b) {
    return a.severity == Severity::critical && b.severity != Severity::critical;
  }));
  // Once: the reply's own check and the cheap ones both look at the PTR record.
  CHECK(std::ranges::count(diagnosis.findings, "ptr.ok", &Finding::id) == 1);
}

TEST_CASE("an unclassified reply runs each check once") {
  const auto backend = world(true);
  Subject subject = known_ip();
  subject.helo = "mail.example.com";
  subject.sender_domain = *DomainName::parse("example.com");
  const auto diagnosis = investigate(backend, "unclassified", subject);
  CHECK(diagnosis.verdict == Verdict::inconclusive);
  CHECK(std::ranges::count(diagnosis.findings, "ptr.ok", &Finding::id) == 1);
  CHECK(std::ranges::count(diagnosis.findings, "helo.ok", &Finding::id) == 1);
  CHECK(std::ranges::count(diagnosis.findings, "spf.fail", &Finding::id) == 1);
}

TEST_CASE("SPF and the sender's domain decide for an envelope sender that is known only") {
  const auto backend = world(true);
  Subject subject = known_ip();
  subject.helo = "mail.example.com";
  subject.sender_domain = *DomainName::parse("example.com");
  CHECK(investigate(backend, "spf-fail", subject).verdict == Verdict::confirmed);
  CHECK(investigate(backend, "sender-domain-unresolvable", subject).verdict == Verdict::refuted);
  subject.sender_assumed = true;
  for (const auto* cause : {"spf-fail", "sender-domain-unresolvable"}) {
    CAPTURE(cause);
    const auto guessed = investigate(backend, cause, subject);
    CHECK(guessed.verdict == Verdict::inconclusive);
    CHECK(guessed.reason == "verdict.no-sender");
    CHECK(std::ranges::any_of(guessed.findings, &Finding::decisive));
  }
  // Of the HELO name alone, too, unless the sender is known to be <>.
  subject.sender_domain.reset();
  CHECK(investigate(backend, "spf-fail", subject).reason == "verdict.no-sender");
  subject.sender_assumed = false;
  CHECK(investigate(backend, "spf-fail", subject).verdict == Verdict::refuted);
}

TEST_CASE("without a message DMARC needs an envelope that is known") {
  const auto backend = world(true);
  backend->add("_dmarc.example.com", "v=DMARC1; p=reject");
  Subject subject = known_ip();
  subject.sender_domain = subject.author_domain = *DomainName::parse("example.com");
  subject.sender_assumed = true;
  CHECK(investigate(backend, "dmarc-reject", subject).reason == "verdict.no-sender");
}

TEST_CASE("whether to try again: the rule, the reply's code, its status, the report's action") {
  const auto& book = test::shipped_rulebook();
  const auto permanent = [&book](int code, const char* status, bounce::Action action) {
    bounce::DeliveryFailure failure;
    failure.reply.code = code;
    failure.reply.status = status;
    failure.action = action;
    return diagnose::classify(book, failure, {}).permanent;
  };
  bounce::DeliveryFailure busy;
  busy.reply.code = 552;
  busy.reply.text = "requested action aborted: try again later - AUP#CXMXRT";
  const auto classified = diagnose::classify(book, busy, {});
  REQUIRE(classified.match.rule != nullptr);
  CHECK(classified.match.rule->permanent == false);
  CHECK_FALSE(classified.permanent);
  CHECK(permanent(550, "", bounce::Action::delayed));
  CHECK_FALSE(permanent(450, "5.7.1", bounce::Action::failed));
  CHECK(permanent(0, "5.7.1", bounce::Action::delayed));
  CHECK_FALSE(permanent(0, "4.7.1", bounce::Action::failed));
  CHECK(permanent(0, "", bounce::Action::failed));
  CHECK_FALSE(permanent(0, "", bounce::Action::delayed));
}

TEST_CASE("without a code the words tell whether to try again, where the cause can pass") {
  const auto& book = test::shipped_rulebook();
  const auto permanent = [&book](const char* text, int code = 0) {
    bounce::DeliveryFailure failure;
    failure.reply.code = code;
    failure.reply.text = text;
    failure.action = bounce::Action::failed;
    return diagnose::classify(book, failure, {}).permanent;
  };
  for (const auto* text : {
           "Too many messages, please try again later",
           "Too many messages. Retry after 1 hour.",
           "발송 제한을 초과하였습니다. 잠시 후 다시 시도해 주세요.",
           "메일함이 가득 찼습니다. 나중에 다시 보내 주세요.",
           "시간당 발송량을 초과하였습니다. 1시간 후 다시 시도하세요.",
           "10 분 후 다시 시도해 주세요.",
       }) {
    CAPTURE(text);
    CHECK_FALSE(permanent(text));
    CHECK(permanent(text, 550));  // the code has the last word
  }
  for (const auto* text : {
           "존재하지 않는 사용자입니다. 주소를 확인하신 뒤 나중에 다시 보내 주세요.",
           "No such user here. Please check the address and try again later.",
           "User unknown. This address was temporarily used for a campaign in 2019.",
           "Message rejected as spam. Try again later.",
           "Message could not be delivered for 5 days; the host was temporarily unreachable.",
           "Too many messages. Do not try again later.",
           "",
       }) {
    CAPTURE(text);
    CHECK(permanent(text));
  }
  std::string passes;
  for (const auto& cause : book.causes())
    if (cause.passes) passes.append(passes.empty() ? "" : " ").append(cause.id);
  CHECK(passes ==
        "connect-failed dns-temporary greylisted ip-reputation mailbox-full rate-limited "
        "recipient-system-error too-many-connections too-many-recipients unclassified");
}

TEST_CASE("a mail that is still tried has not expired, though Exchange says 4.4.7") {
  bounce::DeliveryFailure failure;
  failure.reply.status = "4.4.7";
  failure.action = bounce::Action::delayed;
  const auto& book = test::shipped_rulebook();
  CHECK(diagnose::classify(book, failure, {}).match.rule == nullptr);
  failure.action = bounce::Action::failed;
  const auto given_up = diagnose::classify(book, failure, {});
  REQUIRE(given_up.match.rule != nullptr);
  CHECK(given_up.match.rule->cause == "expired");

  failure.reply.status.clear();
  failure.reply.text = "Your mail was deferred and has not been delivered after 4 hours";
  CHECK(diagnose::classify(book, failure, {}).match.rule != nullptr);
  failure.action = bounce::Action::delayed;
  const auto goes_on = diagnose::classify(book, failure, {});
  CHECK(goes_on.match.rule == nullptr);
  CHECK(goes_on.cause->id == "unclassified");
  CHECK_FALSE(goes_on.permanent);

  // The next best rule tells the reason, found alone or among many.
  failure.reply.code = 450;
  failure.reply.status = "4.2.2";
  failure.reply.text = "mailbox full, could not be delivered after 4 hours";
  const auto bulk = book.bulk_matcher();
  for (const bool one_of_many : {false, true}) {
    diagnose::ClassifyOptions options;
    options.bulk = one_of_many ? bulk.get() : nullptr;
    options.winner_only = one_of_many;
    const auto full = diagnose::classify(book, failure, options);
    REQUIRE(full.match.rule != nullptr);
    CHECK(full.match.rule->cause == "mailbox-full");
  }
}
