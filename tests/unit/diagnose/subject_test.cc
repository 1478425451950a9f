#include "diagnose/subject.h"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace maildiag::diagnose {
namespace {

constexpr std::array<std::string_view, 1> dmarc_check{"dmarc"};
constexpr std::array<std::string_view, 1> spf_check{"spf"};
constexpr std::array<std::string_view, 1> ptr_check{"ptr"};

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
  CHECK(author(find_subject(sent, nullptr, naming("reply.example"), cause(ptr_check))) ==
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
  // What the reply says of the envelope, or the user, is none.
  CHECK(!find_subject(sent, nullptr, naming("x.example"), cause(spf_check)).sender_assumed);
  CHECK(find_subject(sent, nullptr, {}, cause(spf_check)).sender_assumed);
  auto null_sender = failure("");
  null_sender.sender_source = "option";
  const auto told = find_subject(null_sender, returned_from("from.example"), naming("x.example"),
                                 cause(spf_check));
  CHECK(!told.sender_assumed);
  CHECK(!told.sender_domain);
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

rulebook::Match saying(std::string_view name, std::string value) {
  rulebook::Match match;
  match.facts.emplace_back("code", "S3150");
  match.facts.emplace_back(name, std::move(value));
  return match;
}

std::string text_of(const std::optional<DomainName>& domain) {
  return domain ? domain->to_string() : "";
}

TEST_CASE("what the bounce says of sender, server and receiver is taken as it stands") {
  auto sent = failure("alice@envelope.example");
  sent.sending_ip = IpAddress::parse("203.0.113.7");
  sent.helo = "mail.envelope.example";
  sent.remote_host = "mx.receiver.example";
  sent.remote_ip = IpAddress::parse("203.0.113.9");
  sent.remote_greeted = true;
  sent.time = WallTime() + std::chrono::hours(5);
  const auto returned = returned_from("from.example");
  const auto subject =
      find_subject(sent, returned, saying("list", "zen.spamhaus.org"), cause(spf_check));
  CHECK(subject.ip == sent.sending_ip);
  CHECK(subject.sender == "alice@envelope.example");
  CHECK(subject.helo == "mail.envelope.example");
  CHECK(text_of(subject.sender_domain) == "envelope.example");
  CHECK(text_of(subject.recipient_domain) == "receiver.example");
  CHECK(subject.remote_host == "mx.receiver.example");
  CHECK(subject.remote_ip == sent.remote_ip);
  CHECK(subject.remote_greeted);
  CHECK(subject.time == sent.time);
  CHECK(subject.list == "zen.spamhaus.org");
  CHECK(subject.returned == returned);
  CHECK(text_of(find_subject(failure("postmaster"), nullptr, {}, cause(spf_check)).sender_domain)
            .empty());
}

TEST_CASE(
    "the address that the reply names is one only where the bounce has none, but for senders") {
  const auto about_sender = cause(spf_check);
  const auto told =
      find_subject(failure(""), nullptr, saying("address", "<eve@reply.example>"), about_sender);
  CHECK(told.sender == "eve@reply.example");
  CHECK(text_of(told.sender_domain) == "reply.example");
  CHECK(text_of(told.recipient_domain) == "receiver.example");
  const auto no_address =
      find_subject(failure(""), nullptr, saying("address", "reply.example"), about_sender);
  CHECK(no_address.sender.empty());
  CHECK(text_of(no_address.sender_domain) == "reply.example");
  CHECK(find_subject(failure(""), nullptr, saying("ip", "203.0.113.8"), about_sender).ip ==
        IpAddress::parse("203.0.113.8"));

  auto sent = failure("alice@envelope.example");
  sent.sending_ip = IpAddress::parse("203.0.113.7");
  CHECK(find_subject(sent, nullptr, saying("ip", "203.0.113.8"), about_sender).ip ==
        sent.sending_ip);

  // The domain goes before the address.
  auto both = saying("domain", "first.example");
  both.facts.emplace_back("address", "eve@second.example");
  CHECK(text_of(find_subject(failure(""), nullptr, both, about_sender).sender_domain) ==
        "first.example");
}

TEST_CASE("the sender that the reply names goes before that of the bounce, not before --sender") {
  static constexpr std::array<std::string_view, 1> domain_check{"sender-domain"};
  static constexpr std::array<std::string_view, 1> list_check{"dnsbl-domain"};
  auto sent = failure("alice@envelope.example");
  const auto with = [&sent](const char* name, const char* value, rulebook::Strings checks) {
    const auto subject = find_subject(sent, nullptr, saying(name, value), cause(checks));
    return subject.sender + " " + text_of(subject.sender_domain);
  };
  for (const rulebook::Strings checks : {rulebook::Strings(spf_check), {domain_check}}) {
    CHECK(with("address", "eve@reply.example", checks) == "eve@reply.example reply.example");
    CHECK(with("address", "<eve@reply.example>", checks) == "eve@reply.example reply.example");
    CHECK(with("domain", "reply.example", checks) == " reply.example");
    // The domain alone leaves a local part that may be right.
    CHECK(with("domain", "Envelope.example", checks) == "alice@envelope.example Envelope.example");
  }
  // A client's name, or the domain of a From field, is no envelope sender.
  CHECK(with("domain", "reply.example", list_check) == "alice@envelope.example envelope.example");
  CHECK(with("domain", "reply.example", dmarc_check) == "alice@envelope.example envelope.example");
  sent.sender.clear();
  CHECK(with("domain", "reply.example", list_check) == " reply.example");
  sent.sender = "alice@envelope.example";
  sent.sender_source = "option";
  CHECK(with("address", "eve@reply.example", spf_check) ==
        "alice@envelope.example envelope.example");
}

TEST_CASE("a cause about the recipient takes what the reply names for the recipient's") {
  static constexpr std::array<std::string_view, 1> recipient_check{"recipient-domain"};
  const auto about_recipient = cause(recipient_check);
  auto sent = failure("");
  const auto other = find_subject(sent, nullptr, naming("reply.example"), about_recipient);
  CHECK(text_of(other.recipient_domain) == "receiver.example");
  CHECK(text_of(other.sender_domain).empty());
  sent.recipient.clear();
  const auto named = find_subject(sent, nullptr, naming("reply.example"), about_recipient);
  CHECK(text_of(named.recipient_domain) == "reply.example");
  CHECK(text_of(
            find_subject(sent, nullptr, naming("reply.example"), cause(spf_check)).recipient_domain)
            .empty());
}

TEST_CASE("a domain list is asked about the URL, the domain that is named, the sender") {
  const auto sent = failure("alice@envelope.example");
  const auto listed = [&sent](const rulebook::Match& match) {
    return text_of(find_subject(sent, nullptr, match, cause(ptr_check)).listed_domain);
  };
  CHECK(listed({}) == "envelope.example");
  CHECK(listed(naming("reply.example")) == "reply.example");
  for (const auto* url : {"https://user@bad.example:8080/path?q#f", "<bad.example>", "bad.example/",
                          "http://bad.example?q", "bad.example#f", "eve@bad.example"}) {
    CAPTURE(url);
    auto match = saying("url", url);
    match.facts.emplace_back("domain", "reply.example");
    CHECK(listed(match) == "bad.example");
  }
}

TEST_CASE("what the checks of a cause look at makes a subject of its own, and nothing else does") {
  struct Change {
    std::string_view checks;  ///< that look at it; "": all
    std::function<void(Subject&)> make;
  };
  const auto domain = DomainName::parse("other.example").value();
  const auto ip = IpAddress::parse("198.51.100.1").value();
  bounce::ReturnedMessage message;
  message.size = 5000;
  const auto returned = std::make_shared<const bounce::ReturnedMessage>(message);
  const std::vector<Change> changes = {
      {"", [&](Subject& s) { s.ip = ip; }},
      {"", [&](Subject& s) { s.helo = "other"; }},
      {"", [&](Subject& s) { s.sender = "other@sender.example"; }},
      {"", [&](Subject& s) { s.sender_domain = domain; }},
      {"", [&](Subject& s) { s.list = "bl.other.example"; }},
      {"recipient-domain dns-health route receiver",
       [&](Subject& s) { s.recipient_domain = domain; }},
      {"dns-health route receiver", [&](Subject& s) { s.passive = true; }},
      {"route receiver", [&](Subject& s) { s.remote_host = "mx.other.example"; }},
      {"route receiver", [&](Subject& s) { s.remote_greeted = true; }},
      {"route receiver", [&](Subject& s) { s.remote_ip = ip; }},
      {"route receiver dkim dmarc", [&](Subject& s) { s.returned = returned; }},
      {"dnsbl-domain", [&](Subject& s) { s.listed_domain = domain; }},
      {"dkim dmarc", [&](Subject& s) { s.author_domain = domain; }},
      {"", [&](Subject& s) { s.sender_assumed = true; }},
  };
  Subject plain;
  plain.sender = "alice@sender.example";
  for (const auto& check : rulebook::known_checks) {
    CAPTURE(check);
    const std::array<std::string_view, 1> one{check};
    rulebook::Cause advised;
    advised.advice = one;
    for (const auto& asking : {cause(one), advised}) {
      const auto key = subject_key(asking, plain, SenderScope::address);
      REQUIRE(key);
      for (std::size_t i = 0; i < changes.size(); ++i) {
        CAPTURE(i);
        auto changed = plain;
        changes[i].make(changed);
        const bool counts =
            changes[i].checks.empty() ||
            (' ' + std::string(changes[i].checks) + ' ').find(' ' + std::string(check) + ' ') !=
                std::string::npos;
        CHECK((subject_key(asking, changed, SenderScope::address) != key) == counts);
      }
      auto other_user = plain;
      other_user.sender = "other@sender.example";
      CHECK(subject_key(asking, other_user, SenderScope::domain) ==
            subject_key(asking, plain, SenderScope::domain));
    }
  }
  CHECK(message_octets(plain) == 0);
  plain.returned = returned;
  CHECK(message_octets(plain) == 5000);
}

}  // namespace
}  // namespace maildiag::diagnose
