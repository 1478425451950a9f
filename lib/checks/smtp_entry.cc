#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "checks/smtp_finding.h"

namespace maildiag::checks::smtp {

namespace {

/// A greeting that is later is held back on purpose, or by a server with too much to do.
constexpr std::chrono::seconds slow_greeting{5};

struct Verdict {
  SmtpState state;
  std::string_view id;
  Severity severity;
};
/// Whatever keeps us from asking on is *unknown*, unless the server said it or showed it.
constexpr std::array verdicts{
    Verdict{SmtpState::ready, "smtp.ready", Severity::ok},
    Verdict{SmtpState::deferred, "smtp.deferred", Severity::warning},
    Verdict{SmtpState::rejected, "smtp.rejected", Severity::critical},
    Verdict{SmtpState::not_smtp, "smtp.not-smtp", Severity::critical},
    Verdict{SmtpState::closed, "smtp.closed", Severity::unknown},
    Verdict{SmtpState::silent, "smtp.silent", Severity::unknown},
    Verdict{SmtpState::refused, "smtp.refused", Severity::critical},
    Verdict{SmtpState::unreachable, "smtp.unreachable", Severity::unknown},
    Verdict{SmtpState::no_answer, "smtp.no-answer", Severity::unknown},
    Verdict{SmtpState::no_tls, "smtp.no-implicit-tls", Severity::critical},
    Verdict{SmtpState::no_ehlo, "smtp.ehlo-refused", Severity::warning},
    Verdict{SmtpState::broken_off, "smtp.broken-off", Severity::unknown},
    Verdict{SmtpState::untried, "smtp.untried", Severity::unknown},
};

const Verdict& verdict_of(SmtpState state) {
  for (const auto& verdict : verdicts) {
    if (verdict.state == state) return verdict;
  }
  return verdicts.back();
}

/// With one decimal.
double seconds(std::chrono::microseconds time) {
  using Tenths = std::chrono::duration<std::int64_t, std::deci>;
  return static_cast<double>(std::chrono::round<Tenths>(time).count()) / 10.0;
}

/// The reply that turned us away; nullptr where it was no reply.
const net::SmtpReply* refusal(const SmtpReport& report) {
  switch (report.state) {
    case SmtpState::deferred:
    case SmtpState::rejected:
      return &report.talk.greeting;
    case SmtpState::no_ehlo:
      return &refused_hello(report.talk);
    default:
      return nullptr;
  }
}

/// A refusal of the client, of the recipient's domain or of the missing TLS is none of relaying:
/// another stranger may meet with none of it. Only words tell, as 5.7.1 stands in front of all of
/// these. Postfix defers by default what it will never relay: "454 4.7.1 ... Relay access denied".
bool denies_relaying(Context context, const net::SmtpReply& reply) {
  if (reply.code / 100 != 4 && reply.code / 100 != 5) return false;
  const auto cause = cause_of(context.rulebook, reply, "");
  return cause && cause->cause->id == "relay-denied";
}

/// OpenSMTPD has one answer for whom it does not know and where it does not relay to. At
/// example.org nobody has a mailbox (RFC 2606, RFC 7505), and a server that relays takes mail for
/// it unseen: there the answer is about relaying.
bool denies_relaying_as_opensmtpd(const net::SmtpTalk& talk, std::string_view to) {
  return talk.rcpt.code == 550 && to.ends_with("@example.org") &&
         reply_words(talk.greeting).text.ends_with(" ESMTP OpenSMTPD") &&
         reply_words(talk.rcpt).text == fmt::format("Invalid recipient: <{}>", to);
}

}  // namespace

Evidence line_evidence(std::string_view text) {
  return {Value::object({{"kind", "smtp"}, {"text", text}})};
}

const net::SmtpReply& refused_hello(const net::SmtpTalk& talk) {
  return talk.ehlo_again.came() ? talk.ehlo_again : talk.ehlo;
}

Finding make(std::string_view id, Severity severity, const SmtpReport& report) {
  const auto& question = report.question;
  Finding finding;
  finding.id = std::string(id);
  finding.severity = severity;
  finding.subject = server_text(question);
  finding.data.set("server", finding.subject);
  finding.data.set("host", question.host ? question.host->to_string() : "");
  finding.data.set("address", question.address.to_string());
  finding.data.set("port", question.port);
  if (report.talk.greeting.came())
    finding.evidence.push_back(line_evidence(reply_text(report.talk.greeting)));
  return finding;
}

void add_entry(const SmtpReport& report, std::vector<Finding>& findings) {
  const auto& talk = report.talk;
  const auto& verdict = verdict_of(report.state);
  // A time-out is unknown in each state that it leads to, whoever waited for it.
  const bool repeated = talk.repeated && verdict.severity == Severity::unknown;
  auto finding = make(repeated ? "smtp.not-asked-again" : verdict.id, verdict.severity, report);
  const auto greeted = talk.greeted.value_or(std::chrono::microseconds{0});
  finding.data.set("milliseconds", std::chrono::round<std::chrono::milliseconds>(greeted).count());
  finding.data.set("waited", seconds(report.question.greeting_timeout));
  finding.data.set("stage", net::to_string(talk.stage));
  finding.data.set("reason", talk.reason.empty() ? net::to_string(talk.fault) : talk.reason);
  finding.data.set("garbage", talk.garbage);
  if (const auto* reply = refusal(report)) finding.data.set("reply", reply_text(*reply));
  // Texts that name these fall silent where no rule knows the words.
  Value title, meaning;
  if (report.cause) {
    finding.data.set("rule", report.cause->rule->id).set("cause", report.cause->cause->id);
    title = report.cause->value["title"];
    meaning = report.cause->value["meaning"];
  }
  finding.data.set("because", title.is_null() ? Value("") : std::move(title));
  finding.data.set("meaning", meaning.is_null() ? Value("") : std::move(meaning));
  findings.push_back(std::move(finding));
  if (report.state == SmtpState::ready && greeted > slow_greeting) {
    auto slow = make("smtp.slow-greeting", Severity::info, report);
    slow.data.set("seconds", seconds(greeted));
    findings.push_back(std::move(slow));
  }
}

void add_offer(const SmtpReport& report, std::vector<Finding>& findings) {
  const auto& talk = report.talk;
  if (report.implicit_tls()) return;
  const bool offered = report.clear.has("STARTTLS");
  if (!offered) findings.push_back(make("smtp.no-starttls", Severity::warning, report));
  constexpr int ready_for_tls = 220;  // RFC 3207 section 4
  if (offered && talk.starttls.came() && talk.starttls.code != ready_for_tls) {
    auto finding = make("smtp.starttls-refused", Severity::warning, report);
    finding.data.set("reply", reply_text(talk.starttls));
    finding.evidence.push_back(line_evidence(reply_text(talk.starttls)));
    findings.push_back(std::move(finding));
  }
  const auto mechanisms = report.clear.auth();
  if (!mechanisms.empty()) {
    auto finding = make("smtp.auth-in-clear", Severity::warning, report);
    finding.data.set("mechanisms", Value::strings(mechanisms));
    findings.push_back(std::move(finding));
  }
}

void add_relay(Context context, const SmtpReport& report, std::vector<Finding>& findings) {
  if (!report.question.relay) return;
  constexpr int class_of_code = 100;
  const auto& talk = report.talk;
  const auto& relay = *report.question.relay;
  const int mail = talk.mail.code / class_of_code, rcpt = talk.rcpt.code / class_of_code;
  std::string_view id = "smtp.relay-undecided";
  auto severity = Severity::unknown;
  if (mail == 2 && rcpt == 2) {
    id = "smtp.relay-not-refused";
    severity = Severity::critical;
  } else if (mail == 2 && (denies_relaying(context, talk.rcpt) ||
                           denies_relaying_as_opensmtpd(talk, relay.forward_path))) {
    id = "smtp.relay-refused";
    severity = Severity::ok;
  }
  auto finding = make(id, severity, report);
  const auto& last = mail == 2 ? talk.rcpt : talk.mail;
  finding.data.set("from", relay.reverse_path);
  finding.data.set("to", relay.forward_path);
  finding.data.set("reply", last.came() ? reply_text(last) : talk.reason);
  for (const auto* reply : {&talk.mail, &talk.rcpt}) {
    if (reply->came()) finding.evidence.push_back(line_evidence(reply_text(*reply)));
  }
  findings.push_back(std::move(finding));
}

}  // namespace maildiag::checks::smtp
