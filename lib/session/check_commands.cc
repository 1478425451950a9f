#include <optional>

#include "checks/ptr.h"
#include "checks/spf.h"
#include "session/envelope.h"
#include "session/impl.h"
#include "session/targets.h"

namespace maildiag {

namespace {

using session::DomainTarget;
using AddressTarget = std::pair<std::string, IpAddress>;

Error malformed(const std::string& text) {
  return make_error(ErrorCode::usage,
                    "`{}` is not an IP address (examples: 192.0.2.1, 2001:db8::1)", text);
}

std::vector<AddressTarget> address_targets(const std::vector<std::string>& texts,
                                           const ErrorSink& errors) {
  std::vector<AddressTarget> targets;
  for (const auto& text : texts) {
    if (const auto ip = IpAddress::parse(text)) {
      targets.emplace_back(text, *ip);
    } else {
      errors(malformed(text));
    }
  }
  return targets;
}

/// {record, term, octets}; null where no change can be suggested.
Value suggestion_value(const std::optional<checks::SpfSuggestion>& change) {
  if (!change) return {};
  return Value::object(
      {{"record", change->record}, {"term", change->term}, {"octets", change->octets}});
}

}  // namespace

void Session::ptrcheck(const std::vector<std::string>& addresses, const PtrOptions& options,
                       const ReportSink& sink, const ErrorSink& errors) {
  const auto targets = address_targets(addresses, errors);
  session::run_all<AddressTarget>(*impl_, targets,
                                  [this, &options](AddressTarget target) -> Task<Report> {
                                    Report report = session::new_report("ptrcheck", target.first);
                                    auto result = co_await checks::check_ptr(
                                        impl_->context(), target.second, options.helo);
                                    report.result = result.to_value();
                                    report.findings = std::move(result.findings);
                                    impl_->finish(report);
                                    co_return report;
                                  },
                                  sink, errors, {.hand_over = session::HandOver::early});
}

void Session::spfcheck(const std::vector<std::string>& domains, const SpfOptions& options,
                       const ReportSink& sink, const ErrorSink& errors) {
  const auto ip = options.ip.empty() ? std::nullopt : IpAddress::parse(options.ip);
  if (!options.ip.empty() && !ip) return errors(malformed(options.ip));
  const auto wanted = options.suggest.empty() ? std::nullopt : IpAddress::parse(options.suggest);
  if (!options.suggest.empty() && !wanted) return errors(malformed(options.suggest));
  const auto sender = session::read_sender(options.sender);
  if (!sender) return errors(sender.error());
  const auto helo = session::read_helo(options.helo);
  if (!helo) return errors(helo.error());
  if (*sender && (*sender)->empty() && options.helo.empty())
    return errors(
        make_error(ErrorCode::usage, "--sender '<>' needs --helo: that name is checked then"));
  const auto targets = session::domain_targets(domains, errors);
  session::run_all<DomainTarget>(
      *impl_, targets,
      [this, &options, &ip, &wanted, &sender](DomainTarget target) -> Task<Report> {
        Report report = session::new_report("spfcheck", target.first);
        checks::SpfReport result;
        if (ip) {
          checks::SpfRequest request;
          request.ip = *ip;
          request.helo = options.helo;
          request.sender = sender->value_or("postmaster@" + target.second.to_string());
          result = co_await checks::check_spf(impl_->context(), request);
        } else {
          result = co_await checks::lint_spf(impl_->context(), target.second);
        }
        report.findings = std::move(result.findings);
        report.result = std::move(result).to_value();
        if (wanted) {
          auto advice = co_await checks::advise_spf(impl_->context(), target.second, *wanted);
          report.result.set("suggestion", suggestion_value(advice.suggestion));
          report.findings.push_back(std::move(advice.finding));
        }
        impl_->finish(report);
        co_return report;
      },
      sink, errors, {.hand_over = session::HandOver::early});
}

}  // namespace maildiag
