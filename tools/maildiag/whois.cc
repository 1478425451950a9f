#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"
#include "usage.h"

namespace maildiag::tool {

void add_whois(CLI::App& app, Program& program) {
  auto targets = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<WhoisOptions>();
  auto refresh = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("whois", "help.whois");
  command->footer("maildiag whois 192.0.2.1");
  command->add_option("TARGET", *targets, "help.whois.target");
  command->add_flag("--fresh", options->fresh, "help.whois.fresh");
  command->add_flag("--refresh", *refresh, "help.whois.refresh");
  command->callback([targets, options, refresh, &program] {
    if (targets->empty() && !*refresh)
      throw UsageFault("usage.missing-one", {{"first", "TARGET"}, {"second", "--refresh"}});
    program.action = [targets, options, refresh](Session& session, Output& output) {
      if (*refresh) session.whois_refresh(output.reports(), output.errors());
      session.whois(*targets, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
