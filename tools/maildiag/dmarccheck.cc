#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"
#include "usage.h"

namespace maildiag::tool {

void add_dmarccheck(CLI::App& app, Program& program) {
  auto domains = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<DmarcOptions>();
  auto* command = app.add_subcommand("dmarccheck", "help.dmarccheck");
  command->footer("maildiag dmarccheck example.com");
  command->add_option("DOMAIN", *domains, "help.dmarccheck.domain");
  auto* message = command->add_option("--message", options->messages, "help.dmarccheck.message")
                      ->type_name("FILE")
                      ->allow_extra_args(false);
  command->add_flag("--bulk", options->bulk, "help.dmarccheck.bulk");
  command->add_option("--ip", options->ips, "help.dmarccheck.ip")
      ->type_name("ADDR")
      ->allow_extra_args(false);
  command->add_option("--helo", options->helo, "help.dmarccheck.helo")
      ->type_name("NAME")
      ->needs(message);
  command->add_option("--sender", options->sender, "help.dmarccheck.sender")
      ->type_name("ADDR")
      ->needs(message);
  command->callback([domains, options, &program] {
    if (domains->empty() && options->messages.empty())
      throw UsageFault("usage.missing-one", {{"first", "DOMAIN"}, {"second", "--message FILE"}});
    if (options->bulk && domains->empty())
      throw UsageFault("usage.needs", {{"word", "--bulk"}, {"other", "DOMAIN"}});
    if (!options->bulk && !options->ips.empty()) {
      if (options->messages.empty())
        throw UsageFault("usage.needs", {{"word", "--ip"}, {"other", "--message, --bulk"}});
      if (options->ips.size() > 1) throw UsageFault("usage.once", {{"word", "--ip"}});
    }
    if (!options->ips.empty()) options->ip = options->ips.front();
    program.action = [domains, options](Session& session, Output& output) {
      session.dmarccheck(*domains, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
