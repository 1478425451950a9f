#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <maildiag/interface.h>

#include "program.h"
#include "within.h"

namespace maildiag::tool {

namespace {

/// How a process ended.
struct End {
  int status = 0;  ///< of its own
  int signal = 0;  ///< that ended it, if there was one
};

/// Telling is a write and a mark, and nobody may stand between them: where this process is killed,
/// the other one still does both.
End tell_in_a_process_of_its_own(const std::function<int()>& tell) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) return {tell()};
  if (child == 0) _exit(tell());
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? End{0, WTERMSIG(status)} : End{WEXITSTATUS(status), 0};
}

/// Nothing is marked as told by then. Nobody reads a pipe that is closed, which is no fault of the
/// program; a webhook still gets its part.
Error untold(int signal, Language language) {
  if (signal == SIGPIPE)
    return {ErrorCode::cannot_write, std::string("standard output: ") + std::strerror(EPIPE)};
  return {ErrorCode::internal,
          interface_text("run.told-no-more", language, {{"signal", strsignal(signal)}})};
}

void run_watch(Session& session, const WatchOptions& options, Output& output) {
  auto begun = session.watch(options);
  if (const auto* error = std::get_if<Error>(&begun)) return output.error(*error);
  auto& round = std::get<WatchRound>(begun);
  if (round.undecided()) output.note(Severity::unknown);
  const auto end = tell_in_a_process_of_its_own([&] {
    session.watch_tell(round, output.told_reports(), output.errors());
    output.finish();
    return output.exit_status();
  });
  if (end.signal != 0) output.error(untold(end.signal, output.language()));
  output.set_exit_status(end.signal != 0 ? output.exit_status() : end.status);
  // What was told is told; a webhook that is away is no news of the targets.
  session.watch_post(
      round, [&](const Error& error) { output.remark(error_text(error, output.language())); });
}

void add_run(CLI::App& command, WatchOptions& options) {
  command.add_option("TARGET", options.targets, "help.watch.target");
  command.add_option("--targets", options.targets_file, "help.watch.targets")->type_name("FILE");
  command.add_option("--confirm", options.confirm, "help.watch.confirm")
      ->type_name("N")
      ->check(within(confirming_runs));
  command.add_option("--renotify", options.renotify, "help.watch.renotify")->type_name("SPAN");
  command.add_option("--heartbeat", options.heartbeat, "help.watch.heartbeat")->type_name("WHEN");
  command.add_option("--splay", options.splay, "help.watch.splay")->type_name("SPAN");
  command.add_option("--webhook", options.webhook, "help.watch.webhook")->type_name("URL");
  command.add_option("--webhook-ca", options.webhook_ca, "help.watch.webhook-ca")
      ->type_name("FILE");
  command.add_flag("--dry-run", options.dry_run, "help.watch.dry-run");
}

void add_history(CLI::App& command, Program& program, const std::shared_ptr<std::string>& state) {
  auto options = std::make_shared<WatchHistoryOptions>();
  auto* history = command.add_subcommand("history", "help.watch.history");
  history->add_option("TARGET", options->targets, "help.watch.history.target");
  history->footer("maildiag watch history 192.0.2.1");
  history->callback([options, state, &program] {
    program.html = true;
    options->state = *state;
    program.action = [options](Session& session, Output& output) {
      session.watch_history(*options, output.reports(), output.errors());
    };
  });
}

void add_prune(CLI::App& command, Program& program, const std::shared_ptr<std::string>& state) {
  auto options = std::make_shared<WatchPruneOptions>();
  options->keep = "400d";
  auto* prune = command.add_subcommand("prune", "help.watch.prune");
  command.add_option("--keep", options->keep, "help.watch.keep")->type_name("SPAN");
  prune->add_flag("--clock-was-ahead", options->clock_was_ahead, "help.watch.clock-was-ahead");
  prune->footer("maildiag watch prune --keep 90d");
  prune->callback([options, state, &program] {
    options->state = *state;
    program.action = [options](Session& session, Output& output) {
      session.watch_prune(*options, output.reports(), output.errors());
    };
  });
}

}  // namespace

void add_watch(CLI::App& app, Program& program) {
  auto* command = app.add_subcommand("watch", "help.watch");
  command->footer("maildiag watch 192.0.2.1 example.com");
  command->fallthrough();
  command->require_subcommand(0, 1);
  auto options = std::make_shared<WatchOptions>();
  auto state = std::make_shared<std::string>();
  add_run(*command, *options);
  command->add_option("--state", *state, "help.watch.state")->type_name("FILE");
  add_history(*command, program, state);
  add_prune(*command, program, state);
  command->callback([options, state, command, &program] {
    if (!command->get_subcommands().empty()) return;
    options->state = *state;
    program.unattended = true;
    options->current = is_monitoring(format_from(program.options.format));
    program.action = [options](Session& session, Output& output) {
      run_watch(session, *options, output);
    };
  });
}

}  // namespace maildiag::tool
