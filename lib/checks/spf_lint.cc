#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <utility>

#include "checks/spf.h"
#include "checks/spf_finding.h"
#include "checks/spf_lint_ipv6.h"
#include "checks/spf_lint_join.h"
#include "checks/spf_lint_owner.h"
#include "checks/spf_lint_probe.h"
#include "checks/spf_lint_record.h"
#include "checks/spf_record.h"
#include "checks/spf_session.h"
#include "core/text.h"

namespace maildiag::checks {

using namespace spf;

namespace {

/// Records that are read at most: a valid tree has eleven.
constexpr int max_tree_records = 60;
/// Terms whose targets are asked for at most.
constexpr int max_resolved_terms = 120;
/// Questions of one record at once.
constexpr std::size_t lint_window = 10;

/// One record's findings and those of the records below it, in the order of the terms.
struct Visit {
  SpfNode node;
  Faults faults;
  std::string last_term;  ///< see Joined
  Ipv6Path ipv6;
  bool passes_all = false;
  std::vector<Finding> findings;
};

void append(std::vector<Finding>& to, std::vector<Finding> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

class TreeLint {
 public:
  TreeLint(Context context, std::string root)
      : context_(context), root_(std::move(root)), owners_(root_) {}

  dns::Answer root_answer;  ///< the TXT answer of the domain itself

  struct Way {
    std::string term;
    Place place = Place::root;
    std::vector<std::string> path;  ///< the domains above, in lower case
  };

  Task<Visit> visit(std::string domain, Way way) {
    Visit visit;
    visit.node.domain = domain;
    visit.node.term = way.term;
    const auto name = to_domain_name(domain);
    const auto key = text::ascii_lower(domain);
    if (std::find(way.path.begin(), way.path.end(), key) != way.path.end()) {
      visit.node.state = "loop";
      visit.faults.permerror = true;  // round and round up to the limit of lookups
      visit.findings.push_back(make_finding("loop", Severity::critical, way.path.back(), way.term));
      co_return visit;
    }
    if (++records_ > max_tree_records) {
      visit.node.state = "not-followed";
      co_return visit;
    }
    way.path.push_back(key);
    dns::Answer answer;
    if (name) {
      auto received = co_await context_.resolver.query(*name, dns::RecordType::txt);
      answer = std::move(received);
    } else {
      answer.outcome = dns::Outcome::nxdomain;
    }
    co_await read(visit, answer, way);
    if (way.place == Place::root) root_answer = std::move(answer);
    co_return visit;
  }

 private:
  /// What one term of a record costs, and the record that it leads to.
  struct Term : TermCost {
    bool depends_on_mail = false;
    std::optional<SpfNode> child;
  };

  /// The answer to the TXT question of visit.node.
  Task<void> read(Visit& visit, const dns::Answer& answer, const Way& way) {
    auto& node = visit.node;
    const auto problem = [&](std::string_view state, std::string_view id, Severity severity) {
      node.state = state;
      visit.faults.permerror = severity != Severity::unknown;
      visit.faults.temperror = severity == Severity::unknown;
      const bool outside = state == "none" && way.place != Place::root;
      visit.findings.push_back(make_finding(
          id, severity, outside ? way.path.at(way.path.size() - 2) : node.domain, way.term));
      visit.findings.back().data.set("target", shown(node.domain));
      visit.findings.back().evidence.push_back(brief_evidence(answer));
    };
    if (!answer.definite()) co_return problem("temperror", "dns-error", Severity::unknown);
    auto remarks = lint_answer(node.domain, answer);
    const auto records = select_records(answer);
    if (records.size() != 1) append(visit.findings, std::move(remarks));
    if (records.empty()) {
      const auto id = way.place == Place::root       ? absence_of(answer)
                      : way.place == Place::included ? "include-without-record"
                                                     : "redirect-without-record";
      const bool usable = way.place == Place::root && id != "no-domain";
      problem("none", id, usable ? Severity::warning : Severity::critical);
      if (way.place != Place::root) co_return;
      auto& data = visit.findings.back().data;
      data.set("suggestion", "v=spf1 mx ~all");
      if (!answer.cname_chain.empty()) data.set("target", alias_target(answer));
      co_return;
    }
    if (records.size() > 1) {
      problem("several", "several-records", Severity::critical);
      visit.findings.back().data.set("count", records.size());
      co_return;
    }
    node.record = records.front();
    const auto record = parse_record(node.record);
    node.state = record.errors.empty() ? "ok" : "syntax";
    visit.faults.permerror = !record.errors.empty();
    append(remarks, lint_record(node.domain, record, way.place));
    if (way.place != Place::root) owners_.fold_remarks(node.domain, way.term, remarks);
    append(visit.findings, std::move(remarks));
    const auto glued =
        record.errors.empty() ? glued_terms(answer, record) : std::vector<GluedTerm>();
    co_await follow(visit, record, glued, way);
  }

  Task<void> follow(Visit& visit, const Record& record, const std::vector<GluedTerm>& glued,
                    const Way& way) {
    std::vector<const Directive*> asking;
    bool ends = false;
    for (const auto& directive : record.directives) {
      ends = ends || directive.mechanism == Mechanism::all;
      if (!ends && directive.asks_dns()) asking.push_back(&directive);
    }
    const bool redirects = !ends && record.redirect;
    const auto count = asking.size() + (redirects ? 1 : 0);
    std::vector<Term> terms(count);
    bool holds_all = false;
    std::function<Task<void>(std::size_t)> work = [&](std::size_t i) -> Task<void> {
      const Modifier* redirect = i == asking.size() ? &*record.redirect : nullptr;
      const auto* seam = find_seam(glued, redirect ? redirect->position : asking[i]->position);
      auto term = redirect != nullptr ? redirect_term(*redirect, visit.node.domain, way)
                                      : directive_term(*asking[i], visit.node.domain, way);
      auto done = co_await std::move(term);
      // Where nobody can ask, the "all" that is missing tells.
      if (seam != nullptr && (seam->certain || done.leads_nowhere ||
                              (done.depends_on_mail && seam->holds_all && !ends))) {
        // Receivers follow it, and meet what it costs, but nobody meant what it leads to.
        done.findings.clear();
        if (seam->certain) {
          done.child.reset();  // the answer's finding tells of it
        } else {
          done.findings.push_back(glued_finding(visit.node.domain, seam->seam));
        }
        holds_all = holds_all || seam->holds_all;
      }
      terms[i] = std::move(done);
    };
    co_await for_each_index(count, lint_window, work);
    std::vector<TermCost*> costs;
    for (auto& term : terms) costs.push_back(&term);
    auto joined = join_terms(record, costs);
    visit.faults.add(joined.faults);
    visit.last_term = std::move(joined.last_term);
    visit.ipv6 = std::move(joined.ipv6);
    visit.passes_all = joined.passes_all;
    // It is there, and one more would not mend the seam.
    if (holds_all)
      std::erase_if(visit.findings,
                    [](const Finding& each) { return each.id == "spf.missing-all"; });
    auto& node = visit.node;
    node.own_lookups = static_cast<int>(std::min<std::size_t>(count, max_spf_tree_lookups));
    for (auto& term : terms) {
      node.lookups = std::min(max_spf_tree_lookups, node.lookups + term.lookups);
      node.void_lookups += term.voids;
      if (term.child) node.children.push_back(std::move(*term.child));
      append(visit.findings, std::move(term.findings));
    }
  }

  static const GluedTerm* find_seam(const std::vector<GluedTerm>& glued, std::size_t position) {
    const auto found = std::find_if(glued.begin(), glued.end(), [&](const GluedTerm& term) {
      return term.position == position;
    });
    return found == glued.end() ? nullptr : &*found;
  }

  std::optional<std::string> target_of(const std::optional<MacroString>& macro,
                                       const std::string& domain) const {
    if (!macro) return domain;
    if (macro->depends_on_mail()) return std::nullopt;
    MacroValues values;
    values.domain = domain;
    values.sender_domain = root_;
    return expand_name(*macro, values);
  }

  Task<Term> descend(std::string target, std::string text, Place place, const Way& way) {
    Term term;
    const Way next{std::move(text), place, way.path};
    auto below = co_await visit(std::move(target), next);
    term.lookups = std::min(max_spf_tree_lookups, 1 + below.node.lookups);
    term.voids = below.node.void_lookups;
    term.leads_nowhere = below.node.state == "none";
    term.faults = below.faults;
    term.faults.add({false, false, 1, 0});
    term.matches_all = below.passes_all;
    term.last_term = std::move(below.last_term);
    term.ipv6 = std::move(below.ipv6);
    term.findings = std::move(below.findings);
    term.child = std::move(below.node);
    co_return term;
  }

  /// A target that only a mail fills in costs one lookup at least; nobody can follow it here, and
  /// it may let anybody pass.
  static Term unknown_target(const std::string& domain, const std::string& text, bool leads_on) {
    Term term;
    term.lookups = term.faults.lookups = 1;
    term.depends_on_mail = true;
    term.ipv6.add_permit();
    if (leads_on) {
      term.child.emplace();
      term.child->term = text;
      term.child->state = "macro";
      term.findings.push_back(make_finding("depends-on-mail", Severity::info, domain, text));
    }
    return term;
  }

  Task<Term> redirect_term(const Modifier& redirect, const std::string& domain, const Way& way) {
    const auto target = target_of(redirect.macro, domain);
    if (!target) co_return unknown_target(domain, redirect.text, true);
    const auto place = way.place == Place::included ? Place::included : Place::redirected;
    co_return co_await descend(*target, redirect.text, place, way);
  }

  Task<Term> directive_term(const Directive& directive, const std::string& domain, const Way& way) {
    auto found = follow_directive(directive, domain, way);
    auto term = co_await std::move(found);
    // What passes below "-include:" does not pass here.
    if (directive.qualifier != Qualifier::pass) term.ipv6.forget_permits();
    co_return term;
  }

  Task<Term> follow_directive(const Directive& directive, const std::string& domain,
                              const Way& way) {
    const bool include = directive.mechanism == Mechanism::include;
    const auto target = target_of(directive.target, domain);
    if (!target) co_return unknown_target(domain, directive.text, include);
    if (include) co_return co_await descend(*target, directive.text, Place::included, way);
    Term term;
    term.lookups = term.faults.lookups = 1;
    const auto name = to_domain_name(*target);
    if (directive.mechanism == Mechanism::ptr) {
      // What it asks depends on the client.
      term.ipv6.add_permit();
    } else if (name && ++resolved_ <= max_resolved_terms) {
      auto cost = co_await probe_term(context_, directive, domain, *name);
      static_cast<TermCost&>(term) = std::move(cost);
    }
    co_return term;
  }

  Context context_;
  std::string root_;
  Owners owners_;
  int records_ = 0;
  int resolved_ = 0;
};

Finding& add(SpfReport& report, std::string_view name, Severity severity,
             const std::string& domain) {
  report.findings.push_back(make_finding(name, severity, domain));
  return report.findings.back();
}

/// What receivers do goes by what they come to; the tree is counted whole.
void judge_costs(SpfReport& report, const Visit& visit) {
  const auto& tree = *report.tree;
  const auto over = [](int lookups, int voids) {
    return lookups > max_spf_lookups || voids > max_spf_void_lookups;
  };
  const auto& met = visit.faults;
  const bool too_many = met.lookups > max_spf_lookups;
  if (met.lookups >= max_spf_lookups) {
    auto& finding = add(report, too_many ? "too-many-lookups" : "at-lookup-limit",
                        too_many ? Severity::critical : Severity::info, tree.domain);
    finding.data.set("lookups", too_many ? tree.lookups : met.lookups);
    finding.data.set("limit", max_spf_lookups);
  }
  if (met.voids > max_spf_void_lookups) {
    auto& finding = add(report, "too-many-void-lookups", Severity::critical, tree.domain);
    finding.data.set("void_lookups", tree.void_lookups);
    finding.data.set("limit", max_spf_void_lookups);
  }
  if (over(met.lookups, met.voids) || !over(tree.lookups, tree.void_lookups)) return;
  auto& finding = add(report, "over-limit-behind", Severity::warning, tree.domain);
  finding.data.set("term", shown(visit.last_term));
  finding.data.set("lookups", tree.lookups).set("limit", max_spf_lookups);
  finding.data.set("void_lookups", tree.void_lookups).set("void_limit", max_spf_void_lookups);
}

/// `faults` of what some client meets: where every one passes before, nothing behind counts.
std::optional<SpfResult> find_error(const SpfNode& root, const Faults& faults) {
  if (root.state == "none") return SpfResult::none;
  if (faults.permerror || faults.lookups > max_spf_lookups || faults.voids > max_spf_void_lookups)
    return SpfResult::permerror;
  if (faults.temperror) return SpfResult::temperror;
  return std::nullopt;
}

/// Where every client meets permerror, IPv6 is no other matter.
void judge_ipv6(SpfReport& report, const Visit& visit) {
  if (visit.faults.lookups > max_spf_lookups || visit.faults.voids > max_spf_void_lookups) return;
  append(report.findings, visit.ipv6.judge(report.tree->domain));
}

/// RFC 7208 section 3.1: type SPF is gone; a leftover says something else sooner or later.
Task<void> judge_type_99(Context context, const DomainName& domain, SpfReport& report) {
  const auto answer = co_await context.resolver.query(domain, dns::RecordType::spf);
  if (!answer.found()) co_return;
  std::vector<std::string> old;
  for (const auto& record : answer.records) {
    if (const auto* txt = std::get_if<dns::TxtData>(&record.data)) old.push_back(txt->joined());
  }
  const bool same = old == report.records;
  auto& finding = add(report, same ? "type-99" : "type-99-differs",
                      same ? Severity::info : Severity::warning, domain.to_string());
  finding.data.set("text", old.empty() ? std::string() : shown(old.front()));
  finding.evidence.push_back(brief_evidence(answer));
}

void judge_room(SpfReport& report, const dns::Answer& answer) {
  const auto& tree = *report.tree;
  const auto longest4 = suggest_spf(tree.record, IpAddress::from_v4({255, 255, 255, 255}));
  std::array<std::uint8_t, 16> ones{};
  ones.fill(0xff);
  const auto longest6 = suggest_spf(tree.record, IpAddress::from_v6(ones));
  if (tree.state != "ok" || !longest4 || !longest6) return;
  SpfRoom room;
  room.octets4 = longest4->octets;
  room.octets6 = longest6->octets;
  room.record_octets = static_cast<int>(tree.record.size());
  room.txt_octets = static_cast<int>(txt_octets(answer));
  room.lookups_left = std::max(0, max_spf_lookups - tree.lookups);
  report.room = room;
  const bool broken =
      std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::critical || finding.severity == Severity::unknown;
      });
  if (broken || tree.lookups > max_spf_lookups || tree.void_lookups > max_spf_void_lookups) return;
  auto& finding = add(report, "valid", Severity::ok, tree.domain);
  finding.data.set("lookups", tree.lookups);
  finding.data.set("limit", max_spf_lookups);
  finding.data.set("lookups_left", room.lookups_left);
  finding.data.set("octets4", room.octets4);
  finding.data.set("octets6", room.octets6);
  finding.data.set("octets", room.record_octets);
}

}  // namespace

Task<SpfReport> lint_spf(Context context, DomainName domain) {
  SpfReport report;
  std::string text;
  for (const auto& label : domain.labels()) text += (text.empty() ? "" : ".") + label;
  TreeLint lint(context, text);
  const TreeLint::Way start;
  auto visit = co_await lint.visit(text, start);
  report.tree = std::move(visit.node);
  report.findings = distinct(std::move(visit.findings));
  report.records = select_records(lint.root_answer);
  report.error = find_error(*report.tree, visit.faults);
  judge_costs(report, visit);
  judge_ipv6(report, visit);
  if (lint.root_answer.definite()) co_await judge_type_99(context, domain, report);
  judge_room(report, lint.root_answer);
  co_return report;
}

}  // namespace maildiag::checks
