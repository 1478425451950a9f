#include <cmath>
#include <utility>

#include "checks/smtp.h"

namespace maildiag::checks {

namespace {

/// With one decimal: on loopback a connection takes less than a millisecond.
Value milliseconds(const std::optional<std::chrono::microseconds>& time) {
  constexpr double tenths = 100.0;
  if (!time) return {};
  return std::round(static_cast<double>(time->count()) / tenths) / 10.0;
}

std::string joined(const net::SmtpReply& reply) {
  std::string text;
  for (const auto& line : reply.lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

Value reply_value(const net::SmtpReply& reply) {
  if (!reply.came()) return {};
  return Value::object({{"code", reply.code}, {"text", joined(reply)}});
}

Value chain_value(const net::TlsFacts& tls) {
  Value chain = Value::array();
  for (const auto& der : tls.chain) {
    const auto certificate = Certificate::from_der(der);
    if (!certificate) continue;
    chain.push(Value::object({{"subject", certificate->subject},
                              {"issuer", certificate->issuer},
                              {"not_after", to_rfc3339(certificate->not_after)}}));
  }
  return chain;
}

Value tls_value(const SmtpReport& report) {
  const auto& talk = report.talk;
  const bool implicit = report.implicit_tls();
  Value value = Value::object({{"implicit", implicit},
                               {"offered", implicit || report.clear.has("STARTTLS")},
                               {"accepted", Value()}});
  if (talk.tls || talk.starttls.came()) value.set("accepted", talk.tls.has_value());
  if (talk.starttls.came()) value.set("reply", reply_value(talk.starttls));
  value.set("handshake_ms", milliseconds(talk.handshake));
  if (!talk.tls) return value;
  value.set("version", talk.tls->version).set("cipher", talk.tls->cipher);
  const auto result = talk.tls->verify_result;
  value.set("verified", result == net::not_verified ? Value() : Value(result == 0));
  value.set("verify_code", talk.tls->verify_result).set("verify_text", talk.tls->verify_text);
  value.set("name_matches", report.name_matches ? Value(*report.name_matches) : Value());
  if (report.certificate)
    value.set("certificate", report.certificate->to_value(report.question.now));
  value.set("chain", chain_value(*talk.tls));
  return value;
}

Value transcript_value(const net::SmtpTalk& talk) {
  Value lines = Value::array();
  for (const auto& line : talk.transcript)
    lines.push(Value::object({{"ms", milliseconds(line.at)},
                              {"from", line.ours ? "client" : "server"},
                              {"text", line.text}}));
  return lines;
}

Value relay_value(const SmtpReport& report) {
  const auto& question = *report.question.relay;
  return Value::object({{"from", question.reverse_path},
                        {"to", question.forward_path},
                        {"mail", reply_value(report.talk.mail)},
                        {"rcpt", reply_value(report.talk.rcpt)}});
}

void set_extensions(const SmtpReport& report, Value& value) {
  // What counts is what is offered last: inside TLS, where there is one.
  const bool has_secured = !report.secured.name.empty();
  const auto& last = has_secured ? report.secured : report.clear;
  value.set("ehlo_name", last.name);
  value.set("extensions",
            Value::strings(report.implicit_tls() ? last.texts() : report.clear.texts()));
  if (!report.implicit_tls() && has_secured) {
    value.set("extensions_tls", Value::strings(report.secured.texts()));
    value.set("only_clear", Value::strings(only_in(report.clear, report.secured)));
    value.set("only_tls", Value::strings(only_in(report.secured, report.clear)));
  }
  const auto size = last.size();
  value.set("size", size ? Value(*size) : Value());
  value.set("auth", Value::strings(last.auth()));
  value.set("auth_clear", Value::strings(report.clear.auth()));
  value.set("pipelining", last.has("PIPELINING")).set("8bitmime", last.has("8BITMIME"));
  value.set("smtputf8", last.has("SMTPUTF8"));
}

}  // namespace

Value SmtpReport::to_value() const {
  Value value =
      Value::object({{"address", question.address.to_string()},
                     {"port", question.port},
                     {"host", question.host ? Value(question.host->to_string()) : Value()},
                     {"state", to_string(state)},
                     {"connect_ms", milliseconds(talk.connect)},
                     {"banner_ms", milliseconds(talk.greeted)},
                     {"banner", talk.greeting.came()   ? Value(joined(talk.greeting))
                                : talk.garbage.empty() ? Value()
                                                       : Value(talk.garbage)},
                     {"code", talk.greeting.came() ? Value(talk.greeting.code) : Value()}});
  value.set("banner_name", banner_name.empty() ? Value() : Value(banner_name));
  if (talk.connect) value.set("source", talk.source.to_string());
  if (reverse) {
    const auto names = reverse->to_value();
    value.set("ptr", names["ptr"]).set("fcrdns", names["fcrdns"]);
  }
  if (cause)
    value.set("cause", Value::object({{"rule", cause->rule->id},
                                      {"cause", cause->cause->id},
                                      {"facts", cause->value["facts"]}}));
  if (state == SmtpState::ready || state == SmtpState::broken_off) {
    set_extensions(*this, value);
    value.set("starttls", tls_value(*this));
  }
  if (question.relay) value.set("relay", relay_value(*this));
  value.set("quit", talk.quit.came());
  value.set("total_ms", milliseconds(talk.total));
  if (talk.fault != net::Fault::none)
    value.set("fault", Value::object({{"kind", net::to_string(talk.fault)},
                                      {"stage", net::to_string(talk.stage)},
                                      {"reason", talk.reason},
                                      {"repeated", talk.repeated}}));
  value.set("transcript", transcript_value(talk));
  return value;
}

}  // namespace maildiag::checks
