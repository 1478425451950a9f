#include <memory>
#include <sys/stat.h>

#include <CLI/CLI.hpp>

#include "program.h"
#include "usage.h"

namespace maildiag::tool {

namespace {

using Texts = std::vector<std::string>;

/// What can be read twice: to count the targets first.
bool are_regular(const Texts& files) {
  for (const auto& file : files) {
    struct stat status {};
    if (file == "-" || stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  }
  return true;
}

/// One run of rblcheck: a table for several targets, a report whole for a single one.
class Run {
 public:
  Run(const Texts& targets, DnsblCheckOptions options, Output& output)
      : targets_(targets), options_(std::move(options)), output_(output) {}

  void run(Session& session) {
    const bool countable = are_regular(options_.files);
    if (countable) total_ = Session::count_targets(targets_, options_.files);
    const bool several = !countable || total_ > 1;
    options_.lists_chosen = [this, several](const Texts& zones) {
      if (several) output_.start_sweep(zones, options_.hide_clean);
    };
    options_.progress = [this](const DnsblProgress& progress) {
      if (!progress.ended) show(progress);
      return true;
    };
    if (several) output_.set_unbuffered(false);
    session.rblcheck(targets_, options_, output_.reports(), output_.errors());
    output_.end_sweep();
  }

 private:
  void show(const DnsblProgress& progress) {
    ExplainProgress shown;
    shown.items = static_cast<std::size_t>(progress.questions);
    shown.bytes = progress.reports;
    shown.total_bytes = total_;
    output_.bar().show(shown);
  }

  const Texts& targets_;
  DnsblCheckOptions options_;
  Output& output_;
  std::uint64_t total_ = 0;
};

void add_options(CLI::App& command, Texts& targets, DnsblCheckOptions& options) {
  command.add_option("TARGET", targets, "help.rblcheck.target");
  command.add_option("-f,--file", options.files, "help.rblcheck.file")
      ->type_name("FILE")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--list", options.lists, "help.rblcheck.list")
      ->type_name("ZONE")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--hide-clean", options.hide_clean, "help.rblcheck.hide-clean");
  command.add_option("--self-test", options.self_test, "help.rblcheck.self-test")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command.add_flag("--fresh", options.fresh, "help.rblcheck.fresh");
}

}  // namespace

void add_rblcheck(CLI::App& app, Program& program) {
  auto targets = std::make_shared<Texts>();
  auto options = std::make_shared<DnsblCheckOptions>();
  auto* command = app.add_subcommand("rblcheck", "help.rblcheck");
  command->footer("maildiag rblcheck --hide-clean 192.0.2.0/28");
  add_options(*command, *targets, *options);
  command->callback([targets, options, &program] {
    if (targets->empty() && options->files.empty())
      throw UsageFault("usage.missing-one", {{"first", "TARGET"}, {"second", "--file FILE"}});
    program.action = [targets, options](Session& session, Output& output) {
      Run(*targets, *options, output).run(session);
    };
  });
}

}  // namespace maildiag::tool
