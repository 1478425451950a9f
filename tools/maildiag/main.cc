#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {
namespace {

constexpr const char* start_here = R"(Start with one of these:
  maildiag explain bounce.eml        why was this mail rejected, and what to do
  maildiag explain --reply '550 5.7.1 ...' --ip 192.0.2.1 --sender you@example.com
  maildiag mxcheck example.com       mail exchangers, their addresses and names
  maildiag rblcheck 192.0.2.1        is this address on a block list
`maildiag --help` lists everything.
)";

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// CLI11's own exit codes mean nothing to the users; everything but help and version is EX_USAGE.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error, bool nagios) {
  if (error.get_exit_code() == 0) return app.exit(error);
  if (nagios) {  // a plug-in has four exit codes and speaks on standard output
    NagiosStatus status;
    status.add(Error{ErrorCode::usage, error.what()});
    std::puts(status.line().c_str());
    return status.exit_status();
  }
  std::fprintf(stderr, "maildiag: %s\n", error.what());
  const auto rest = app.remaining();
  if (app.get_subcommands().empty() && !rest.empty()) {
    const auto near = suggest(rest.front(), subcommand_names(app));
    if (!near.empty()) std::fprintf(stderr, "Did you mean `maildiag %s`?\n", near.c_str());
  }
  const auto chosen = app.get_subcommands();
  std::fprintf(stderr, "Try `maildiag %s--help`.\n",
               chosen.empty() ? "" : (chosen.front()->get_name() + " ").c_str());
  return static_cast<int>(ErrorCode::usage);
}

/// "$IP" of a script whose variable is not set must not pass for no option.
void refuse_empty_values(CLI::App& app) {
  const CLI::Validator not_empty(
      [](const std::string& value) {
        return value.empty() ? std::string("must not be empty") : std::string();
      },
      "");
  for (auto* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->check(not_empty);
  }
  for (auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    refuse_empty_values(*command);
}

int run(int argc, char** argv) {
  CLI::App app("Tells why a mail was rejected, and checks it.", "maildiag");
  app.set_version_flag("--version", "maildiag " MAILDIAG_VERSION);
  app.fallthrough();
  app.require_subcommand(0, 1);
  Program program;
  add_global_options(app, program.options);
  for (const auto add :
       {add_explain, add_mxcheck, add_report, add_ptrcheck, add_spfcheck, add_dkimcheck,
        add_dmarccheck, add_bimicheck, add_tlscheck, add_lookup, add_rblcheck, add_whois,
        add_smtpcheck, add_watch, add_reputation, add_rules, add_findings, add_summary, add_config})
    add(app, program);
  refuse_empty_values(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, wants_nagios(argc, argv));
  }
  if (program.action) return program.run();
  std::fputs(start_here, stderr);
  return static_cast<int>(ErrorCode::usage);
}

}  // namespace
}  // namespace maildiag::tool

int main(int argc, char** argv) {
  try {
    return maildiag::tool::run(argc, argv);
  } catch (const std::exception& error) {
    if (maildiag::tool::wants_nagios(argc, argv)) {
      maildiag::NagiosStatus status;
      status.add(maildiag::Error{maildiag::ErrorCode::internal, error.what()});
      std::puts(status.line().c_str());
      return status.exit_status();
    }
    std::fprintf(stderr, "maildiag: internal error: %s\n", error.what());
    return static_cast<int>(maildiag::ErrorCode::internal);
  }
}
