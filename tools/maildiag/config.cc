#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_config(CLI::App& app, Program& program) {
  auto* command = app.add_subcommand("config", "Check the configuration, or show what holds");
  command->require_subcommand(1);
  command->fallthrough();
  command->add_subcommand("check", "Read the configuration files and say what is wrong")
      ->callback([&program] {
        program.action = [&program](Session& session, Output& output) {
          session.config(program.configuration, false, output.reports());
        };
      });
  command->add_subcommand("show", "All settings, and where each value comes from")
      ->callback([&program] {
        program.action = [&program](Session& session, Output& output) {
          session.config(program.configuration, true, output.reports());
        };
      });
}

}  // namespace maildiag::tool
