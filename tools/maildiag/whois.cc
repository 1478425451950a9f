#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_whois(CLI::App& app, Program& program) {
  auto targets = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<WhoisOptions>();
  auto refresh = std::make_shared<bool>(false);
  auto* command = app.add_subcommand(
      "whois", "Tell who registered a domain or an address, and whom to ask for reverse DNS");
  command->add_option("TARGET", *targets,
                      "Domains, addresses, networks (192.0.2.0/24), AS numbers (AS64496)");
  command->add_flag("--fresh", options->fresh, "Ask the registries even if the answer is cached");
  command->add_flag("--refresh", *refresh, "Fetch IANA's lists of RDAP servers first");
  command->callback([targets, options, refresh, &program] {
    if (targets->empty() && !*refresh) throw CLI::RequiredError("TARGET");
    program.action = [targets, options, refresh](Session& session, Output& output) {
      if (*refresh) session.whois_refresh(output.reports(), output.errors());
      session.whois(*targets, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
