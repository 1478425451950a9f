#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "checks/arc.h"
#include "checks/dkim.h"
#include "session/envelope.h"
#include "session/impl.h"
#include "session/report_messages.h"
#include "session/targets.h"

namespace maildiag {

namespace {

using session::DomainTarget;

Result<Report> check_message(Session::Impl& impl, bounce::Message message) {
  auto report = session::new_report("dkimcheck", message.name);
  std::optional<Result<checks::DkimMessageReport>> result;
  std::optional<Result<checks::ArcReport>> arc;
  const std::function<Task<void>()> work = [&]() -> Task<void> {
    const auto received = session::received_at(message.octets, report.started);
    auto done = co_await checks::check_dkim_message(impl.context(), message.octets, received,
                                                    report.started);
    result = std::move(done);
    auto chain = co_await checks::check_arc(impl.context(), std::move(message.octets), received);
    arc = std::move(chain);
  };
  if (!impl.run(work())) return tl::unexpected(session::cancelled_error(impl, "run.left.message"));
  if (!*result) return tl::unexpected(result->error());
  if (!*arc) return tl::unexpected(arc->error());
  report.result = (*result)->to_value();
  report.result.set("arc", (*arc)->to_value());
  report.findings = std::move((*result)->findings);
  std::move((*arc)->findings.begin(), (*arc)->findings.end(), std::back_inserter(report.findings));
  impl.finish(report);
  return report;
}

}  // namespace

void Session::dkimcheck(const std::vector<std::string>& domains, const DkimOptions& options,
                        const ReportSink& sink, const ErrorSink& errors) {
  for (const auto& selector : options.selectors) {
    if (const auto parsed = session::parse_selector(selector); !parsed)
      return errors(parsed.error());
  }
  const auto targets = session::domain_targets(domains, errors);
  const bool go_on = session::run_all<DomainTarget>(
      *impl_, targets,
      [this, &options](DomainTarget target) -> Task<Report> {
        auto report = session::new_report("dkimcheck", target.first);
        auto result =
            co_await checks::check_dkim_keys(impl_->context(), target.second, options.selectors);
        report.result = result.to_value();
        report.findings = std::move(result.findings);
        impl_->finish(report);
        co_return report;
      },
      sink, errors);
  if (!go_on) return;
  session::report_messages(
      *impl_, options.messages,
      [this](bounce::Message message) { return check_message(*impl_, std::move(message)); }, sink,
      errors);
}

}  // namespace maildiag
