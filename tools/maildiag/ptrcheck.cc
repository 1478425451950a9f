#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_ptrcheck(CLI::App& app, Program& program) {
  auto addresses = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<PtrOptions>();
  auto* command = app.add_subcommand("ptrcheck", "help.ptrcheck");
  command->footer("maildiag ptrcheck 192.0.2.1 --helo mail.example.com");
  command->add_option("IP", *addresses, "help.ptrcheck.ip")->required();
  command->add_option("--helo", options->helo, "help.ptrcheck.helo")->type_name("NAME");
  command->callback([addresses, options, &program] {
    program.action = [addresses, options](Session& session, Output& output) {
      session.ptrcheck(*addresses, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
