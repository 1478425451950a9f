// dkimcheck DOMAIN: the keys at the selectors that were named, or at the usual ones.

#include <algorithm>
#include <iterator>
#include <utility>

#include "checks/dkim.h"
#include "checks/dkim_finding.h"
#include "checks/dkim_key_query.h"
#include "checks/dkim_lint.h"
#include "checks/shared_alias.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

using namespace dkim;

/// Asked beside a list of guesses: where it has an answer or an alias, every name has (a wildcard,
/// a DNAME).
constexpr std::string_view nonsense_selector = "maildiag-no-such-selector";

/// What one selector came to.
struct Slot {
  std::string selector;
  std::optional<KeyAnswer> answer;  ///< nullopt: the selector is no name
};

Task<void> ask_all(Context context, DomainName domain, std::vector<Slot>& slots) {
  constexpr std::size_t window = 100;
  const auto one = [&](std::size_t index) -> Task<void> {
    auto& slot = slots[index];
    const auto front = DomainName::from_user(slot.selector + "._domainkey");
    const auto name = front ? domain.prepend(*front) : std::nullopt;
    if (!name) co_return;
    auto answer = co_await ask_key(context, *name);
    slot.answer = std::move(answer);
  };
  co_await for_each_index(slots.size(), window, one);
}

class Judge {
 public:
  Judge(const DomainName& domain, const std::vector<Slot>& slots, DkimKeyReport& report)
      : domain_(domain.to_string()), slots_(slots), report_(report) {}

  /// Texts and aliases that every name has.
  void learn_wildcard(const KeyAnswer& answer) {
    if (answer.answer.definite()) nonsense_ = answer.answer;
    for (const auto& record : answer.records) wildcard_.push_back(record.text);
    if (is_gone(answer.answer)) add("dkim.wildcard-alias-broken", Severity::warning, "", answer);
    if (!answer.answer.found()) return;
    add("dkim.wildcard", Severity::info, "", answer);
  }

  void judge(const Slot& slot) {
    if (!slot.answer) {
      auto finding = make_finding("dkim.bad-selector", Severity::critical, domain_, slot.selector);
      report_.findings.push_back(std::move(finding));
      return;
    }
    const auto& answer = *slot.answer;
    if (!answer.answer.definite()) ++report_.unanswered;
    if (answer.records.empty()) return judge_absence(slot);
    if (answer.records.size() > 1)
      add("dkim.several-keys", Severity::warning, slot.selector, answer);
    for (const auto& record : answer.records) {
      const bool everywhere =
          std::find(wildcard_.begin(), wildcard_.end(), record.text) != wildcard_.end();
      if (!everywhere) judge_record(slot, record);
    }
  }

  void conclude() {
    if (!report_.guessed) return;
    const auto add_count = [this](const char* id, Severity severity, std::size_t count) {
      auto finding = make_finding(id, severity, domain_, "");
      finding.data.set("count", count);
      finding.data.set("asked", report_.asked);
      report_.findings.push_back(std::move(finding));
    };
    if (report_.unanswered > 0)
      add_count("dkim.selectors-unanswered", Severity::unknown, report_.unanswered);
    if (report_.keys.empty() && report_.unanswered == 0)
      add_count("dkim.no-key-guessed", Severity::unknown, report_.asked);
  }

 private:
  Value& add(std::string id, Severity severity, const std::string& selector,
             const KeyAnswer& answer) {
    auto finding = make_finding(std::move(id), severity, domain_, selector);
    finding.evidence.push_back(brief_evidence(answer.answer));
    finding.data.set("cname", answer.cname);
    finding.data.set("record", answer.other_text);
    finding.data.set("count", answer.records.size());
    report_.findings.push_back(std::move(finding));
    return report_.findings.back().data;
  }

  /// An alias to a name that does not exist; not a DNAME's, behind which only this one does not.
  static bool is_gone(const dns::Answer& answer) {
    if (answer.outcome != dns::Outcome::nxdomain || answer.cname_chain.empty()) return false;
    const auto labels = answer.cname_chain.front().labels();
    return labels.empty() || !text::equals_ignore_case(labels.front(), nonsense_selector);
  }

  /// Nobody made this alias for a key: a name that nobody has is one, too, or, where that had no
  /// answer, the selector beside it.
  bool is_everywhere(const Slot& slot) const {
    const auto& answer = slot.answer->answer;
    if (nonsense_) return is_shared_alias(answer, *nonsense_);
    return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& other) {
      return &other != &slot && other.answer && is_shared_alias(answer, other.answer->answer);
    });
  }

  void judge_absence(const Slot& slot) {
    const auto problem = no_key_problem(*slot.answer);
    const bool unanswered = problem == "dkim.key-unanswered";
    if (report_.guessed && (problem != "dkim.key-alias-broken" || is_everywhere(slot))) return;
    DkimKey key;
    key.domain = domain_;
    key.selector = shown(slot.selector);
    key.cname = slot.answer->cname;
    key.problem = problem.substr(prefix);
    report_.keys.push_back(std::move(key));
    const auto usual = report_.guessed ? Severity::warning : Severity::critical;
    add(problem, unanswered ? Severity::unknown : usual, slot.selector, *slot.answer);
  }

  void judge_record(const Slot& slot, const KeyRecord& record) {
    auto key = describe_key(record, *slot.answer);
    key.domain = domain_;
    key.selector = shown(slot.selector);
    const auto problem = key_problem(record);
    // A key is revoked when it is replaced: nothing is wrong as long as nobody signs with it.
    const auto severity = problem.empty()  ? Severity::ok
                          : record.revoked ? Severity::info
                                           : Severity::critical;
    auto& data =
        add(problem.empty() ? "dkim.key-valid" : problem, severity, slot.selector, *slot.answer);
    data.set("record", key.record).set("mended", key.mended);
    data.set("at", shown(record.fault_at));
    data.set("type", key.type);
    data.set("bits", key.bits);
    if (record.disclosed && record.fault != KeyFault::private_key)
      add("dkim.key-private-beside", Severity::critical, slot.selector, *slot.answer);
    report_.keys.push_back(std::move(key));
    auto notes = lint_key(record, domain_, slot.selector);
    std::move(notes.begin(), notes.end(), std::back_inserter(report_.findings));
  }

  std::string domain_;
  const std::vector<Slot>& slots_;
  DkimKeyReport& report_;
  std::vector<std::string> wildcard_;
  std::optional<dns::Answer> nonsense_;
};

}  // namespace

Task<DkimKeyReport> check_dkim_keys(Context context, DomainName domain,
                                    std::vector<std::string> selectors) {
  DkimKeyReport report;
  report.guessed = selectors.empty();
  std::vector<Slot> slots;
  for (auto& selector : selectors) {
    if (slots.size() < max_dkim_selectors) slots.push_back({std::move(selector), {}});
  }
  if (report.guessed) {
    for (const auto& each : context.rulebook.dkim_selectors()) {
      if (slots.size() < max_dkim_selectors) slots.push_back({std::string(each.name), {}});
    }
    slots.push_back({std::string(nonsense_selector), {}});
  }
  co_await ask_all(context, domain, slots);
  Judge judge(domain, slots, report);
  if (report.guessed) {
    if (slots.back().answer) judge.learn_wildcard(*slots.back().answer);
    slots.pop_back();
  }
  report.asked = slots.size();
  for (const auto& slot : slots) judge.judge(slot);
  judge.conclude();
  co_return report;
}

}  // namespace maildiag::checks
