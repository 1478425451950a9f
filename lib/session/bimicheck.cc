#include <optional>
#include <utility>

#include "checks/bimi.h"
#include "dns/input_file.h"
#include "session/impl.h"
#include "session/targets.h"

namespace maildiag {

void Session::bimicheck(const std::vector<std::string>& domains, const BimiOptions& options,
                        const ReportSink& sink, const ErrorSink& errors) {
  const auto selector = session::parse_selector(options.selector);
  if (!selector) return errors(selector.error());
  checks::BimiRequest request;
  request.selector = *selector;
  if (!options.indicator.empty()) {
    auto octets = dns::read_input_file(options.indicator, checks::bimi::max_indicator_octets);
    if (!octets) return errors(octets.error());
    request.indicator = std::move(*octets);
  }
  const auto targets = session::domain_targets(domains, errors);
  using session::DomainTarget;
  session::run_all<DomainTarget>(
      *impl_, targets,
      [this, &request](DomainTarget target) -> Task<Report> {
        auto report = session::new_report("bimicheck", target.first);
        auto own = request;
        own.domain = target.second;
        auto result = co_await checks::check_bimi(impl_->context(), std::move(own));
        report.result = result.to_value();
        report.findings = std::move(result.findings);
        impl_->finish(report);
        co_return report;
      },
      sink, errors);
}

}  // namespace maildiag
