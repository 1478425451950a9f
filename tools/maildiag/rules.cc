#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_rules(CLI::App& app, Program& program) {
  auto* command = app.add_subcommand("rules", "help.rules");
  command->require_subcommand(1);
  command->fallthrough();
  command->add_subcommand("list", "help.rules.list")->callback([&program] {
    program.action = [](Session& session, Output& output) {
      session.rules_list(output.reports(), output.errors());
    };
  });
  auto ids = std::make_shared<std::vector<std::string>>();
  auto* show = command->add_subcommand("show", "help.rules.show");
  show->footer("maildiag rules show daum.ccrt");
  show->add_option("ID", *ids, "help.rules.id")->required();
  show->callback([ids, &program] {
    program.action = [ids](Session& session, Output& output) {
      session.rules_show(*ids, output.reports(), output.errors());
    };
  });
  command->add_subcommand("test", "help.rules.test")->callback([&program] {
    program.action = [](Session& session, Output& output) {
      session.rules_test(output.reports(), output.errors());
    };
  });
  command->add_subcommand("lint", "help.rules.lint")->callback([&program] {
    program.action = [](Session& session, Output& output) {
      session.rules_lint(output.reports(), output.errors());
    };
  });
}

void add_findings(CLI::App& app, Program& program) {
  auto ids = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("findings", "help.findings");
  command->footer("maildiag findings ptr.missing");
  command->add_option("ID", *ids, "help.findings.id");
  command->callback([ids, &program] {
    program.action = [ids](Session& session, Output& output) {
      session.findings(*ids, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
