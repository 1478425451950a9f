#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"
#include "usage.h"

namespace maildiag::tool {

void add_dkimcheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<DkimOptions>();
  auto* command = app.add_subcommand("dkimcheck", "help.dkimcheck");
  command->footer("maildiag dkimcheck example.com --selector s1");
  command->add_option("DOMAIN", *domains, "help.dkimcheck.domain");
  command->add_option("--selector", options->selectors, "help.dkimcheck.selector")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--message", options->messages, "help.dkimcheck.message")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->callback([domains, options, &program] {
    if (domains->empty() && options->messages.empty())
      throw UsageFault("usage.missing-one", {{"first", "DOMAIN"}, {"second", "--message FILE"}});
    if (domains->empty() && !options->selectors.empty())
      throw UsageFault("usage.needs", {{"word", "--selector"}, {"other", "DOMAIN"}});
    program.action = [domains, options](Session& session, Output& output) {
      session.dkimcheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
