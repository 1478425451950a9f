#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

namespace {

struct MxArguments {
  std::vector<std::string> domains;
  DomainOptions options;
  bool no_dnsbl = false;
};

}  // namespace

void add_mxcheck(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<MxArguments>();
  auto* command = app.add_subcommand(
      "mxcheck", "Check a mail domain: exchangers, names, policies, block lists");
  command->add_option("DOMAIN", arguments->domains, "Mail domains")->required();
  command
      ->add_option("--selector", arguments->options.selectors,
                   "DKIM selector to look at (else the usual ones); repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--no-dnsbl", arguments->no_dnsbl, "Ask no block lists");
  command->callback([arguments, &program] {
    arguments->options.dnsbl = !arguments->no_dnsbl;
    program.action = [arguments](Session& session, Output& output) {
      session.mxcheck(arguments->domains, arguments->options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
