#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_dkimcheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<DkimOptions>();
  auto* command = app.add_subcommand(
      "dkimcheck", "Check the DKIM keys of a domain, or the signatures of a message (--message)");
  command->add_option("DOMAIN", *domains, "Domains that sign");
  command
      ->add_option("--selector", options->selectors,
                   "A selector to look at, repeatable (else the usual ones are tried)")
      ->allow_extra_args(false);
  command
      ->add_option("--message", options->messages,
                   "A mail as it arrived, an mbox, a Maildir or -: verify its signatures")
      ->allow_extra_args(false);
  command->callback([domains, options, &program] {
    if (domains->empty() && options->messages.empty())
      throw CLI::RequiredError("DOMAIN or --message FILE");
    if (domains->empty() && !options->selectors.empty())
      throw CLI::RequiredError("DOMAIN: --selector needs to know whose it is");
    program.action = [domains, options](Session& session, Output& output) {
      session.dkimcheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
