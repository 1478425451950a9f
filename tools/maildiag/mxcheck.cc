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
  command.add_option("--selector", arguments.options.selectors, "help.domain.selector")
      ->type_name("NAME")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--no-smtp", arguments.no_smtp, "help.domain.no-smtp");
  command.add_flag("--no-dnsbl", arguments.no_dnsbl, "help.domain.no-dnsbl");
}

}  // namespace

void add_mxcheck(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<DomainArguments>();
  auto* command = app.add_subcommand("mxcheck", "help.mxcheck");
  command->footer("maildiag mxcheck example.com");
  command->add_option("DOMAIN", arguments->domains, "help.domain.domain")->required();
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
  auto* command = app.add_subcommand("report", "help.report");
  command->footer("maildiag report example.com --format html --output page.html");
  command->add_option("DOMAIN", arguments->domains, "help.domain.domain")->required()->expected(1);
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
