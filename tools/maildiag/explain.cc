#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_explain(CLI::App& app, Program& program) {
  auto options = std::make_shared<ExplainOptions>();
  auto no_checks = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("explain", "Tell why a mail was rejected, and check it");
  command->add_option("FILE", options->paths,
                      "Bounces: mails, mboxes, Maildirs, directories; - is standard input");
  command->add_option("--reply", options->replies, "A server's reply instead of a file; repeatable")
      ->take_all();
  command->add_option("--ip", options->ip,
                      "The sending server's address, if the bounce does not show it");
  command->add_option("--sender", options->sender, "The envelope sender (reverse-path)");
  command->add_option("--helo", options->helo, "The name that the sending server gives in EHLO");
  command->add_flag("--no-checks", *no_checks, "Only read the bounce; ask nothing");
  command->callback([options, no_checks, &program] {
    options->checks = !*no_checks;
    program.action = [options](Session& session, Output& output) {
      if (options->paths.empty() && options->replies.empty()) {
        if (isatty(STDIN_FILENO) != 0) {
          output.error(
              {ErrorCode::usage,
               "nothing to explain: give a FILE, --reply TEXT, or a mail on standard input"});
          return;
        }
        options->paths.emplace_back("-");
      }
      session.explain(*options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
