#include "session/c_commands.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <maildiag/language.h>
#include <maildiag/lookup.h>
#include <maildiag/ranges.h>

#include "core/result.h"

namespace maildiag::session {

namespace {

using Texts = std::vector<std::string>;

/// One call: what it was asked and who hears of it.
struct Call {
  Session& session;
  Members& request;
  const ReportSink& sink;
  const ErrorSink& errors;
  const CountSink& counted;

  /// True where the request is in order; to be asked when all of it was read.
  bool ready() const {
    const auto fault = request.fault();
    if (fault) errors(*fault);
    return !fault;
  }
  /// The same of a command that does nothing without one of these members: (name, what it holds).
  bool ready(std::initializer_list<std::pair<std::string_view, const Texts&>> inputs) const {
    if (!ready()) return false;
    Texts names;
    for (const auto& [name, texts] : inputs) {
      if (!texts.empty()) return true;
      names.push_back(fmt::format("`{}`", name));
    }
    const auto all = fmt::format("{}", fmt::join(names, ", "));
    errors(names.size() == 1
               ? make_error(ErrorCode::usage, "{} is needed, and must not be empty", all)
               : make_error(ErrorCode::usage, "one of {} is needed, and must not be empty", all));
    return false;
  }
  /// True where a member was given without another that it does nothing without; says so.
  bool lacks(std::string_view needed, bool given, std::string_view name) const {
    if (given) errors(make_error(ErrorCode::usage, "`{}` needs `{}`", name, needed));
    return given;
  }
  Texts targets() const {
    Texts targets;
    request.read("targets", targets);
    return targets;
  }
};

DomainOptions domain_options(Members& request) {
  DomainOptions options;
  request.read("selectors", options.selectors);
  request.read("smtp", options.smtp);
  request.read("dnsbl", options.dnsbl);
  return options;
}

void mxcheck(const Call& call) {
  const auto targets = call.targets();
  const auto options = domain_options(call.request);
  if (call.ready({{"targets", targets}}))
    call.session.mxcheck(targets, options, call.sink, call.errors);
}

void report(const Call& call) {
  const auto targets = call.targets();
  const auto options = domain_options(call.request);
  if (!call.ready()) return;
  if (targets.size() != 1)
    return call.errors(make_error(ErrorCode::usage, "report takes one domain in `targets`"));
  call.session.report(targets.front(), options, call.sink, call.errors);
}

void ptrcheck(const Call& call) {
  const auto targets = call.targets();
  PtrOptions options;
  call.request.read("helo", options.helo);
  if (call.ready({{"targets", targets}}))
    call.session.ptrcheck(targets, options, call.sink, call.errors);
}

void spfcheck(const Call& call) {
  const auto targets = call.targets();
  SpfOptions options;
  call.request.read("ip", options.ip);
  call.request.read("sender", options.sender);
  call.request.read("helo", options.helo);
  call.request.read("suggest", options.suggest);
  if (!call.ready({{"targets", targets}})) return;
  const bool lint = options.ip.empty();
  if (call.lacks("ip", lint && !options.sender.empty(), "sender") ||
      call.lacks("ip", lint && !options.helo.empty(), "helo"))
    return;
  if (!lint && !options.suggest.empty())
    return call.errors(
        make_error(ErrorCode::usage, "`{}` and `{}` exclude each other", "suggest", "ip"));
  call.session.spfcheck(targets, options, call.sink, call.errors);
}

void dkimcheck(const Call& call) {
  const auto targets = call.targets();
  DkimOptions options;
  call.request.read("selectors", options.selectors);
  call.request.read("messages", options.messages);
  if (!call.ready({{"targets", targets}, {"messages", options.messages}})) return;
  if (call.lacks("targets", targets.empty() && !options.selectors.empty(), "selectors")) return;
  call.session.dkimcheck(targets, options, call.sink, call.errors);
}

void dmarccheck(const Call& call) {
  const auto targets = call.targets();
  DmarcOptions options;
  call.request.read("messages", options.messages);
  call.request.read("ip", options.ip);
  call.request.read("helo", options.helo);
  call.request.read("sender", options.sender);
  call.request.read("bulk", options.bulk);
  call.request.read("ips", options.ips);
  if (!call.ready({{"targets", targets}, {"messages", options.messages}})) return;
  const bool alone = options.messages.empty();
  if (call.lacks("targets", targets.empty() && options.bulk, "bulk") ||
      call.lacks("bulk", !options.bulk && !options.ips.empty(), "ips") ||
      call.lacks("messages", alone && !options.ip.empty(), "ip") ||
      call.lacks("messages", alone && !options.helo.empty(), "helo") ||
      call.lacks("messages", alone && !options.sender.empty(), "sender"))
    return;
  call.session.dmarccheck(targets, options, call.sink, call.errors);
}

void bimicheck(const Call& call) {
  const auto targets = call.targets();
  BimiOptions options;
  call.request.read("selector", options.selector);
  call.request.read("indicator", options.indicator);
  if (call.ready({{"targets", targets}}))
    call.session.bimicheck(targets, options, call.sink, call.errors);
}

void tlscheck(const Call& call) {
  const auto targets = call.targets();
  if (call.ready({{"targets", targets}})) call.session.tlscheck(targets, call.sink, call.errors);
}

void rblcheck(const Call& call) {
  const auto targets = call.targets();
  DnsblCheckOptions options;
  call.request.read("lists", options.lists);
  call.request.read("files", options.files);
  call.request.read("self_test", options.self_test);
  call.request.read("hide_clean", options.hide_clean);
  call.request.read("fresh", options.fresh);
  if (!call.ready({{"targets", targets}, {"files", options.files}})) return;
  constexpr std::array words{"auto", "always", "never"};
  if (std::find(words.begin(), words.end(), options.self_test) == words.end())
    return call.errors(make_error(ErrorCode::usage, "`self_test` must be auto, always or never"));
  options.progress = [&call](const DnsblProgress& progress) {
    call.counted(progress.questions, 0);
    return true;
  };
  call.session.rblcheck(targets, options, call.sink, call.errors);
}

void smtpcheck(const Call& call) {
  const auto targets = call.targets();
  SmtpOptions options;
  call.request.read("ports", options.ports, tcp_port);
  call.request.read("hosts", options.hosts);
  call.request.read("relay_test", options.relay_test);
  call.request.read("greeting_timeout", options.greeting_timeout, greeting_seconds);
  call.request.read("warning_days", options.warning_days, certificate_days);
  call.request.read("critical_days", options.critical_days, certificate_days);
  options.progress = [&call](std::size_t done, std::size_t known) { call.counted(done, known); };
  if (call.ready({{"targets", targets}}))
    call.session.smtpcheck(targets, options, call.sink, call.errors);
}

void explain(const Call& call) {
  ExplainOptions options;
  call.request.read("replies", options.replies);
  call.request.read("reply_lines", options.reply_lines);
  call.request.read("paths", options.paths);
  call.request.read("logs", options.logs);
  call.request.read("since", options.since);
  call.request.read("until", options.until);
  call.request.read("year", options.year, log_year);
  call.request.read("ip", options.ip);
  call.request.read("sender", options.sender);
  call.request.read("helo", options.helo);
  call.request.read("own", options.own);
  call.request.read("checks", options.checks);
  call.request.read("passive", options.passive);
  call.request.read("summary", options.summary);
  call.request.read("stats", options.stats);
  call.request.read("unbuffered", options.unbuffered);
  if (!call.ready({{"replies", options.replies},
                   {"reply_lines", options.reply_lines},
                   {"paths", options.paths},
                   {"logs", options.logs}}))
    return;
  const bool no_logs = options.logs.empty();
  if (call.lacks("logs", no_logs && !options.since.empty(), "since") ||
      call.lacks("logs", no_logs && !options.until.empty(), "until") ||
      call.lacks("logs", no_logs && options.year != 0, "year"))
    return;
  options.progress = [&call](const ExplainProgress& progress) {
    call.counted(progress.bytes, progress.total_bytes);
  };
  call.session.explain(options, call.sink, call.errors);
}

void summary_merge(const Call& call) {
  Texts paths;
  call.request.read("paths", paths);
  if (call.ready({{"paths", paths}})) call.session.summary_merge(paths, call.sink, call.errors);
}

void lookup(const Call& call) {
  const auto targets = call.targets();
  std::string type;
  call.request.read("type", type);
  if (!call.ready({{"targets", targets}})) return;
  if (type.empty())
    return call.errors(make_error(ErrorCode::usage, "`type` must be one of {}, or TYPE1234",
                                  fmt::format("{}", fmt::join(lookup_types(), ", "))));
  call.session.lookup(type, targets, call.sink, call.errors);
}

void whois(const Call& call) {
  const auto targets = call.targets();
  WhoisOptions options;
  call.request.read("fresh", options.fresh);
  if (call.ready({{"targets", targets}}))
    call.session.whois(targets, options, call.sink, call.errors);
}

void whois_refresh(const Call& call) {
  if (call.ready()) call.session.whois_refresh(call.sink, call.errors);
}

void reputation(const Call& call) {
  const auto targets = call.targets();
  if (call.ready({{"targets", targets}})) call.session.reputation(targets, call.sink, call.errors);
}

/// As the program does it: looked, stored, told, posted.
void watch(const Call& call) {
  WatchOptions options;
  options.targets = call.targets();
  call.request.read("targets_file", options.targets_file);
  call.request.read("state", options.state);
  call.request.read("confirm", options.confirm, confirming_runs);
  call.request.read("renotify", options.renotify);
  call.request.read("heartbeat", options.heartbeat);
  call.request.read("splay", options.splay);
  call.request.read("webhook", options.webhook);
  call.request.read("webhook_ca", options.webhook_ca);
  call.request.read("dry_run", options.dry_run);
  call.request.read("current", options.current);
  if (!call.ready()) return;
  auto begun = call.session.watch(options);
  if (const auto* error = std::get_if<Error>(&begun)) return call.errors(*error);
  auto& round = std::get<WatchRound>(begun);
  call.session.watch_tell(round, call.sink, call.errors);
  call.session.watch_post(round, call.errors);
}

void watch_history(const Call& call) {
  WatchHistoryOptions options;
  options.targets = call.targets();
  call.request.read("state", options.state);
  if (call.ready()) call.session.watch_history(options, call.sink, call.errors);
}

void watch_prune(const Call& call) {
  WatchPruneOptions options;
  options.keep = "400d";
  call.request.read("state", options.state);
  call.request.read("keep", options.keep);
  call.request.read("clock_was_ahead", options.clock_was_ahead);
  if (call.ready()) call.session.watch_prune(options, call.sink, call.errors);
}

void rules_list(const Call& call) {
  if (call.ready()) call.session.rules_list(call.sink, call.errors);
}

void rules_show(const Call& call) {
  const auto ids = call.targets();
  if (call.ready({{"targets", ids}})) call.session.rules_show(ids, call.sink, call.errors);
}

void rules_test(const Call& call) {
  if (call.ready()) call.session.rules_test(call.sink, call.errors);
}

void rules_lint(const Call& call) {
  if (call.ready()) call.session.rules_lint(call.sink, call.errors);
}

void findings(const Call& call) {
  const auto ids = call.targets();
  if (call.ready()) call.session.findings(ids, call.sink, call.errors);
}

struct Command {
  std::string_view name;
  void (*run)(const Call& call);
};
constexpr std::array commands{Command{"bimicheck", bimicheck},
                              Command{"dkimcheck", dkimcheck},
                              Command{"dmarccheck", dmarccheck},
                              Command{"explain", explain},
                              Command{"findings", findings},
                              Command{"lookup", lookup},
                              Command{"mxcheck", mxcheck},
                              Command{"ptrcheck", ptrcheck},
                              Command{"rblcheck", rblcheck},
                              Command{"report", report},
                              Command{"reputation", reputation},
                              Command{"rules lint", rules_lint},
                              Command{"rules list", rules_list},
                              Command{"rules show", rules_show},
                              Command{"rules test", rules_test},
                              Command{"smtpcheck", smtpcheck},
                              Command{"spfcheck", spfcheck},
                              Command{"summary merge", summary_merge},
                              Command{"tlscheck", tlscheck},
                              Command{"watch", watch},
                              Command{"watch history", watch_history},
                              Command{"watch prune", watch_prune},
                              Command{"whois", whois},
                              Command{"whois refresh", whois_refresh}};

}  // namespace

void run_command(Session& session, std::string_view command, Members& request,
                 const ReportSink& sink, const ErrorSink& errors, const CountSink& counted) {
  for (const auto& known : commands) {
    if (known.name == command) return known.run({session, request, sink, errors, counted});
  }
  Texts names;
  for (const auto& known : commands) names.emplace_back(known.name);
  errors(make_error(ErrorCode::usage, "there is no such command; known: {}",
                    fmt::format("{}", fmt::join(names, ", "))));
}

std::variant<SessionOptions, Error> read_session_options(Members& members) {
  SessionOptions options;
  std::string language = "en";
  std::map<std::string, std::string> keys;
  members.read("language", language);
  members.read("nameservers", options.nameservers);
  members.read("resolv_conf", options.resolv_conf);
  members.read("timeout", options.timeout);
  members.read("tries", options.tries);
  members.read("window", options.window);
  members.read("zone_files", options.zone_files);
  members.read("record_file", options.record_file);
  members.read("replay_file", options.replay_file);
  members.read("rule_directories", options.rule_directories);
  members.read("connect_to", options.connect_to);
  members.read("sources", options.sources);
  members.read("ca_file", options.ca_file);
  members.read("helo_name", options.helo_name);
  members.read("rate", options.rate);
  members.read("default_lists", options.default_lists);
  members.read("list_keys", keys);
  members.read("cache_directory", options.cache_directory);
  if (auto fault = members.fault()) return std::move(*fault);
  if (!options.zone_files.empty() && !options.replay_file.empty())
    return make_error(ErrorCode::usage, "`{}` and `{}` exclude each other", "zone_files",
                      "replay_file");
  if (!options.zone_files.empty() && !options.nameservers.empty())
    return make_error(ErrorCode::usage, "`{}` and `{}` exclude each other", "zone_files",
                      "nameservers");
  const auto known = language_from(language);
  if (!known) return make_error(ErrorCode::usage, "`language` must be en or ko");
  options.language = *known;
  for (auto& [name, key] : keys) options.list_keys.push_back({name, key, "the option list_keys"});
  return options;
}

}  // namespace maildiag::session
