#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <maildiag/interface.h>

#include "help.h"
#include "program.h"
#include "usage.h"

namespace maildiag::tool {
namespace {

/// CLI11's own exit codes mean nothing to the users; everything but help and version is EX_USAGE.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_name() == "CallForVersion") return std::puts(error.what()), 0;
  const auto language = early_language(argc, argv);
  const auto& command = chosen_command(app);
  const bool all = error.get_name() == "CallForAllHelp";
  if (all || error.get_name() == "CallForHelp") {
    std::fputs(help_page(command, all, language).c_str(), stdout);
    return 0;
  }
  const auto message = printable(usage_message(app, error, language));
  if (wants_nagios(argc, argv)) {  // a plug-in has four exit codes and speaks on standard output
    NagiosStatus status;
    status.add(Error{ErrorCode::usage, message});
    std::puts(status.line().c_str());
    return status.exit_status();
  }
  const auto more =
      interface_text("usage.try", language, {{"word", command_path(command) + " --help"}});
  std::fprintf(stderr, "maildiag: %s\n%s\n", message.c_str(), more.c_str());
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

/// The groups are those of `maildiag --help`, which shows the commands in this order.
void add_commands(CLI::App& app, Program& program) {
  using Add = void (*)(CLI::App&, Program&);
  const std::vector<std::pair<const char*, std::vector<Add>>> groups{
      {"help.section.bounce", {add_explain, add_summary}},
      {"help.section.check",
       {add_mxcheck, add_report, add_ptrcheck, add_spfcheck, add_dkimcheck, add_dmarccheck,
        add_bimicheck, add_tlscheck, add_smtpcheck, add_rblcheck, add_reputation, add_whois,
        add_lookup}},
      {"help.section.keep", {add_watch, add_rules, add_findings, add_config}}};
  for (const auto& [group, adders] : groups) {
    for (const auto add : adders) {
      add(app, program);
      app.get_subcommands([](const CLI::App*) { return true; }).back()->group(group);
    }
  }
}

/// `maildiag help mxcheck` is `maildiag mxcheck --help`.
std::vector<std::string> words_to_parse(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

int run(int argc, char** argv) {
  CLI::App app("", "maildiag");
  app.set_help_flag("-h,--help", "help.global.help")->group("help.section.general");
  app.set_help_all_flag("--help-all", "help.global.help-all")->group("help.section.general");
  app.set_version_flag("--version", "maildiag " MAILDIAG_VERSION, "help.global.version")
      ->group("help.section.general");
  app.fallthrough();
  app.require_subcommand(0, 1);
  Program program;
  add_global_options(app, program.options);
  add_commands(app, program);
  refuse_empty_values(app);
  try {
    auto words = words_to_parse(argc, argv);
    std::reverse(words.begin(), words.end());  // the parser takes them from the end
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error, argc, argv);
  }
  program.command = command_path(chosen_command(app));
  if (program.action) return program.run();
  std::fputs(start_page(early_language(argc, argv)).c_str(), stderr);
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
