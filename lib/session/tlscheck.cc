#include <chrono>
#include <utility>

#include "checks/tls_domain.h"
#include "core/typed_domain.h"
#include "session/impl.h"

namespace maildiag {

void Session::tlscheck(const std::vector<std::string>& domains, const ReportSink& sink,
                       const ErrorSink& errors) {
  using Target = std::pair<std::string, DomainName>;
  std::vector<Target> targets;
  for (const auto& text : domains) {
    if (auto name = domain_from_user(text)) {
      targets.emplace_back(text, std::move(*name));
    } else {
      errors(
          make_error(ErrorCode::usage, "`{}` is not a domain name (example: example.com)", text));
    }
  }
  session::run_all<Target>(
      *impl_, targets,
      [this](Target target) -> Task<Report> {
        auto report = session::new_report("tlscheck", target.first);
        checks::TlsQuestion question;
        question.domain = target.second;
        question.now = std::chrono::system_clock::now();
        auto result = co_await checks::check_tls(impl_->context(), std::move(question));
        report.result = result.to_value();
        report.findings = result.all_findings();
        impl_->finish(report);
        co_return report;
      },
      sink, errors);
}

}  // namespace maildiag
