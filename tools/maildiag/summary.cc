#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_summary(CLI::App& app, Program& program) {
  auto* command = app.add_subcommand("summary", "help.summary");
  command->require_subcommand(1);
  command->fallthrough();
  auto files = std::make_shared<std::vector<std::string>>();
  auto* merge = command->add_subcommand("merge", "help.summary.merge");
  merge->footer("maildiag summary merge monday.json tuesday.json");
  merge->add_option("FILE", *files, "help.summary.file")->required();
  merge->callback([files, &program] {
    program.action = [files](Session& session, Output& output) {
      session.summary_merge(*files, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
