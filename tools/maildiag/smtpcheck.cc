#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "program.h"
#include "progress_bar.h"

namespace maildiag::tool {

namespace {

/// What CLI11 puts where a flag stands alone.
constexpr const char* without_value = "true";

void add_options(CLI::App& command, SmtpOptions& options, std::string& relay) {
  command
      .add_option("--port", options.ports, "Port, 25 by default; 465 begins with TLS; repeatable")
      ->take_all()
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 65535));
  command.add_flag("--host", options.hosts, "Names are hosts: do not follow MX records");
  command
      .add_option("--greeting-timeout", options.greeting_timeout,
                  "Seconds to wait for a greeting (30)")
      ->check(CLI::Range(1, 600));
  command
      .add_option("--warning-days", options.warning_days,
                  "Warn of certificates that expire in fewer days (14)")
      ->check(CLI::Range(0, 3650));
  command
      .add_option("--critical-days", options.critical_days,
                  "Alarm about those that expire in fewer days (3)")
      ->check(CLI::Range(0, 3650));
  // A flag, so that a TARGET may follow it; its value stands behind "=".
  command.add_flag("--relay-test", relay,
                   "Ask whether mail of strangers is refused, up to RCPT; =FROM,TO: of these");
}

}  // namespace

void add_smtpcheck(CLI::App& app, Program& program) {
  auto targets = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<SmtpOptions>();
  auto relay = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "smtpcheck", "Check mail servers: greeting, names, STARTTLS, certificate; sends no mail");
  command
      ->add_option("TARGET", *targets, "Domains (each of their MX addresses), HOST:PORT, addresses")
      ->required();
  add_options(*command, *options, *relay);
  command->callback([targets, options, relay, command, &program] {
    if (command->count("--relay-test") > 0)
      options->relay_test = *relay == without_value ? std::string() : *relay;
    program.action = [targets, options](Session& session, Output& output) {
      ProgressBar bar(false);
      if (bar.visible()) {
        options->progress = [&bar](std::size_t done, std::size_t known) {
          ExplainProgress progress;
          progress.items = done;
          progress.bytes = done;
          progress.total_bytes = known;
          bar.show(progress);
        };
      }
      const auto reports = [&](const Report& report) {
        bar.clear();
        return output.report(report);
      };
      session.smtpcheck(*targets, *options, reports, output.errors());
      bar.clear();
    };
  });
}

}  // namespace maildiag::tool
