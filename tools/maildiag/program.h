/// What the subcommands share: options, output, exit status. No logic of mail stands in tools/.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <maildiag/configuration.h>
#include <maildiag/monitoring.h>
#include <maildiag/render.h>
#include <maildiag/session.h>

#include "output_file.h"
#include "progress_bar.h"

namespace CLI {
class App;
}

namespace maildiag::tool {

enum class Format { text, json, html, nagios, prometheus };
/// One answer about all reports of a run, given at its end.
bool is_monitoring(Format format);
Format format_from(const std::string& name);

/// Prints reports and errors, and keeps the exit status.
class Output {
 public:
  Output(Format format, TextOptions text, bool quiet)
      : format_(format), text_(text), quiet_(quiet) {}

  /// False: the output cannot be written any more.
  bool report(const Report& report);
  /// Writes to this file instead of standard output; false: it cannot be written.
  bool open(const std::string& path);
  /// Whether each report leaves at once. It does, until this says that many will come.
  void set_unbuffered(bool unbuffered);
  Language language() const { return text_.language; }
  /// REQUIRES: nothing was printed yet.
  void set_text(const TextOptions& text) { text_ = text; }
  /// The reports to come are rows of one table, if they are text.
  void start_sweep(const std::vector<std::string>& zones, bool hide_clean);
  /// Ends the table, if one was begun.
  void end_sweep();
  /// How far the run has come; taken away before anything else is written.
  ProgressBar& bar() { return bar_; }
  /// Writes what was kept back.
  bool flush();
  /// Writes the rest, and puts a file into its place; only the first call does. False: it could
  /// not.
  bool finish();
  /// On standard error, without a word in the exit status.
  void remark(const std::string& message);
  /// A severity that no report shows.
  void note(Severity severity) { worst_ = worse(worst_, severity); }
  /// Somebody else has finished the output, with this status.
  void set_exit_status(int status);
  void error(const Error& error);
  ReportSink reports();
  /// For reports that are marked as told when the sink returns: by then they have been written,
  /// also good news, which nobody would hear of again.
  ReportSink told_reports();
  ErrorSink errors();
  /// An error's code if there was one, else that of the worst report; for a monitoring system 0 to
  /// 3 in any case.
  int exit_status() const;

 private:
  void add_row(const Report& report, bool shown);
  void say(const std::string& message);
  void tell_kept();

  Format format_;
  TextOptions text_;
  bool quiet_;
  bool unbuffered_ = true;
  std::string pending_;
  OutputFile file_;
  ProgressBar bar_;
  NagiosStatus nagios_;
  PrometheusText prometheus_;
  bool reported_ = false, finished_ = false, cancelled_ = false;
  std::optional<int> given_status_;
  std::optional<SweepText> sweep_;
  bool sweep_begun_ = false;
  int error_status_ = 0;
  Severity worst_ = Severity::ok;
};

/// Options that stand before or after the subcommand.
struct GlobalOptions {
  SessionOptions session;  ///< of it only where answers come from: zone, record and replay files
  /// What may stand in the configuration, too, by key: the texts as they were given.
  std::map<std::string, std::vector<std::string>> settings;
  std::string config_file;
  std::string format = "text", output;
  bool quiet = false, verbose = false;
};

/// A subcommand sets `action`; run() merges the configuration, opens the session and calls it.
struct Program {
  GlobalOptions options;
  Configuration configuration;
  std::function<void(Session&, Output&)> action;
  std::string command;  ///< "maildiag mxcheck"
  bool html = false;    ///< the subcommand has a page to show
  /// Nobody reads its warnings: where settings are lost, it is over. Monitoring formats are so too.
  bool unattended = false;
  int run();

 private:
  bool configure(Output& output);
  bool warn(const ConfigurationSources& sources, Output& output) const;
  bool open_output(Output& output) const;
};

// One a file; each adds its subcommand to the parser.
void add_explain(CLI::App& app, Program& program);
void add_mxcheck(CLI::App& app, Program& program);
void add_report(CLI::App& app, Program& program);
void add_ptrcheck(CLI::App& app, Program& program);
void add_spfcheck(CLI::App& app, Program& program);
void add_dkimcheck(CLI::App& app, Program& program);
void add_dmarccheck(CLI::App& app, Program& program);
void add_bimicheck(CLI::App& app, Program& program);
void add_lookup(CLI::App& app, Program& program);
void add_tlscheck(CLI::App& app, Program& program);
void add_rblcheck(CLI::App& app, Program& program);
void add_smtpcheck(CLI::App& app, Program& program);
void add_rules(CLI::App& app, Program& program);
void add_findings(CLI::App& app, Program& program);
void add_summary(CLI::App& app, Program& program);
void add_config(CLI::App& app, Program& program);
void add_whois(CLI::App& app, Program& program);
void add_reputation(CLI::App& app, Program& program);
void add_watch(CLI::App& app, Program& program);
void add_global_options(CLI::App& app, GlobalOptions& options);
/// Whether these arguments, well formed or not, ask for the line of a plug-in.
bool wants_nagios(int argc, const char* const* argv);

/// The language of what is said before the options are known to be right.
Language early_language(int argc, const char* const* argv);

/// The subcommand that a mistyped word was probably meant to be; empty: none is near.
std::string suggest(const std::string& word, const std::vector<std::string>& known);

}  // namespace maildiag::tool
