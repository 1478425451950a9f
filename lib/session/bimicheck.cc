#include <optional>
#include <utility>

#include <fmt/format.h>

#include "checks/bimi.h"
#include "core/typed_domain.h"
#include "dns/input_file.h"
#include "session/impl.h"

namespace maildiag {

namespace {

Error usage(std::string message) {
  return {ErrorCode::usage, std::move(message)};
}

}  // namespace

void Session::bimicheck(const std::vector<std::string>& domains, const BimiOptions& options,
                        const ReportSink& sink, const ErrorSink& errors) {
  const auto selector = DomainName::from_user(options.selector);
  if (!selector)
    return errors(
        usage(fmt::format("`{}` is not a selector (example: default)", options.selector)));
  checks::BimiRequest request;
  request.selector = *selector;
  if (!options.indicator.empty()) {
    auto octets = dns::read_input_file(options.indicator, checks::bimi::max_indicator_octets);
    if (!octets) return errors(octets.error());
    request.indicator = std::move(*octets);
  }
  std::vector<std::pair<std::string, DomainName>> targets;
  for (const auto& text : domains) {
    if (auto name = domain_from_user(text)) {
      targets.emplace_back(text, std::move(*name));
    } else {
      errors(usage(fmt::format("`{}` is not a domain name (example: example.com)", text)));
    }
  }
  using Target = std::pair<std::string, DomainName>;
  session::run_all<Target>(
      targets,
      [this, &request](Target target) -> Task<Report> {
        auto report = session::new_report("bimicheck", target.first);
        auto own = request;
        own.domain = target.second;
        auto result = co_await checks::check_bimi(impl_->context(), std::move(own));
        report.result = result.to_value();
        report.findings = std::move(result.findings);
        impl_->finish(report);
        co_return report;
      },
      sink);
}

}  // namespace maildiag
