#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/returned_message.h"
#include "checks/dkim_finding.h"
#include "checks/dmarc.h"
#include "checks/message_auth.h"
#include "core/text.h"
#include "session/impl.h"

namespace maildiag {

namespace {

using DomainTarget = std::pair<std::string, DomainName>;

/// An envelope and where each part of it comes from.
struct Origin {
  checks::Envelope envelope;
  std::string ip_source, helo_source, sender_source;  ///< "option" "received" "return-path"
  std::string by;  ///< who wrote the Received field that was used
};

/// What the options say of the envelope.
Result<Origin> read_options(const DmarcOptions& options) {
  Origin origin;
  if (!options.ip.empty()) {
    origin.envelope.ip = IpAddress::parse(options.ip);
    origin.ip_source = "option";
    if (!origin.envelope.ip)
      return fail(ErrorCode::usage, fmt::format("--ip: `{}` is not an IP address", options.ip));
  }
  if (!options.helo.empty()) {
    if (!options.helo.starts_with('[') && !DomainName::from_user(options.helo))
      return fail(ErrorCode::usage,
                  fmt::format("--helo: `{}` is neither a host name nor an address in brackets",
                              options.helo));
    origin.envelope.helo = options.helo;
    origin.helo_source = "option";
  }
  if (!options.sender.empty()) {
    const auto sender = text::strip_brackets(options.sender);
    const auto at = sender.rfind('@');
    const bool literal = at != std::string_view::npos && sender.substr(at + 1).starts_with('[');
    const bool good =
        sender.empty() || literal ||
        (at != std::string_view::npos && at > 0 && DomainName::from_user(sender.substr(at + 1)));
    if (!good)
      return fail(ErrorCode::usage,
                  fmt::format("--sender: `{}` is not an address (examples: you@example.com, <>)",
                              options.sender));
    origin.envelope.sender = std::string(sender);
    origin.sender_source = "option";
  }
  return origin;
}

/// The hop at which the message came in from outside: the newest one with a public client. Above it
/// stand only hops between the receiver's own servers.
const bounce::Hop* find_entry(const std::vector<bounce::Hop>& hops,
                              const std::optional<IpAddress>& ip) {
  for (const auto& hop : hops) {
    if (!hop.client) continue;
    if (ip ? hop.client->unmapped() == ip->unmapped() : bounce::is_public(*hop.client)) return &hop;
  }
  return nullptr;
}

/// The rest out of the message itself.
Result<Origin> complete(Origin origin, std::string_view octets) {
  auto& envelope = origin.envelope;
  const auto header = bounce::Fields::parse(bounce::split_header(octets).header);
  const auto hops = bounce::read_hops(header);
  if (const auto* hop = find_entry(hops, envelope.ip)) {
    if (!envelope.ip) {
      envelope.ip = hop->client;
      origin.ip_source = "received";
      origin.by = hop->by;
    }
    if (envelope.helo.empty() && !hop->helo.empty()) {
      envelope.helo = hop->helo;
      origin.helo_source = "received";
    }
  }
  if (!envelope.sender && header.has("Return-Path")) {
    envelope.sender = std::string(text::strip_brackets(text::trim(header.get("Return-Path"))));
    origin.sender_source = "return-path";
  }
  if (!envelope.ip)
    return fail(ErrorCode::usage,
                "no Received field tells which server delivered it: give its address with --ip");
  if (!envelope.sender)
    return fail(ErrorCode::usage,
                "it has no Return-Path field: give the envelope sender with --sender "
                "(--sender '<>' where it is empty)");
  return origin;
}

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

void describe_origin(const Origin& origin, Report& report) {
  auto& envelope = *report.result.find("envelope");
  envelope.set("ip_source", text_or_null(origin.ip_source));
  envelope.set("helo_source", text_or_null(origin.helo_source));
  envelope.set("sender_source", text_or_null(origin.sender_source));
  if (origin.ip_source != "received") return;
  Finding finding;
  finding.id = "auth.client-from-received";
  finding.subject = origin.envelope.ip->to_string();
  finding.data.set("ip", finding.subject);
  finding.data.set("helo", checks::dkim::shown(origin.envelope.helo));
  finding.data.set("by", checks::dkim::shown(origin.by));
  report.findings.push_back(std::move(finding));
}

Result<Report> evaluate(Session::Impl& impl, bounce::Message message, const Origin& given,
                        const checks::PublicSuffixes& suffixes) {
  const auto origin = complete(given, message.octets);
  if (!origin) return tl::unexpected(origin.error());
  auto report = session::new_report("dmarccheck", message.name);
  std::optional<Result<checks::MessageAuth>> result;
  const std::function<Task<void>()> work = [&]() -> Task<void> {
    checks::MessageRequest request;
    request.envelope = origin->envelope;
    request.now = report.started;
    request.suffixes = &suffixes;
    auto done =
        co_await checks::evaluate_message(impl.context(), std::move(message.octets), request);
    result = std::move(done);
  };
  run_task(work());
  if (!*result) return tl::unexpected(result->error());
  report.result = (*result)->to_value();
  report.findings = std::move((*result)->findings);
  describe_origin(*origin, report);
  impl.finish(report);
  return report;
}

}  // namespace

void Session::dmarccheck(const std::vector<std::string>& domains, const DmarcOptions& options,
                         const ReportSink& sink, const ErrorSink& errors) {
  const auto origin = read_options(options);
  if (!origin) return errors(origin.error());
  std::vector<DomainTarget> targets;
  for (const auto& text : domains) {
    if (auto name = DomainName::from_user(text)) {
      targets.emplace_back(text, std::move(*name));
    } else {
      errors({ErrorCode::usage,
              fmt::format("`{}` is not a domain name (example: example.com)", text)});
    }
  }
  if (targets.empty() && options.messages.empty()) return;
  const checks::PublicSuffixes suffixes;
  bool go_on = true;
  session::run_all<DomainTarget>(
      targets,
      [this, &suffixes](DomainTarget target) -> Task<Report> {
        Report report = session::new_report("dmarccheck", target.first);
        const checks::DmarcScope scope{&suffixes, true};
        auto result = co_await checks::check_dmarc(impl_->context(), target.second, scope);
        report.result = result.to_value();
        report.findings = std::move(result.findings);
        impl_->finish(report);
        co_return report;
      },
      [&](const Report& report) { return go_on = sink(report); });
  // One message in memory at a time.
  for (const auto& path : options.messages) {
    if (!go_on) break;
    bounce::for_each_message(
        path,
        [&](bounce::Message message) {
          const auto name = message.name;
          const auto report = evaluate(*impl_, std::move(message), *origin, suffixes);
          if (report) return go_on = sink(*report);
          errors({report.error().code, fmt::format("{}: {}", name, report.error().message)});
          return true;
        },
        errors);
  }
}

}  // namespace maildiag
