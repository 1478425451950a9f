#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "program.h"
#include "within.h"

namespace maildiag::tool {

namespace {

/// What CLI11 puts where a flag stands alone.
constexpr const char* without_value = "true";

void add_options(CLI::App& command, SmtpOptions& options, std::string& relay) {
  command.add_option("--port", options.ports, "help.smtpcheck.port")
      ->type_name("N")
      ->take_all()
      ->allow_extra_args(false)
      ->check(within(tcp_port));
  command.add_flag("--host", options.hosts, "help.smtpcheck.host");
  command
      .add_option("--greeting-timeout", options.greeting_timeout, "help.smtpcheck.greeting-timeout")
      ->type_name("N")
      ->check(within(greeting_seconds));
  command.add_option("--warning-days", options.warning_days, "help.smtpcheck.warning-days")
      ->type_name("N")
      ->check(within(certificate_days));
  command.add_option("--critical-days", options.critical_days, "help.smtpcheck.critical-days")
      ->type_name("N")
      ->check(within(certificate_days));
  // A flag, so that a TARGET may follow it; its value stands behind "=".
  command.add_flag("--relay-test", relay, "help.smtpcheck.relay-test");
}

}  // namespace

void add_smtpcheck(CLI::App& app, Program& program) {
  auto targets = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<SmtpOptions>();
  auto relay = std::make_shared<std::string>();
  auto* command = app.add_subcommand("smtpcheck", "help.smtpcheck");
  command->footer("maildiag smtpcheck mail.example.com:587");
  command->add_option("TARGET", *targets, "help.smtpcheck.target")->required();
  add_options(*command, *options, *relay);
  command->callback([targets, options, relay, command, &program] {
    if (command->count("--relay-test") > 0)
      options->relay_test = *relay == without_value ? std::string() : *relay;
    program.action = [targets, options](Session& session, Output& output) {
      session.smtpcheck(*targets, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
