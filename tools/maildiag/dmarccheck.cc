#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_dmarccheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<DmarcOptions>();
  auto* command = app.add_subcommand(
      "dmarccheck",
      "Find and check the DMARC policy of a domain, or evaluate a message (--message)");
  command->add_option("DOMAIN", *domains, "Domains as they stand in From addresses");
  auto* message =
      command
          ->add_option("--message", options->messages,
                       "A mail as it arrived, an mbox, a Maildir or -: judge SPF, DKIM and DMARC")
          ->allow_extra_args(false);
  command
      ->add_option("--ip", options->ip,
                   "The server that delivered it (else by the newest Received field)")
      ->needs(message);
  command->add_option("--helo", options->helo, "The name that the server gave in EHLO")
      ->needs(message);
  command
      ->add_option("--sender", options->sender,
                   "The envelope sender, <> for none (else by the Return-Path field)")
      ->needs(message);
  command->callback([domains, options, &program] {
    if (domains->empty() && options->messages.empty())
      throw CLI::RequiredError("DOMAIN or --message FILE");
    program.action = [domains, options](Session& session, Output& output) {
      session.dmarccheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
