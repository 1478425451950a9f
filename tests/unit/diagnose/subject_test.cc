#include "diagnose/subject.h"

#include <array>
#include <memory>

#include <doctest/doctest.h>

namespace maildiag::diagnose {
namespace {

constexpr std::array<std::string_view, 1> dmarc_check{"dmarc"};
constexpr std::array<std::string_view, 1> spf_check{"spf"};

rulebook::Cause cause(rulebook::Strings checks) {
  rulebook::Cause result;
  result.id = "some-cause";
  result.checks = checks;
  return result;
}

bounce::DeliveryFailure failure(std::string sender) {
  bounce::DeliveryFailure result;
  result.sender = std::move(sender);
  result.recipient = "bob@receiver.example";
  return result;
}

std::shared_ptr<const bounce::ReturnedMessage> returned_from(std::string domain) {
  bounce::ReturnedMessage message;
  message.from_domain = std::move(domain);
  return std::make_shared<const bounce::ReturnedMessage>(std::move(message));
}

rulebook::Match naming(std::string domain) {
  rulebook::Match match;
  match.facts.emplace_back("domain", std::move(domain));
  return match;
}

std::string author(const Subject& subject) {
  return subject.author_domain ? subject.author_domain->to_string() : "";
}

TEST_CASE("the author domain: the returned From field, the reply about DMARC, the sender") {
  const auto about_dmarc = cause(dmarc_check);
  const auto sent = failure("alice@envelope.example");
  CHECK(author(find_subject(sent, returned_from("from.example"), naming("reply.example"),
                            about_dmarc)) == "from.example");
  CHECK(author(find_subject(sent, nullptr, naming("reply.example"), about_dmarc)) ==
        "reply.example");
  CHECK(author(find_subject(sent, nullptr, naming("reply.example"), cause(spf_check))) ==
        "envelope.example");
  CHECK(author(find_subject(sent, nullptr, {}, about_dmarc)) == "envelope.example");
  CHECK(author(find_subject(failure(""), nullptr, {}, about_dmarc)).empty());
  // A From field stands in for a sender that the bounce does not name.
  const auto unknown = find_subject(failure(""), returned_from("from.example"), {}, about_dmarc);
  REQUIRE(unknown.sender_domain);
  CHECK(unknown.sender_domain->to_string() == "from.example");
}

TEST_CASE("a sender that was only guessed is an assumption") {
  const auto about_dmarc = cause(dmarc_check);
  auto sent = failure("alice@envelope.example");
  sent.sender_source = "dsn";
  CHECK(!find_subject(sent, nullptr, {}, about_dmarc).sender_assumed);
  sent.sender_source = "from";
  CHECK(find_subject(sent, nullptr, {}, about_dmarc).sender_assumed);
  CHECK(find_subject(failure(""), nullptr, naming("x.example"), about_dmarc).sender_assumed);
}

TEST_CASE("two messages are never judged as one, but the same reply twice is") {
  const auto about_dmarc = cause(dmarc_check);
  const auto sent = failure("alice@envelope.example");
  const auto whole = find_subject(sent, returned_from("from.example"), {}, about_dmarc);
  CHECK(!subject_key(about_dmarc, whole, SenderScope::address));
  CHECK(subject_key(cause(spf_check), whole, SenderScope::address));
  const auto one = find_subject(sent, nullptr, naming("a.example"), about_dmarc);
  const auto other = find_subject(sent, nullptr, naming("b.example"), about_dmarc);
  CHECK(subject_key(about_dmarc, one, SenderScope::address) ==
        subject_key(about_dmarc, one, SenderScope::address));
  CHECK(subject_key(about_dmarc, one, SenderScope::address) !=
        subject_key(about_dmarc, other, SenderScope::address));
}

}  // namespace
}  // namespace maildiag::diagnose
