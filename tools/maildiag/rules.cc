#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_rules(CLI::App& app, Program& program) {
  auto* command = app.add_subcommand("rules", "List, show, test or lint the bounce rules");
  command->require_subcommand(1);
  command->fallthrough();
  command->add_subcommand("list", "All rules: id and cause")->callback([&program] {
    program.action = [](Session& session, Output& output) {
      session.rules_list(output.reports(), output.errors());
    };
  });
  auto ids = std::make_shared<std::vector<std::string>>();
  auto* show = command->add_subcommand("show", "Rules whole");
  show->add_option("ID", *ids, "Rule ids")->required();
  show->callback([ids, &program] {
    program.action = [ids](Session& session, Output& output) {
      session.rules_show(*ids, output.reports(), output.errors());
    };
  });
  command->add_subcommand("test", "Prove that each example is won by its own rule")
      ->callback([&program] {
        program.action = [](Session& session, Output& output) {
          session.rules_test(output.reports(), output.errors());
        };
      });
  command->add_subcommand("lint", "Find what is doubtful about the rules")->callback([&program] {
    program.action = [](Session& session, Output& output) {
      session.rules_lint(output.reports(), output.errors());
    };
  });
}

void add_findings(CLI::App& app, Program& program) {
  auto ids = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("findings", "Explain a finding, or list them all");
  command->add_option("ID", *ids, "Finding ids, such as ptr.missing");
  command->callback([ids, &program] {
    program.action = [ids](Session& session, Output& output) {
      session.findings(*ids, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
