#include <utility>

#include <fmt/format.h>

#include "checks/domain_picture.h"
#include "core/typed_domain.h"
#include "session/impl.h"

namespace maildiag {

namespace {

using DomainTarget = std::pair<std::string, DomainName>;

Task<Report> look_at(Session::Impl& impl, std::string command, DomainTarget target,
                     checks::PictureOptions options) {
  auto report = session::new_report(std::move(command), target.first);
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
  parts.from_files = !impl.network;
  std::vector<DomainTarget> targets;
  for (const auto& text : domains) {
    if (auto name = domain_from_user(text)) {
      targets.emplace_back(text, std::move(*name));
    } else {
      errors({ErrorCode::usage,
              fmt::format("`{}` is not a domain name (example: example.com)", text)});
    }
  }
  session::run_all<DomainTarget>(
      targets,
      [&impl, command, &parts](DomainTarget target) {
        return look_at(impl, command, std::move(target), parts);
      },
      sink);
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
