#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_dmarccheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand(
      "dmarccheck", "Find the DMARC policy of a domain and check its record and report addresses");
  command->add_option("DOMAIN", *domains, "Domains as they stand in From addresses")->required();
  command->callback([domains, &program] {
    program.action = [domains](Session& session, Output& output) {
      session.dmarccheck(*domains, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
