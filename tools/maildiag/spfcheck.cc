#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_spfcheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<SpfOptions>();
  auto trace = std::make_shared<bool>(false);
  auto* command =
      app.add_subcommand("spfcheck", "Evaluate SPF for an address (--ip), else lint the record");
  command->add_option("DOMAIN", *domains, "Domains with an SPF record")->required();
  command->add_option("--ip", options->ip,
                      "The sending server's address: evaluate as a receiver would");
  auto* sender = command->add_option("--sender", options->sender,
                                     "The envelope sender (else postmaster@DOMAIN)");
  auto* helo =
      command->add_option("--helo", options->helo, "The name that the server gives in EHLO");
  sender->needs("--ip");
  helo->needs("--ip");
  command->add_flag("--trace", *trace, "Print each step and what was asked")->needs("--ip");
  command
      ->add_option("--suggest", options->suggest,
                   "An address: print the smallest change that authorises it")
      ->excludes("--ip");
  command->callback([domains, options, trace, &program] {
    program.options.verbose = program.options.verbose || *trace;
    program.action = [domains, options](Session& session, Output& output) {
      session.spfcheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
