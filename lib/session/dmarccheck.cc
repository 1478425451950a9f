#include <chrono>
#include <optional>
#include <utility>

#include "checks/dkim_finding.h"
#include "checks/dmarc.h"
#include "checks/message_auth.h"
#include "session/bulk.h"
#include "session/envelope.h"
#include "session/impl.h"
#include "session/report_messages.h"
#include "session/targets.h"

namespace maildiag {

namespace {

using session::DomainTarget;

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

void describe_origin(const session::EnvelopeOrigin& origin, Report& report) {
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

Result<Report> evaluate(Session::Impl& impl, bounce::Message message,
                        const session::EnvelopeOrigin& given,
                        const checks::PublicSuffixes& suffixes) {
  const auto origin = session::complete_envelope(given, message.octets);
  if (!origin) return tl::unexpected(origin.error());
  auto report = session::new_report("dmarccheck", message.name);
  std::optional<Result<checks::MessageAuth>> result;
  const std::function<Task<void>()> work = [&]() -> Task<void> {
    checks::MessageRequest request;
    request.envelope = origin->envelope;
    request.now = session::received_at(message.octets, report.started);
    request.today = report.started;
    request.suffixes = &suffixes;
    auto done =
        co_await checks::evaluate_message(impl.context(), std::move(message.octets), request);
    result = std::move(done);
  };
  if (!impl.run(work())) return tl::unexpected(session::cancelled_error(impl, "run.left.message"));
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
  if (options.bulk) return session::check_bulk(*impl_, domains, options, sink, errors);
  const auto origin = session::read_envelope_options(options);
  if (!origin) return errors(origin.error());
  const auto targets = session::domain_targets(domains, errors);
  if (targets.empty() && options.messages.empty()) return;
  const checks::PublicSuffixes suffixes;
  const bool go_on = session::run_all<DomainTarget>(
      *impl_, targets,
      [this, &suffixes](DomainTarget target) -> Task<Report> {
        Report report = session::new_report("dmarccheck", target.first);
        const checks::DmarcScope scope{&suffixes, true};
        auto result = co_await checks::check_dmarc(impl_->context(), target.second, scope);
        report.result = result.to_value();
        report.findings = std::move(result.findings);
        impl_->finish(report);
        co_return report;
      },
      sink, errors);
  if (!go_on) return;
  session::report_messages(
      *impl_, options.messages,
      [&](bounce::Message message) {
        return evaluate(*impl_, std::move(message), *origin, suffixes);
      },
      sink, errors);
}

}  // namespace maildiag
