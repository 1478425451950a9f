#include "checks/whois.h"

#include <chrono>
#include <sys/stat.h>
#include <utility>

#include "checks/whois_refresh.h"
#include "session/cache_file.h"
#include "session/impl.h"
#include "session/whois_files.h"

namespace maildiag {

namespace {

/// Registries count the questions of an address and shut out who asks much at once.
constexpr std::size_t at_once = 4;

using Target = std::pair<std::string, checks::whois::Target>;

std::vector<Target> parse_all(const std::vector<std::string>& texts, const ErrorSink& errors) {
  std::vector<Target> targets;
  for (const auto& text : texts) {
    if (auto target = checks::whois::parse_target(text)) {
      targets.emplace_back(text, std::move(*target));
    } else {
      errors(make_error(ErrorCode::usage,
                        "`{}` is no domain, address, network or AS number (examples: "
                        "example.com, 192.0.2.1, 192.0.2.0/24, AS64496)",
                        text));
    }
  }
  return targets;
}

}  // namespace

void Session::whois(const std::vector<std::string>& targets, const WhoisOptions& options,
                    const ReportSink& sink, const ErrorSink& errors) {
  impl_->whois.fresh = options.fresh;
  session::run_all<Target>(*impl_, parse_all(targets, errors),
                           [this](Target target) -> Task<Report> {
                             auto report = session::new_report("whois", target.first);
                             const auto now = std::chrono::system_clock::now();
                             auto result =
                                 co_await checks::check_whois(impl_->context(), target.second, now);
                             report.result = result.to_value();
                             report.findings = std::move(result.findings);
                             impl_->finish(report);
                             co_return report;
                           },
                           sink, errors, {.window = at_once});
}

void Session::whois_refresh(const ReportSink& sink, const ErrorSink& errors) {
  const auto& directory = impl_->options.cache_directory;
  if (directory.empty())
    return errors(make_error(ErrorCode::cannot_write,
                             "there is no cache directory for IANA's files; set "
                             "XDG_CACHE_HOME"));
  auto report = session::new_report("whois refresh", "IANA");
  std::vector<checks::RefreshedFile> files;
  const auto fetch = [this, &files]() -> Task<void> {
    auto fetched = co_await checks::refresh_bootstrap(impl_->context());
    files = std::move(fetched);
  };
  if (!impl_->run(fetch())) return errors(session::cancelled_error(*impl_, "run.left.registries"));
  Value results = Value::array();
  for (auto& file : files) {
    const auto path = session::bootstrap_file(directory, file.file);
    constexpr mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;  // IANA publishes it
    const bool good = !file.body.empty();
    if (good && !session::write_cache_file(path, file.body, mode))
      errors(make_error(ErrorCode::cannot_write, "{}: cannot be written", path));
    results.push(Value::object({{"file", path}, {"refreshed", good}}));
    report.findings.push_back(std::move(file.finding));
  }
  report.result.set("files", std::move(results));
  impl_->finish(report);
  impl_->load_registries();  // what follows in this run uses them
  sink(report);
}

/// Sets how registries are asked; what is known of them is read when it is first needed.
void Session::Impl::load_registries() {
  whois.korean = options.language == Language::ko;
  whois.scope = whois.korean ? "\nko" : "";
  // Who answers elsewhere, or under another authority, is not the registry itself.
  for (const auto& rule : options.connect_to) whois.scope += "\n" + rule;
  if (!options.ca_file.empty()) whois.scope += "\n" + options.ca_file;
  // Files answer for DNS: what comes of them is a test's, and a recording holds the whole.
  keeps_registrations =
      network.has_value() && options.record_file.empty() && !options.cache_directory.empty();
  whois.load = [this](checks::WhoisAccess& access) {
    if (options.cache_directory.empty()) return;
    access.bootstrap = {};
    session::read_bootstrap(options.cache_directory, access.bootstrap);
    if (keeps_registrations) session::read_registrations(options.cache_directory, access.cache);
  };
}

void Session::Impl::keep_registrations() const {
  if (keeps_registrations && whois.cache.changed())
    session::write_registrations(options.cache_directory, whois.cache);
}

}  // namespace maildiag
