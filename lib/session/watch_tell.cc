// Transitions in words, as a mail to the administrator.

#include <algorithm>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "core/clock.h"
#include "session/watch_round.h"

namespace maildiag::session {

namespace {

using watch::Change;

/// Under which heading a change is told; in the order of the report.
enum class WatchGroup {
  about,
  newly_listed,
  got_worse,
  resolver,
  found,
  still,
  changed,
  lists,
  delisted,
  got_better
};
std::string_view to_string(WatchGroup group) {
  switch (group) {
    case WatchGroup::newly_listed:
      return "newly-listed";
    case WatchGroup::got_worse:
      return "got-worse";
    case WatchGroup::resolver:
      return "resolver";
    case WatchGroup::found:
      return "found";
    case WatchGroup::still:
      return "still";
    case WatchGroup::changed:
      return "changed";
    case WatchGroup::lists:
      return "lists";
    case WatchGroup::delisted:
      return "delisted";
    case WatchGroup::got_better:
      return "got-better";
    case WatchGroup::about:
      break;
  }
  return "about";
}

struct Word {
  const char* id;
  WatchGroup group;
};

Word word_about_listing(const watch::Transition& transition) {
  if (transition.to.severity == Severity::unknown)
    return {"watch.listing-unknown", WatchGroup::got_worse};
  const bool was_unknown = transition.from.bad && transition.from.severity == Severity::unknown;
  if (was_unknown && !transition.to.bad) return {"watch.listing-answered", WatchGroup::got_better};
  switch (transition.change) {
    case Change::found:
      return {"watch.found-listed", WatchGroup::found};
    case Change::still:
      return {"watch.still-listed", WatchGroup::still};
    default:
      break;
  }
  if (!transition.from.bad || was_unknown) return {"watch.newly-listed", WatchGroup::newly_listed};
  if (!transition.to.bad) return {"watch.delisted", WatchGroup::delisted};
  return {"watch.listing-changed", WatchGroup::changed};
}

Word word_about_check(const watch::Transition& transition) {
  if (transition.change == Change::better && !transition.to.bad) {
    if (!transition.key.fault.empty()) return {"watch.fault-gone", WatchGroup::got_better};
    if (transition.from.severity == Severity::unknown)
      return {"watch.check-answered", WatchGroup::got_better};
  }
  switch (transition.change) {
    case Change::found:
      return {"watch.found-fault", WatchGroup::found};
    case Change::still:
      return {"watch.still-fault", WatchGroup::still};
    case Change::worse:
      return {"watch.got-worse", WatchGroup::got_worse};
    case Change::better:
      return {"watch.got-better", WatchGroup::got_better};
    default:
      break;
  }
  return {"watch.changed", WatchGroup::changed};
}

Word word_of(const watch::Transition& transition) {
  const auto& check = transition.key.check;
  if (check == watch::watch_check) {
    if (transition.change != Change::heartbeat) return {"watch.baseline", WatchGroup::about};
    if (transition.to.severity != Severity::unknown) return {"watch.heartbeat", WatchGroup::about};
    return {"watch.heartbeat-undecided", WatchGroup::about};
  }
  if (check == watch::resolver_check) {
    return transition.to.bad ? Word{"watch.resolver-trouble", WatchGroup::resolver}
                             : Word{"watch.resolver-back", WatchGroup::resolver};
  }
  if (check == watch::list_check) {
    return transition.to.bad ? Word{"watch.list-unusable", WatchGroup::lists}
                             : Word{"watch.list-back", WatchGroup::lists};
  }
  return check == "dnsbl" ? word_about_listing(transition) : word_about_check(transition);
}

using Causes = std::vector<const rulebook::Cause*>;

bool is_among(const Causes& causes, std::string_view id) {
  return std::any_of(causes.begin(), causes.end(),
                     [id](const auto* cause) { return cause->id == id; });
}

/// The kinds of rejection that a finding confirms: a narrower one instead of the one that it
/// refines. Where it confirms only what names the list, nothing speaks for the narrower one.
Causes causes_confirmed_by(const rulebook::Rulebook& rulebook, std::string_view id) {
  Causes own, when_named;
  for (const auto& cause : rulebook.causes()) {
    const auto names = [id](rulebook::Strings ids) {
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    if (names(cause.confirmed_by)) own.push_back(&cause);
    if (names(cause.confirmed_when_named)) when_named.push_back(&cause);
  }
  if (own.empty()) {
    std::erase_if(when_named,
                  [all = when_named](const auto* cause) { return is_among(all, cause->refines); });
    return when_named;
  }
  std::erase_if(own, [all = own](const auto* cause) {
    return std::any_of(all.begin(), all.end(),
                       [cause](const auto* other) { return other->refines == cause->id; });
  });
  return own;
}

std::string what_it_explains(const Session::Impl& impl, std::string_view id) {
  std::string text;
  for (const auto* cause : causes_confirmed_by(*impl.rulebook, id)) {
    text += fmt::format("{}{} [{}]", text.empty() ? "" : "; ",
                        cause->title.in(impl.options.language), cause->id);
  }
  return text.empty() ? impl.label("watch.explains-nothing") : text;
}

std::string check_name(const watch::Key& key) {
  return key.subject.empty() ? key.check : fmt::format("{} {}", key.check, key.subject);
}

std::string one_line(const Session::Impl& impl, std::string value) {
  if (value.empty()) return impl.label("watch.no-value");
  std::replace(value.begin(), value.end(), '\n', ' ');
  return value;
}

}  // namespace

std::string moment_text(watch::Seconds time) {
  return to_rfc3339(WallTime{} + std::chrono::seconds(time));
}

Finding finding_of(const Session::Impl& impl, const watch::Transition& transition, bool in_doubt) {
  const auto& key = transition.key;
  const auto word = word_of(transition);
  // What the check itself said, with its own words and advice.
  std::vector<Finding> about{unpack_finding(transition.detail)};
  impl.describe(about);
  auto& cause = about.front();
  Finding finding;
  finding.id = word.id;
  finding.severity = transition.to.severity;
  finding.subject = key.target.empty() ? key.subject : key.target;
  finding.data.set("group", to_string(word.group)).set("change", to_string(transition.change));
  finding.data.set("target", key.target).set("check", check_name(key)).set("list", key.subject);
  finding.data.set("since", moment_text(transition.since)).set("in_doubt", in_doubt);
  finding.data.set("before", one_line(impl, transition.from.value));
  finding.data.set("after", one_line(impl, transition.to.value));
  finding.data.set("finding", cause.id).set("about", cause.title).set("more", cause.detail);
  finding.data.set("name", cause.data["name"]).set("meaning", cause.data["meaning"]);
  const auto txt = cause.data["txt"].to_text();
  finding.data.set("words",
                   txt.empty() ? impl.label("watch.no-words") : fmt::format("\"{}\"", txt));
  finding.data.set("txt", cause.data["txt"]).set("codes", cause.data["codes"]);
  finding.data.set("removal", cause.data["removal"]).set("lookup", cause.data["lookup"]);
  if (key.target.empty())
    finding.data.set("counts", transition.detail).set("bad", transition.to.value);
  if (key.check == watch::list_check && transition.to.bad)
    finding.data.set("reason", impl.label("watch.list." + transition.to.value));
  if (key.check == "dnsbl" && transition.to.bad && !cause.id.empty())
    finding.data.set("explains", what_it_explains(impl, cause.id));
  std::vector<Finding> told{std::move(finding)};
  impl.describe(told);
  finding = std::move(told.front());
  if (transition.to.bad && !key.target.empty() && !cause.id.empty()) {
    finding.remedy = std::move(cause.remedy);
    finding.reference = std::move(cause.reference);
  }
  return finding;
}

Report trouble_report(const Session::Impl& impl, const WatchRound::Impl& round) {
  const auto& outcome = round.outcome;
  const watch::Transition trouble{{"", std::string(watch::resolver_check), ""},
                                  Change::worse,
                                  {},
                                  {true, Severity::unknown, "trouble"},
                                  outcome.time,
                                  outcome.trouble_since,
                                  fmt::format("{}/{}", outcome.answered, outcome.asked)};
  return words_of(impl, round, {{0, trouble, false}});
}

Report words_of(const Session::Impl& impl, const WatchRound::Impl& round,
                const std::vector<watch::Untold>& untold) {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  auto report = new_report("watch", host);
  report.started = round.started;
  for (const auto& each : untold) {
    auto& told = report.findings.emplace_back(finding_of(impl, each.transition, each.in_doubt));
    told.data.set("event", each.id);
  }
  const auto group = [](const Finding& finding) { return finding.data["group"].as_string(); };
  std::vector<Finding> sorted;
  for (int index = 0; index <= static_cast<int>(WatchGroup::got_better); ++index) {
    for (const auto& finding : report.findings) {
      if (group(finding) == to_string(static_cast<WatchGroup>(index))) sorted.push_back(finding);
    }
  }
  report.findings = std::move(sorted);
  report.result = Value::object({{"targets", round.targets},
                                 {"bad", round.outcome.bad},
                                 {"answered", round.outcome.answered},
                                 {"asked", round.outcome.asked},
                                 {"undecided", round.outcome.undecided},
                                 {"dry_run", round.dry_run}});
  // Not finish(): the texts are there, and the advice is that of the check behind the change.
  for (const auto& finding : report.findings)
    report.status = worse(report.status, finding.severity);
  return report;
}

}  // namespace maildiag::session
