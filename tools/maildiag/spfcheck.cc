#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_spfcheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<SpfOptions>();
  auto trace = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("spfcheck", "help.spfcheck");
  command->footer("maildiag spfcheck example.com --ip 192.0.2.1");
  command->add_option("DOMAIN", *domains, "help.spfcheck.domain")->required();
  command->add_option("--ip", options->ip, "help.spfcheck.ip")->type_name("ADDR");
  auto* sender =
      command->add_option("--sender", options->sender, "help.spfcheck.sender")->type_name("ADDR");
  auto* helo =
      command->add_option("--helo", options->helo, "help.spfcheck.helo")->type_name("NAME");
  sender->needs("--ip");
  helo->needs("--ip");
  command->add_flag("--trace", *trace, "help.spfcheck.trace")->needs("--ip");
  command->add_option("--suggest", options->suggest, "help.spfcheck.suggest")
      ->type_name("ADDR")
      ->excludes("--ip");
  command->callback([domains, options, trace, &program] {
    program.options.verbose = program.options.verbose || *trace;
    program.action = [domains, options](Session& session, Output& output) {
      if (domains->size() > 1) output.set_unbuffered(false);
      session.spfcheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
