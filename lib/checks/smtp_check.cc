#include <array>
#include <utility>

#include <fmt/format.h>

#include "checks/smtp.h"
#include "checks/smtp_finding.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

using net::Fault;
using net::SmtpStage;
using net::SmtpTalk;

constexpr int class_of_code = 100;

net::SmtpRequest request_of(const SmtpQuestion& question) {
  net::SmtpRequest request;
  request.address = question.address;
  request.port = question.port;
  request.host = question.host ? question.host->to_string() : "";
  request.helo_name = question.helo_name;
  request.tls = question.port == submissions_port ? net::SmtpTls::implicit : net::SmtpTls::starttls;
  request.relay = question.relay;
  request.reach = question.reach;
  request.greeting_timeout = question.greeting_timeout;
  // A server that takes its time with the greeting takes it with all that follows.
  request.timeout = question.greeting_timeout + std::chrono::seconds(30);
  return request;
}

SmtpState connect_state(Fault fault) {
  switch (fault) {
    case Fault::refused:
      return SmtpState::refused;
    case Fault::unreachable:
      return SmtpState::unreachable;
    case Fault::timeout:
      return SmtpState::no_answer;
    default:
      return SmtpState::closed;
  }
}

SmtpState greeting_state(const SmtpTalk& talk) {
  switch (talk.greeting.code / class_of_code) {
    case 0:
      break;
    case 2:
      return SmtpState::ready;
    case 4:
      return SmtpState::deferred;
    case 5:
      return SmtpState::rejected;
    default:
      return SmtpState::not_smtp;
  }
  if (talk.fault == Fault::timeout) return SmtpState::silent;
  // It began as a reply and goes on as none, such as one of another code: it speaks SMTP, and
  // nobody knows what it said.
  if (talk.fault == Fault::protocol && !talk.greeting.lines.empty()) return SmtpState::broken_off;
  return talk.fault == Fault::protocol || talk.fault == Fault::too_large ? SmtpState::not_smtp
                                                                         : SmtpState::closed;
}

SmtpState tls_first_state(Fault fault) {
  if (fault == Fault::timeout) return SmtpState::silent;
  return fault == Fault::closed ? SmtpState::closed : SmtpState::no_tls;
}

/// A handshake that both sides took part in and could not end is the server's word; one that
/// stopped in the middle says nothing.
bool is_broken_off(const SmtpTalk& talk) {
  if (talk.fault == Fault::none || talk.stage >= SmtpStage::relay) return false;
  return talk.stage != SmtpStage::handshake || talk.fault == Fault::timeout;
}

/// HELO, where a server without EHLO had to be asked with it (RFC 5321 section 3.2).
const net::SmtpReply& clear_hello(const SmtpTalk& talk) {
  return talk.helo.came() ? talk.helo : talk.ehlo;
}

/// Whoever refuses it within TLS, takes no mail in there (RFC 3207 section 4.2).
const net::SmtpReply& last_hello(const SmtpTalk& talk) {
  return talk.ehlo_again.came() ? talk.ehlo_again : clear_hello(talk);
}

SmtpState state_of(const SmtpTalk& talk) {
  if (talk.fault == Fault::offline) return SmtpState::untried;
  if (net::is_own(talk.fault))
    return talk.stage == SmtpStage::connect ? SmtpState::untried : SmtpState::broken_off;
  const bool greeted = talk.greeting.came();
  if (!greeted && talk.stage == SmtpStage::connect) return connect_state(talk.fault);
  if (!greeted && talk.stage == SmtpStage::implicit_tls) return tls_first_state(talk.fault);
  const auto state = greeting_state(talk);
  if (state != SmtpState::ready) return state;
  const auto& hello = last_hello(talk);
  if (hello.came() && hello.code / class_of_code != 2) return SmtpState::no_ehlo;
  return !hello.came() || is_broken_off(talk) ? SmtpState::broken_off : SmtpState::ready;
}

std::string first_word(const net::SmtpReply& reply) {
  if (reply.lines.empty()) return {};
  const auto line = text::trim(reply.lines.front());
  return std::string(line.substr(0, line.find(' ')));
}

std::optional<bool> matches(const SmtpQuestion& question, const Certificate& certificate) {
  if (question.host) return certificate.matches(*question.host);
  // A bare address names nothing that a certificate of a mail server would be for.
  return certificate.matches(question.address) ? std::optional(true) : std::nullopt;
}

void read_talk(Context context, SmtpReport& report) {
  const auto& talk = report.talk;
  report.state = state_of(talk);
  const auto host = report.question.host ? report.question.host->to_string() : std::string();
  if (report.state == SmtpState::deferred || report.state == SmtpState::rejected)
    report.cause = cause_of(context.rulebook, talk.greeting, host);
  if (report.state == SmtpState::no_ehlo)
    report.cause = cause_of(context.rulebook, smtp::refused_hello(talk), host);
  if (talk.greeting.code / class_of_code == 2) report.banner_name = first_word(talk.greeting);
  (report.implicit_tls() ? report.secured : report.clear) = read_extensions(clear_hello(talk));
  if (!report.implicit_tls()) report.secured = read_extensions(talk.ehlo_again);
  if (talk.tls && !talk.tls->chain.empty())
    report.certificate = Certificate::from_der(talk.tls->chain.front());
  if (report.certificate) report.name_matches = matches(report.question, *report.certificate);
}

}  // namespace

std::string server_text(const SmtpQuestion& question) {
  return fmt::format("{}[{}]:{}", question.host ? question.host->to_string() : "",
                     question.address.to_string(), question.port);
}

std::string_view to_string(SmtpState state) {
  constexpr std::array<std::string_view, 13> words{
      "ready",       "deferred",  "rejected", "not-smtp", "closed",     "silent", "refused",
      "unreachable", "no-answer", "no-tls",   "no-ehlo",  "broken-off", "untried"};
  return words.at(static_cast<std::size_t>(state));
}

Task<SmtpReport> check_smtp(Context context, SmtpQuestion question) {
  SmtpReport report;
  report.question = std::move(question);
  report.talk.fault = Fault::offline;
  if (context.network != nullptr) {
    auto request = request_of(report.question);
    auto talk = co_await context.network->talk(std::move(request));
    report.talk = std::move(talk);
  }
  read_talk(context, report);
  smtp::add_entry(report, report.findings);
  if (report.state == SmtpState::ready) {
    co_await smtp::check_names(context, report);
    smtp::add_offer(report, report.findings);
    smtp::add_tls(report, report.findings);
    smtp::add_relay(context, report, report.findings);
  }
  co_return report;
}

}  // namespace maildiag::checks
