#include <utility>

#include "checks/domain_picture.h"
#include "session/impl.h"
#include "session/targets.h"

namespace maildiag {

namespace {

using session::DomainTarget;

Task<Report> look_at(Session::Impl& impl, std::string command, DomainTarget target,
                     checks::PictureOptions options) {
  auto report = session::new_report(std::move(command), target.first);
  options.now = report.started;
  auto picture =
      co_await checks::check_domain_picture(impl.context(), target.second, std::move(options));
  report.result = picture.to_value(*impl.rulebook, impl.options.language);
  report.result.set("resolver", Value::strings(impl.lists.servers));
  report.findings = std::move(picture.findings);
  impl.finish(report);
  co_return report;
}

void look_at_all(Session::Impl& impl, const char* command, const std::vector<std::string>& domains,
                 const DomainOptions& options, const ReportSink& sink, const ErrorSink& errors) {
  checks::PictureOptions parts;
  parts.selectors = options.selectors;
  parts.lists = options.dnsbl;
  parts.smtp = options.smtp;
  // Zone files say nothing about how servers answer; a recording holds what they did.
  parts.name_servers = options.smtp && (impl.network || !impl.options.replay_file.empty());
  parts.from_files = !impl.network;
  const auto targets = session::domain_targets(domains, errors);
  session::run_all<DomainTarget>(
      impl, targets,
      [&impl, command, &parts](DomainTarget target) {
        return look_at(impl, command, std::move(target), parts);
      },
      sink, errors);
}

}  // namespace

void Session::mxcheck(const std::vector<std::string>& domains, const DomainOptions& options,
                      const ReportSink& sink, const ErrorSink& errors) {
  look_at_all(*impl_, "mxcheck", domains, options, sink, errors);
}

void Session::report(const std::string& domain, const DomainOptions& options,
                     const ReportSink& sink, const ErrorSink& errors) {
  look_at_all(*impl_, "report", {domain}, options, sink, errors);
}

}  // namespace maildiag
