#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_bimicheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<BimiOptions>();
  auto* command = app.add_subcommand(
      "bimicheck", "Check the BIMI record of a domain, its DMARC policy and its indicator");
  command->add_option("DOMAIN", *domains, "Domains as they stand in From addresses")->required();
  command->add_option("--selector", options->selector, "The record's selector (\"default\")");
  command->add_option("--indicator", options->indicator, "A copy of the indicator, an SVG file");
  command->callback([domains, options, &program] {
    program.action = [domains, options](Session& session, Output& output) {
      session.bimicheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
