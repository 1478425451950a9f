#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_config(CLI::App& app, Program& program) {
  auto* command = app.add_subcommand("config", "help.config");
  command->require_subcommand(1);
  command->fallthrough();
  command->add_subcommand("check", "help.config.check")->callback([&program] {
    program.action = [&program](Session& session, Output& output) {
      session.config(program.configuration, false, output.reports());
    };
  });
  command->add_subcommand("show", "help.config.show")->callback([&program] {
    program.action = [&program](Session& session, Output& output) {
      session.config(program.configuration, true, output.reports());
    };
  });
}

}  // namespace maildiag::tool
