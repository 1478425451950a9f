#include <CLI/CLI.hpp>

#include "program.h"
#include "within.h"

namespace maildiag::tool {

namespace {

/// An option that is a setting, too: its text goes to the configuration, which merges the layers.
CLI::Option* add_setting(CLI::App& app, GlobalOptions& options, const char* key,
                         const char* description, const char* type) {
  return app.add_option("--" + std::string(key), options.settings[key], description)
      ->expected(1)
      ->allow_extra_args(false)  // else it takes the target behind its value as well
      ->type_name(type);
}

void add_output_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--format", options.format, "help.global.format")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json", "html", "nagios", "prometheus"}))
      ->group("help.section.output");
  add_setting(app, options, "lang", "help.global.lang", "LANGUAGE")
      ->check(CLI::IsMember({"en", "ko"}))
      ->group("help.section.output");
  add_setting(app, options, "color", "help.global.color", "WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->group("help.section.output");
  app.add_option("--output", options.output, "help.global.output")
      ->type_name("FILE")
      ->group("help.section.output");
  app.add_flag("-q,--quiet", options.quiet, "help.global.quiet")->group("help.section.output");
  app.add_flag("-v,--verbose", options.verbose, "help.global.verbose")
      ->group("help.section.output");
}

void add_dns_options(CLI::App& app, GlobalOptions& options) {
  auto& session = options.session;
  auto* nameserver =
      app.add_option("--nameserver", options.settings["nameserver"], "help.global.nameserver");
  nameserver->type_name("ADDR")->take_all()->allow_extra_args(false)->group("help.section.dns");
  add_setting(app, options, "timeout", "help.global.timeout", "SECONDS")
      ->check(within(timeout_seconds))
      ->group("help.section.dns");
  add_setting(app, options, "tries", "help.global.tries", "N")
      ->check(within(query_tries))
      ->group("help.section.dns");
  add_setting(app, options, "window", "help.global.window", "N")
      ->check(within(query_window))
      ->group("help.section.dns");
  add_setting(app, options, "rate", "help.global.rate", "N")
      ->check(within(list_rate))
      ->group("help.section.dns");
  auto* zone = app.add_option("--zone", session.zone_files, "help.global.zone");
  zone->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false)
      ->excludes(nameserver)
      ->group("help.section.dns");
  app.add_option("--record", session.record_file, "help.global.record")
      ->type_name("FILE")
      ->group("help.section.dns");
  app.add_option("--replay", session.replay_file, "help.global.replay")
      ->type_name("FILE")
      ->excludes(zone)
      ->group("help.section.dns");
}

void add_connection_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--connect-to", options.session.connect_to, "help.global.connect-to")
      ->type_name("RULE")
      ->take_all()
      ->allow_extra_args(false)
      ->group("help.section.connections");
  app.add_option("--source", options.settings["source"], "help.global.source")
      ->type_name("ADDR")
      ->take_all()
      ->allow_extra_args(false)
      ->group("help.section.connections");
  add_setting(app, options, "ehlo", "help.global.ehlo", "NAME")->group("help.section.connections");
  add_setting(app, options, "ca-file", "help.global.ca-file", "FILE")
      ->group("help.section.connections");
}

}  // namespace

void add_global_options(CLI::App& app, GlobalOptions& options) {
  add_output_options(app, options);
  add_dns_options(app, options);
  add_connection_options(app, options);
  app.add_option("--rules", options.settings["rules"], "help.global.rules")
      ->type_name("DIR")
      ->take_all()
      ->allow_extra_args(false)
      ->group("help.section.configuration");
  app.add_option("--config", options.config_file, "help.global.config")
      ->type_name("FILE")
      ->group("help.section.configuration");
}

}  // namespace maildiag::tool
