#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "program.h"
#include "progress_bar.h"

namespace maildiag::tool {

namespace {

void add_inputs(CLI::App& command, ExplainOptions& options) {
  command.add_option("FILE", options.paths,
                     "Bounces: mails, mboxes, Maildirs, directories; - is standard input");
  command.add_option("--reply", options.replies, "A server's reply instead of a file; repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command
      .add_option("--reply-lines", options.reply_lines,
                  "A file of replies, one a line, or REPLY<TAB>IP<TAB>SENDER; - is standard input")
      ->take_all()
      ->allow_extra_args(false);
  // Of these several may follow, for mail.log*.
  auto* log = command.add_option(
      "--log", options.logs,
      "A mail server's log, also compressed; repeatable, oldest first; - is standard input");
  log->take_all();
  command
      .add_option("--since", options.since,
                  "Of the logs, failures from this time on: 1h, 2d, 2026-11-20")
      ->needs(log);
  command.add_option("--until", options.until, "Of the logs, failures before this time")
      ->needs(log);
  command
      .add_option(
          "--year", options.year,
          "Of the first log's first line, for dates without a year; default: from the file's time")
      ->check(CLI::Range(1970, 2242))
      ->needs(log);
  command.add_option("--ip", options.ip,
                     "The sending server's address, if the bounce does not show it");
  command.add_option("--sender", options.sender, "The envelope sender (reverse-path)");
  command.add_option("--helo", options.helo, "The name that the sending server gives in EHLO");
}

/// True where there is nothing to read; says so.
bool lacks_input(ExplainOptions& options, Output& output) {
  if (!options.paths.empty() || !options.replies.empty() || !options.reply_lines.empty() ||
      !options.logs.empty())
    return false;
  if (isatty(STDIN_FILENO) != 0) {
    output.error({ErrorCode::usage,
                  "nothing to explain: give a FILE, --reply TEXT, or a mail on standard input"});
    return true;
  }
  options.paths.emplace_back("-");
  return false;
}

}  // namespace

void add_explain(CLI::App& app, Program& program) {
  auto options = std::make_shared<ExplainOptions>();
  auto no_checks = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("explain", "Tell why a mail was rejected, and check it");
  add_inputs(*command, *options);
  command
      ->add_option("--own", program.options.settings["own"],
                   "A host or network of yours, to tell a stolen account from a forged sender; "
                   "repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--passive", options->passive, "Ask nothing but DNS");
  command->add_flag("--no-checks", *no_checks, "Only read the bounce; ask nothing");
  command->add_flag("--summary", options->summary,
                    "Group all failures by cause, provider, rule, address and sender");
  command->add_flag("--stats", options->stats, "Count how often each rule was used, too");
  command->add_flag("--unbuffered", options->unbuffered,
                    "Report each failure before the next is read");
  command->callback([options, no_checks, &program] {
    options->checks = !*no_checks;
    program.action = [options, &program](Session& session, Output& output) {
      options->own = program.configuration.own;
      if (lacks_input(*options, output)) return;
      ProgressBar bar(!options->summary && isatty(STDOUT_FILENO) != 0);
      if (bar.visible()) {
        options->progress = [&bar](const ExplainProgress& progress) { bar.show(progress); };
      }
      output.set_unbuffered(options->unbuffered);
      const auto errors = [&bar, &output](const Error& error) {
        bar.clear();
        output.error(error);
      };
      const auto reports = [&bar, &output](const Report& report) {
        if (report.schema != explain_schema) bar.clear();
        return output.report(report);
      };
      session.explain(*options, reports, errors);
      bar.clear();
    };
  });
}

}  // namespace maildiag::tool
