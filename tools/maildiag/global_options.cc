#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

void add_global_options(CLI::App& app, GlobalOptions& options) {
  auto& session = options.session;
  app.add_option("--format", options.format, "text, or json: one object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->group("Output");
  app.add_option("--lang", options.language, "en or ko (else MAILDIAG_LANG, the locale)")
      ->check(CLI::IsMember({"en", "ko"}))
      ->group("Output");
  app.add_option("--color", options.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->group("Output");
  app.add_flag("-q,--quiet", options.quiet, "Print only what is not in order")->group("Output");
  app.add_flag("-v,--verbose", options.verbose, "Print what was asked and answered, too")
      ->group("Output");

  app.add_option("--nameserver", session.nameservers, "ADDR[#PORT]; repeatable (else resolv.conf)")
      ->take_all()
      ->group("DNS");
  app.add_option("--timeout", session.timeout, "Seconds that the first try waits")
      ->check(CLI::Range(0.05, 60.0))
      ->group("DNS");
  app.add_option("--tries", session.tries, "Tries for a question, over all servers")
      ->check(CLI::Range(1, 20))
      ->group("DNS");
  app.add_option("--window", session.window, "Questions outstanding at once")
      ->check(CLI::Range(1, 10000))
      ->group("DNS");
  app.add_option("--zone", session.zone_files, "Answer from this zone file, no network; repeatable")
      ->take_all()
      ->group("DNS");
  app.add_option("--record", session.record_file, "Write every DNS answer to this file")
      ->group("DNS");
  app.add_option("--replay", session.replay_file, "Answer from such a file, no network")
      ->group("DNS");

  app.add_option("--rules", session.rule_directories,
                 "Directory of own rules, over the built-in ones; repeatable")
      ->take_all()
      ->group("Rules");
}

}  // namespace maildiag::tool
