#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include <maildiag/lookup.h>

#include "program.h"
#include "usage.h"

namespace maildiag::tool {

namespace {

/// What MXToolbox and others call a lookup, and a subcommand of its own does here.
const std::map<std::string, std::string>& other_commands() {
  static const std::map<std::string, std::string> commands{
      {"blacklist", "rblcheck"}, {"smtp", "smtpcheck"},   {"spf", "spfcheck"},
      {"whois", "whois"},        {"arin", "whois"},       {"asn", "whois"},
      {"dkim", "dkimcheck"},     {"dmarc", "dmarccheck"}, {"bimi", "bimicheck"},
      {"mta-sts", "tlscheck"},   {"tlsrpt", "tlscheck"}};
  return commands;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// Empty: a type that lookup knows; else a UsageFault.
std::string check_type(const std::string& text) {
  const auto word = lower(text);
  const auto& known = lookup_types();
  const bool number = word.starts_with("type") && word.size() > 4 &&
                      word.find_first_not_of("0123456789", 4) == std::string::npos;
  if (number || std::find(known.begin(), known.end(), word) != known.end()) return {};
  if (const auto other = other_commands().find(word); other != other_commands().end())
    throw UsageFault("usage.lookup-elsewhere", {{"word", text}, {"other", other->second}});
  if (const auto near = suggest(word, known); !near.empty())
    throw UsageFault("usage.lookup-near", {{"word", text}, {"near", near}});
  std::string all;
  for (const auto& each : known) all += (all.empty() ? "" : ", ") + each;
  throw UsageFault("usage.lookup-unknown", {{"word", text}, {"known", all}});
}

}  // namespace

void add_lookup(CLI::App& app, Program& program) {
  auto type = std::make_shared<std::string>();
  auto targets = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("lookup", "help.lookup");
  command->footer("maildiag lookup mx example.com");
  command->add_option("TYPE", *type, "help.lookup.type")
      ->required()
      ->check(CLI::Validator(check_type, ""));
  command->add_option("NAME", *targets, "help.lookup.name")->required();
  command->callback([type, targets, &program] {
    program.action = [type, targets](Session& session, Output& output) {
      session.lookup(*type, *targets, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
