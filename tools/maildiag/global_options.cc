#include <CLI/CLI.hpp>

#include "program.h"

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
  app.add_option(
         "--format", options.format,
         "text; json: one object a line; nagios, prometheus; html for report, watch history")
      ->check(CLI::IsMember({"text", "json", "html", "nagios", "prometheus"}))
      ->group("Output");
  add_setting(app, options, "lang", "en or ko (else the configuration, the locale)", "TEXT")
      ->check(CLI::IsMember({"en", "ko"}))
      ->group("Output");
  add_setting(app, options, "color", "auto, always or never", "TEXT")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->group("Output");
  app.add_option("--output", options.output, "Write to this file, which is replaced as a whole")
      ->group("Output");
  app.add_flag("-q,--quiet", options.quiet, "Print only what is not in order")->group("Output");
  app.add_flag("-v,--verbose", options.verbose, "Print what was asked and answered, too")
      ->group("Output");
}

void add_dns_options(CLI::App& app, GlobalOptions& options) {
  auto& session = options.session;
  app.add_option("--nameserver", options.settings["nameserver"],
                 "ADDR[#PORT]; repeatable (else the configuration, resolv.conf)")
      ->take_all()
      ->allow_extra_args(false)
      ->group("DNS");
  add_setting(app, options, "timeout", "Seconds that the first try waits", "FLOAT")
      ->check(CLI::Range(0.05, 60.0))
      ->group("DNS");
  add_setting(app, options, "tries", "Tries for a question, over all servers", "UINT")
      ->check(CLI::Range(1, 20))
      ->group("DNS");
  add_setting(app, options, "window", "Questions outstanding at once", "UINT")
      ->check(CLI::Range(1, 10000))
      ->group("DNS");
  add_setting(app, options, "rate", "Questions a second for one DNS list; 0: no limit", "FLOAT")
      ->check(CLI::Range(0.0, 1e6))
      ->group("DNS");
  app.add_option("--zone", session.zone_files, "Answer from this zone file, no network; repeatable")
      ->take_all()
      ->allow_extra_args(false)
      ->group("DNS");
  app.add_option("--record", session.record_file, "Write every DNS answer to this file")
      ->group("DNS");
  app.add_option("--replay", session.replay_file, "Answer from such a file, no network")
      ->group("DNS");
}

void add_connection_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--connect-to", options.session.connect_to,
                 "HOST1:PORT1:ADDRESS2:PORT2; repeatable, parts may be empty")
      ->take_all()
      ->allow_extra_args(false)
      ->group("Connections");
  app.add_option("--source", options.settings["source"],
                 "Connect from this address; repeatable, one a family")
      ->take_all()
      ->allow_extra_args(false)
      ->group("Connections");
  add_setting(app, options, "ehlo", "Name in EHLO (else this machine's)", "NAME")
      ->group("Connections");
  add_setting(app, options, "ca-file", "Trust these certificates (PEM), not the system's", "FILE")
      ->group("Connections");
}

}  // namespace

void add_global_options(CLI::App& app, GlobalOptions& options) {
  add_output_options(app, options);
  add_dns_options(app, options);
  add_connection_options(app, options);
  app.add_option("--rules", options.settings["rules"],
                 "Directory of own rules, over the built-in ones; repeatable")
      ->take_all()
      ->allow_extra_args(false)
      ->group("Configuration");
  app.add_option("--config", options.config_file,
                 "Read this configuration file, not the usual ones")
      ->group("Configuration");
}

}  // namespace maildiag::tool
