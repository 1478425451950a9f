#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_reputation(CLI::App& app, Program& program) {
  auto targets = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("reputation", "help.reputation");
  command->footer("maildiag reputation 192.0.2.1");
  command->add_option("TARGET", *targets, "help.reputation.target")->required();
  command->callback([targets, &program] {
    program.action = [targets](Session& session, Output& output) {
      session.reputation(*targets, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
