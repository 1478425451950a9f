#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_tlscheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("tlscheck", "help.tlscheck");
  command->footer("maildiag tlscheck example.com");
  command->add_option("DOMAIN", *domains, "help.tlscheck.domain")->required();
  command->callback([domains, &program] {
    program.action = [domains](Session& session, Output& output) {
      session.tlscheck(*domains, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
