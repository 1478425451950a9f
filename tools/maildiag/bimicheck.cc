#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_bimicheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<BimiOptions>();
  auto* command = app.add_subcommand("bimicheck", "help.bimicheck");
  command->footer("maildiag bimicheck example.com --indicator logo.svg");
  command->add_option("DOMAIN", *domains, "help.dmarccheck.domain")->required();
  command->add_option("--selector", options->selector, "help.bimicheck.selector")
      ->type_name("NAME");
  command->add_option("--indicator", options->indicator, "help.bimicheck.indicator")
      ->type_name("FILE");
  command->callback([domains, options, &program] {
    program.action = [domains, options](Session& session, Output& output) {
      session.bimicheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
