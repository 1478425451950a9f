#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "program.h"

namespace maildiag::tool {

namespace {

/// Targets a line; what follows a # is a comment.
void read_targets(std::istream& input, std::vector<std::string>& targets) {
  for (std::string line; std::getline(input, line);) {
    line.resize(std::min(line.find('#'), line.size()));
    const auto start = line.find_first_not_of(" \t\r");
    if (start == std::string::npos) continue;
    targets.push_back(line.substr(start, line.find_last_not_of(" \t\r") - start + 1));
  }
}

bool read_target_file(const std::string& path, std::vector<std::string>& targets, Output& output) {
  if (path == "-") {
    read_targets(std::cin, targets);
    return true;
  }
  std::ifstream file(path);
  if (!file) {
    output.error({ErrorCode::no_input, "cannot read " + path});
    return false;
  }
  read_targets(file, targets);
  return true;
}

}  // namespace

void add_rblcheck(CLI::App& app, Program& program) {
  auto targets = std::make_shared<std::vector<std::string>>();
  auto files = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<DnsblCheckOptions>();
  auto* command =
      app.add_subcommand("rblcheck", "Check addresses and domains against DNS block lists");
  command->add_option(
      "TARGET", *targets,
      "Addresses, networks (192.0.2.0/28), ranges (192.0.2.1-192.0.2.9), hosts, domains");
  command
      ->add_option("-f,--file", *files,
                   "Read targets from this file, one a line; - is standard input")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--list", options->lists, "Ask only this zone; repeatable")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--hide-clean", options->hide_clean,
                    "Leave out lists that the target is not on");
  command
      ->add_option("--self-test", options->self_test,
                   "auto, always, or never: believe lists untested")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command->callback([targets, files, options, &program] {
    if (targets->empty() && files->empty()) throw CLI::RequiredError("TARGET or --file");
    program.action = [targets, files, options](Session& session, Output& output) {
      for (const auto& file : *files) {
        if (!read_target_file(file, *targets, output)) return;
      }
      session.rblcheck(*targets, *options, output.reports(), output.errors());
    };
  });
}

}  // namespace maildiag::tool
