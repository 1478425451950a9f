#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_mxcheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto* command =
      app.add_subcommand("mxcheck", "Check a domain's mail exchangers, their addresses and names");
  command->add_option("DOMAIN", *domains, "Mail domains")->required();
  command->callback([domains, &program] {
    program.action = [domains](Session& session, Output& output) {
      session.mxcheck(*domains, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
