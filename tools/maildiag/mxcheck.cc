#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

namespace {

struct DomainArguments {
  std::vector<std::string> domains;
  DomainOptions options;
  bool no_smtp = false, no_dnsbl = false;
};

void add_domain_options(CLI::App& command, DomainArguments& arguments) {
  command
      .add_option("--selector", arguments.options.selectors,
                  "DKIM selector to look at (else the usual ones); repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--no-smtp", arguments.no_smtp, "Make no connection to the exchangers");
  command.add_flag("--no-dnsbl", arguments.no_dnsbl, "Ask no block lists");
}

}  // namespace

void add_mxcheck(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<DomainArguments>();
  auto* command = app.add_subcommand(
      "mxcheck", "Check a mail domain: exchangers, names, policies, block lists");
  command->add_option("DOMAIN", arguments->domains, "Mail domains")->required();
  add_domain_options(*command, *arguments);
  command->callback([arguments, &program] {
    arguments->options.smtp = !arguments->no_smtp;
    arguments->options.dnsbl = !arguments->no_dnsbl;
    program.action = [arguments](Session& session, Output& output) {
      session.mxcheck(arguments->domains, arguments->options, output.reports(), output.errors());
    };
  });
}

void add_report(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<DomainArguments>();
  auto* command =
      app.add_subcommand("report", "Check a mail domain and make a page of it (--format html)");
  command->add_option("DOMAIN", arguments->domains, "Mail domain")->required()->expected(1);
  add_domain_options(*command, *arguments);
  command->callback([arguments, &program] {
    arguments->options.smtp = !arguments->no_smtp;
    arguments->options.dnsbl = !arguments->no_dnsbl;
    program.html = true;
    program.action = [arguments](Session& session, Output& output) {
      session.report(arguments->domains.front(), arguments->options, output.reports(),
                     output.errors());
    };
  });
}

}  // namespace maildiag::tool
