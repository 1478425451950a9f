#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_reputation(CLI::App& app, Program& program) {
  auto targets = std::make_shared<std::vector<std::string>>();
  auto* command =
      app.add_subcommand("reputation", "Where to look a sender up, and where to appeal");
  command->add_option("TARGET", *targets, "Addresses and domains that send")->required();
  command->callback([targets, &program] {
    program.action = [targets](Session& session, Output& output) {
      session.reputation(*targets, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
