#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <maildiag/interface.h>

#include "program.h"
#include "within.h"

namespace maildiag::tool {

namespace {

void add_inputs(CLI::App& command, ExplainOptions& options) {
  command.add_option("FILE", options.paths, "help.explain.file");
  command.add_option("--reply", options.replies, "help.explain.reply")
      ->type_name("TEXT")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--reply-lines", options.reply_lines, "help.explain.reply-lines")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  // Of these several may follow, for mail.log*.
  auto* log = command.add_option("--log", options.logs, "help.explain.log")->type_name("FILE");
  log->take_all();
  command.add_option("--since", options.since, "help.explain.since")->type_name("TIME")->needs(log);
  command.add_option("--until", options.until, "help.explain.until")->type_name("TIME")->needs(log);
  command.add_option("--year", options.year, "help.explain.year")
      ->type_name("YEAR")
      ->check(within(log_year))
      ->needs(log);
  command.add_option("--ip", options.ip, "help.explain.ip")->type_name("ADDR");
  command.add_option("--sender", options.sender, "help.explain.sender")->type_name("ADDR");
  command.add_option("--helo", options.helo, "help.explain.helo")->type_name("NAME");
}

/// True where there is nothing to read; says so.
bool lacks_input(ExplainOptions& options, Output& output) {
  if (!options.paths.empty() || !options.replies.empty() || !options.reply_lines.empty() ||
      !options.logs.empty())
    return false;
  if (isatty(STDIN_FILENO) != 0) {
    output.error({ErrorCode::usage, interface_text("usage.nothing-to-explain", output.language())});
    return true;
  }
  options.paths.emplace_back("-");
  return false;
}

}  // namespace

void add_explain(CLI::App& app, Program& program) {
  auto options = std::make_shared<ExplainOptions>();
  auto no_checks = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("explain", "help.explain");
  command->footer("maildiag explain bounce.eml");
  add_inputs(*command, *options);
  command->add_option("--own", program.options.settings["own"], "help.explain.own")
      ->type_name("HOST")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--passive", options->passive, "help.explain.passive");
  command->add_flag("--no-checks", *no_checks, "help.explain.no-checks");
  command->add_flag("--summary", options->summary, "help.explain.summary");
  command->add_flag("--stats", options->stats, "help.explain.stats");
  command->add_flag("--unbuffered", options->unbuffered, "help.explain.unbuffered");
  command->callback([options, no_checks, &program] {
    options->checks = !*no_checks;
    program.action = [options, &program](Session& session, Output& output) {
      options->own = program.configuration.own;
      if (lacks_input(*options, output)) return;
      if (output.bar().visible()) {
        options->progress = [&output](const ExplainProgress& progress) {
          output.bar().show(progress);
        };
      }
      output.set_unbuffered(options->unbuffered);
      session.explain(*options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
