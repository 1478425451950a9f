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
  command->add_flag("--bulk", options->bulk,
                    "Check what large providers demand of bulk senders; a message is a sample");
  command
      ->add_option("--ip", options->ips,
                   "The server that delivered it (else by the newest Received field); with --bulk "
                   "an address that sends, repeatable")
      ->allow_extra_args(false);
  command->add_option("--helo", options->helo, "The name that the server gave in EHLO")
      ->needs(message);
  command
      ->add_option("--sender", options->sender,
                   "The envelope sender, <> for none (else by the Return-Path field)")
      ->needs(message);
  command->callback([domains, options, &program] {
    if (domains->empty() && options->messages.empty())
      throw CLI::RequiredError("DOMAIN or --message FILE");
    if (options->bulk && domains->empty()) throw CLI::RequiredError("DOMAIN for --bulk");
    if (!options->bulk && !options->ips.empty()) {
      if (options->messages.empty()) throw CLI::RequiresError("--ip", "--message or --bulk");
      if (options->ips.size() > 1) throw CLI::RequiresError("--ip more than once", "--bulk");
    }
    if (!options->ips.empty()) options->ip = options->ips.front();
    program.action = [domains, options](Session& session, Output& output) {
      session.dmarccheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
