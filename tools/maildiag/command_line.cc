#include "command_line.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <maildiag/interface.h>

#include "help.h"
#include "program.h"
#include "usage.h"

namespace maildiag::tool {
namespace {

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
std::vector<std::string> words_to_parse(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words.front() != "help") return words;
  while (!words.empty() && words.front() == "help") words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

/// Help is asked for with a word in the place of a command that there is not.
bool names_no_command(const CLI::App& app) {
  const auto words = app.remaining(true);
  const auto commands = chosen_command(app).get_subcommands([](const CLI::App*) { return true; });
  return !commands.empty() && !words.empty() &&
         std::none_of(words.begin(), words.end(),
                      [](const std::string& word) { return word.starts_with('-'); });
}

void build(CLI::App& app, Program& program) {
  app.set_help_flag("-h,--help", "help.global.help")->group("help.section.general");
  app.set_help_all_flag("--help-all", "help.global.help-all")->group("help.section.general");
  app.set_version_flag("--version", "maildiag " MAILDIAG_VERSION, "help.global.version")
      ->group("help.section.general");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_global_options(app, program.options);
  add_commands(app, program);
  refuse_empty_values(app);
}

/// CLI11's own exit codes mean nothing to the users; everything but help and version is EX_USAGE.
Said answer(const CLI::App& app, const CLI::ParseError& error, int argc, const char* const* argv) {
  if (error.get_name() == "CallForVersion") return {std::string(error.what()) + '\n', {}, 0};
  const auto language = early_language(argc, argv);
  const auto& command = chosen_command(app);
  const bool all = error.get_name() == "CallForAllHelp";
  if (all || error.get_name() == "CallForHelp") {
    if (names_no_command(app))
      return answer(app, CLI::ExtrasError(app.remaining(true)), argc, argv);
    return {help_page(command, all, language), {}, 0};
  }
  const auto message = printable(usage_message(app, error, language));
  if (wants_nagios(argc, argv)) {  // a plug-in has four exit codes and speaks on standard output
    NagiosStatus status;
    status.add(Error{ErrorCode::usage, message});
    return {status.line() + '\n', {}, status.exit_status()};
  }
  const auto more =
      interface_text("usage.try", language, {{"word", command_path(command) + " --help"}});
  return {{}, "maildiag: " + message + '\n' + more + '\n', static_cast<int>(ErrorCode::usage)};
}

}  // namespace

std::optional<Said> read_command_line(int argc, const char* const* argv, Program& program) {
  CLI::App app("", "maildiag");
  build(app, program);
  try {
    auto words = words_to_parse(argc, argv);
    std::reverse(words.begin(), words.end());  // the parser takes them from the end
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return answer(app, error, argc, argv);
  }
  program.command = command_path(chosen_command(app));
  if (program.action) return std::nullopt;
  return Said{{}, start_page(early_language(argc, argv)), static_cast<int>(ErrorCode::usage)};
}

}  // namespace maildiag::tool
