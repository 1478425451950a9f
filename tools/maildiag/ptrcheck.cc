#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_ptrcheck(CLI::App& app, Program& program) {
  auto addresses = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<PtrOptions>();
  auto* command = app.add_subcommand("ptrcheck", "Check an address's reverse DNS");
  command->add_option("IP", *addresses, "IPv4 or IPv6 addresses of sending servers")->required();
  command->add_option("--helo", options->helo,
                      "The name that the server gives in EHLO: checked, too");
  command->callback([addresses, options, &program] {
    program.action = [addresses, options](Session& session, Output& output) {
      session.ptrcheck(*addresses, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
