/// The library's face: open a Session, ask it for reports. maildiag(3) has examples.
///
/// Threads: a Session is not thread-safe; use one a thread, they share nothing. Calls block;
/// inside, all questions run concurrently on one event loop, and the callbacks are called on the
/// calling thread, one at a time. A callback must not call the session. A call is ended from
/// elsewhere by SessionOptions::cancellation.
///
/// Faults: those of the input and of files are values (Error); what is broken (no memory, a fault
/// of the library) throws std::exception, and so do the callbacks as they like: the exception
/// passes through, and the session may be used on.
///
/// Ownership: arguments are borrowed for the time of the call; reports and errors are borrowed by
/// the callbacks and may be copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <maildiag/domain.h>
#include <maildiag/error.h>
#include <maildiag/export.h>
#include <maildiag/language.h>
#include <maildiag/report.h>
#include <maildiag/session_options.h>
#include <maildiag/smtp.h>
#include <maildiag/watch.h>

namespace maildiag {

/// Receives reports in the order of the targets. Return false to stop: the call returns, and says
/// nothing more. It must not call the session. REQUIRES: not empty.
using ReportSink = std::function<bool(const Report&)>;
/// Receives what could not be processed; the other inputs still are. REQUIRES: not empty.
using ErrorSink = std::function<void(const Error&)>;

struct PtrOptions {
  std::string helo;  ///< the name that the server gives in EHLO; empty: not compared
};
struct SpfOptions {
  std::string ip;      ///< the client to judge; empty: the record is looked through
  std::string sender;  ///< the reverse-path; "<>" needs `helo`; empty: postmaster@ the domain
  std::string helo;
  std::string suggest;  ///< an address: the smallest change of the record that authorises it
};
struct DkimOptions {
  std::vector<std::string> selectors;  ///< empty: the usual ones
  std::vector<std::string> messages;   ///< files, directories, "-": verify these
};
struct DmarcOptions {
  std::vector<std::string> messages;  ///< files, directories, "-": evaluate these
  std::string ip;                     ///< the client; empty: by the newest Received field
  std::string helo;                   ///< empty: the same, where the address is the same
  std::string sender;                 ///< "<>" for none; empty: by Return-Path
  bool bulk = false;                  ///< what large providers demand; a message is a sample then
  std::vector<std::string> ips;       ///< with `bulk`: addresses that send
};
struct BimiOptions {
  std::string selector = "default";
  std::string indicator;  ///< an SVG file; empty: the indicator is not looked at
};
struct WhoisOptions {
  bool fresh = false;  ///< ask the registries whatever the cache says
};
/// How far a sweep has come.
struct DnsblProgress {
  std::uint64_t reports = 0;    ///< handed to the sink
  std::uint64_t questions = 0;  ///< answered, or given up
  std::uint64_t listings = 0;
  bool ended = false;  ///< the last call
  // After the end:
  bool complete = true;
  std::uint64_t unfinished = 0;  ///< targets that were begun and left out
};
struct DnsblCheckOptions {
  std::vector<std::string> lists;  ///< zones; empty: the default ones
  std::vector<std::string> files;  ///< of targets, one a line; "-"
  std::string self_test = "auto";  ///< auto always never
  bool hide_clean = false;
  bool fresh = false;  ///< ask the lists' own name servers
  /// Called first, with the zones that all reports are about; may be empty.
  std::function<void(const std::vector<std::string>&)> lists_chosen;
  /// Called several times a second, and at the end; may be empty. False: stop, and report what is
  /// complete.
  std::function<bool(const DnsblProgress&)> progress;
};
/// How far a long run has come.
struct ExplainProgress {
  std::size_t items = 0;          ///< messages or lines read
  std::uint64_t bytes = 0;        ///< of them
  std::uint64_t total_bytes = 0;  ///< of all inputs; 0: not known
};
struct ExplainOptions {
  std::vector<std::string> replies;      ///< texts of `--reply`
  std::vector<std::string> reply_lines;  ///< files of replies, one a line, or
                                         ///< "text<TAB>ip<TAB>sender"; "-"
  std::vector<std::string> paths;        ///< files, directories, "-"
  std::vector<std::string> logs;         ///< mail servers' logs, rotated ones oldest first; "-"
  std::string since, until;              ///< of the logs' failures; empty: all. "2026-11-20", "1h"
  int year = 0;                          ///< of the logs' first line, for dates without one; 0:
                                         ///< from the file's time
  std::string ip, sender, helo;          ///< win over what the bounce says
  std::vector<std::string> own;          ///< hosts and networks that are the user's own
  bool checks = true;
  bool passive = false;     ///< nothing but DNS is asked
  bool summary = false;     ///< one "maildiag.summary/1" instead of a report for each failure
  bool stats = false;       ///< how often each rule hit: in the summary, or a last report
  bool unbuffered = false;  ///< report each failure before the next is read
  std::function<void(const ExplainProgress&)> progress;  ///< called now and then; may be empty
};

struct Configuration;

/// Every call hands its reports to `sink` and what it could not do to `errors`. `result` of a
/// report has the shape that the manual page of the command says: maildiag-mxcheck(1) and so on.
class MAILDIAG_EXPORT Session {
 public:
  /// Reads rules, zone files and recordings; asks nobody yet. Error: usage (a number out of range),
  /// configuration (rules, keys, addresses), no_input and bad_data (files of answers), cannot_write
  /// (the recording).
  static std::variant<Session, Error> open(SessionOptions options);
  /// What was moved from can be destroyed and assigned to, nothing else.
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// All that can be seen of mail domains from outside; see maildiag-mxcheck(1).
  void mxcheck(const std::vector<std::string>& domains, const DomainOptions& options,
               const ReportSink& sink, const ErrorSink& errors);
  /// The same of one domain, for a page; see render_html().
  void report(const std::string& domain, const DomainOptions& options, const ReportSink& sink,
              const ErrorSink& errors);
  /// Names of addresses, and whether they lead back (FCrDNS); see maildiag-ptrcheck(1).
  void ptrcheck(const std::vector<std::string>& addresses, const PtrOptions& options,
                const ReportSink& sink, const ErrorSink& errors);
  /// SPF records looked through or evaluated for a client; see maildiag-spfcheck(1).
  void spfcheck(const std::vector<std::string>& domains, const SpfOptions& options,
                const ReportSink& sink, const ErrorSink& errors);
  /// The policies of `domains`, then the evaluation of `options.messages`.
  void dmarccheck(const std::vector<std::string>& domains, const DmarcOptions& options,
                  const ReportSink& sink, const ErrorSink& errors);
  /// The keys of `domains`, then the signatures of `options.messages`.
  void dkimcheck(const std::vector<std::string>& domains, const DkimOptions& options,
                 const ReportSink& sink, const ErrorSink& errors);
  /// BIMI records, and an indicator's file; see maildiag-bimicheck(1).
  void bimicheck(const std::vector<std::string>& domains, const BimiOptions& options,
                 const ReportSink& sink, const ErrorSink& errors);
  /// How mail to `domains` is protected on its way: MTA-STS, TLS-RPT, DANE, certificates.
  void tlscheck(const std::vector<std::string>& domains, const ReportSink& sink,
                const ErrorSink& errors);
  /// Addresses, networks, ranges, hosts and domains against DNS block lists, in flat memory
  /// whatever their number; see maildiag-rblcheck(1).
  void rblcheck(const std::vector<std::string>& targets, const DnsblCheckOptions& options,
                const ReportSink& sink, const ErrorSink& errors);
  /// One report for each address and port of a server.
  void smtpcheck(const std::vector<std::string>& targets, const SmtpOptions& options,
                 const ReportSink& sink, const ErrorSink& errors);
  /// Who registered domains, addresses, networks and AS numbers, and whom to ask for a PTR record.
  void whois(const std::vector<std::string>& targets, const WhoisOptions& options,
             const ReportSink& sink, const ErrorSink& errors);
  /// Fetches IANA's lists of RDAP servers into the cache directory.
  void whois_refresh(const ReportSink& sink, const ErrorSink& errors);
  /// How many targets such arguments hold. Reads the files, so none of them may be a pipe.
  static std::uint64_t count_targets(const std::vector<std::string>& targets,
                                     const std::vector<std::string>& files);
  /// Why mails were rejected, and whether that still holds; see maildiag-explain(1).
  void explain(const ExplainOptions& options, const ReportSink& sink, const ErrorSink& errors);
  /// Joins "maildiag.summary/1" objects, one a line in each file ("-" is standard input), into one.
  void summary_merge(const std::vector<std::string>& paths, const ReportSink& sink,
                     const ErrorSink& errors);

  /// Records of names, or what hosts answer: see lookup_types(). REQUIRES: `type` is one of them.
  void lookup(const std::string& type, const std::vector<std::string>& targets,
              const ReportSink& sink, const ErrorSink& errors);
  /// Pages where the reputation of an address or a domain is shown, and where to appeal. Asks
  /// nobody.
  void reputation(const std::vector<std::string>& targets, const ReportSink& sink,
                  const ErrorSink& errors);
  /// Looks at all targets of a watch once and stores what changed; see watch_tell(). Errors: of the
  /// configuration, of the history (locked, damaged, not writable), of the clock; nothing is stored
  /// then.
  std::variant<WatchRound, Error> watch(const WatchOptions& options);
  /// Hands what was stored and never told to `sink`, and marks it as told when that returns true.
  /// The sink is not called where there is nothing to tell. Whoever calls this in a process of its
  /// own loses no word when the first one is killed.
  void watch_tell(WatchRound& round, const ReportSink& sink, const ErrorSink& errors);
  /// Posts what was told to the webhook, if there is one, and what it did not take in earlier runs.
  /// Takes half a minute at most. What it does not take stays queued; errors: why. Nothing of what
  /// a watch remembers changes by that.
  void watch_post(WatchRound& round, const ErrorSink& errors);
  /// What a history holds of targets; see maildiag-watch(1).
  void watch_history(const WatchHistoryOptions& options, const ReportSink& sink,
                     const ErrorSink& errors);
  /// Forgets what is older than `options.keep`.
  void watch_prune(const WatchPruneOptions& options, const ReportSink& sink,
                   const ErrorSink& errors);

  /// The rulebook: list (all ids), show (one rule whole), test (each example is won by its own
  /// rule).
  void rules_list(const ReportSink& sink, const ErrorSink& errors);
  void rules_show(const std::vector<std::string>& ids, const ReportSink& sink,
                  const ErrorSink& errors);
  void rules_test(const ReportSink& sink, const ErrorSink& errors);
  /// What is doubtful about the rules: unreachable ones, missing examples and translations,
  /// patterns without a literal, links of no good shape.
  void rules_lint(const ReportSink& sink, const ErrorSink& errors);

  /// What the configuration holds; with `show` all settings and where each comes from.
  void config(const Configuration& configuration, bool show, const ReportSink& sink);

  /// The catalogue of findings and causes: all of it, or the ids given.
  void findings(const std::vector<std::string>& ids, const ReportSink& sink,
                const ErrorSink& errors);

  class Impl;

 private:
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace maildiag
