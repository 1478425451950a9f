#include "checks/dnsbl_judge.h"

#include <algorithm>
#include <utility>

#include "checks/dnsbl_read.h"
#include "checks/list_choice.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

std::string target_text(const DnsblTarget& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  return ip != nullptr ? ip->to_string() : std::get<DomainName>(target).to_string();
}

Value text_value(const rulebook::Text& text) {
  return Value::object({{"en", text.en}, {"ko", text.ko}});
}

/// Turns list results into findings: one for each listing, one more for what is policy beside it,
/// one for each kind of trouble.
class Judge {
 public:
  Judge(DnsblResult& result, const DnsblTarget& target, double quorum)
      : result_(result),
        target_(result.target),
        domain_(std::holds_alternative<DomainName>(target)),
        quorum_(quorum) {}

  void run(const ListAccess* access) {
    for (const auto& list : result_.lists) count(list);
    for (const auto& list : result_.lists) {
      if (list.state != ListState::listed) continue;
      add_listing(list);
      // A list of lists has an address for several reasons, each of which a receiver may mean.
      if (const auto policy = policy_part(list)) add_listing(*policy);
    }
    add_trouble(ListState::blocked, "dnsbl.blocked", Severity::unknown);
    add_trouble(ListState::broken, "dnsbl.broken", Severity::info);
    add_trouble(ListState::error, "dnsbl.error", Severity::unknown);
    add_trouble(ListState::skipped, "dnsbl.skipped",
                skipped_by_kind_only() ? Severity::info : Severity::warning);
    if (access != nullptr && result_.queried > 0) add_resolver(*access);
    add_summary();
  }

 private:
  void count(const ListResult& list) {
    if (list.state != ListState::skipped) ++result_.queried;
    if (list.state == ListState::listed || list.state == ListState::allowed ||
        list.state == ListState::not_listed) {
      ++result_.answered;
    }
    if (list.state == ListState::listed) ++result_.listed;
  }

  Finding& add(std::string id, Severity severity) {
    Finding finding;
    finding.id = std::move(id);
    finding.severity = severity;
    finding.subject = target_;
    finding.data.set("target", target_);
    return result_.findings.emplace_back(std::move(finding));
  }

  void add_listing(const ListResult& list) {
    Severity severity = list.list->weight == "critical" ? Severity::critical : Severity::warning;
    std::string id = domain_ ? "dbl.listed" : "dnsbl.listed";
    if (list.code_class == "policy") {
      id = "dnsbl.policy-listed";
      severity = Severity::warning;
    } else if (list.code_class == "info" || list.code_class == "geo" ||
               list.code_class == "range" || list.list->weight == "info") {
      id = domain_ ? "dbl.info-listed" : "dnsbl.info-listed";
      severity = Severity::info;
    }
    Finding& finding = add(std::move(id), severity);
    Value codes = Value::array();
    for (const auto& code : list.codes) codes.push(code.to_string());
    finding.data.set("list", list.zone)
        .set("name", list.list->name)
        .set("operator", list.list->operator_name);
    finding.data.set("class", list.code_class)
        .set("codes", std::move(codes))
        .set("meaning", Value::object({{"en", list.meaning(Language::en)},
                                       {"ko", list.meaning(Language::ko)}}));
    finding.data.set("txt", list.txt).set("notes", text_value(list.list->notes));
    finding.data.set("removal", filled_url(list.list->removal_url, target_));
    finding.data.set("lookup", filled_url(list.list->lookup_url, target_));
    finding.evidence.push_back(list.evidence);
  }

  void add_trouble(ListState state, const char* id, Severity severity) {
    Value zones = Value::array();
    std::vector<Evidence> evidence;
    for (const auto& list : result_.lists) {
      if (list.state != state) continue;
      zones.push(list.zone);
      if (!list.evidence.data.is_null()) evidence.push_back(list.evidence);
    }
    const std::size_t affected = zones.as_array().size();
    if (affected == 0) return;
    Finding& finding =
        add(id, has_quorum() && severity == Severity::unknown ? Severity::info : severity);
    finding.data.set("count", affected).set("lists", std::move(zones));
    // Beside a quorum this is a note only, but whoever asks about one of these lists has no answer.
    finding.data.set("unanswered", state == ListState::blocked || state == ListState::error);
    finding.evidence = std::move(evidence);
  }

  /// Whether lists were left out only because they serve other kinds of targets, as domain lists in
  /// a sweep of addresses and names: then nothing is wrong.
  bool skipped_by_kind_only() const {
    return std::all_of(result_.lists.begin(), result_.lists.end(), [](const ListResult& list) {
      return list.state != ListState::skipped || list.reason == reason_not_for_addresses ||
             list.reason == reason_not_for_domains;
    });
  }

  void add_resolver(const ListAccess& access) {
    if (access.public_servers.empty()) return;
    Finding& finding = add("dnsbl.public-resolver", Severity::warning);
    finding.data.set("resolvers", Value::strings(access.public_servers));
  }

  bool has_quorum() const {
    return result_.queried > 0 && result_.answered >= quorum_ * result_.queried;
  }

  /// Which lists were believably clean: `clean` where all that answered are, `others-clean` beside
  /// a listing.
  void add_summary() {
    const std::string area = domain_ ? "dbl" : "dnsbl";
    if (result_.queried == 0) {
      add(area + ".none-asked", Severity::unknown);
      return;
    }
    if (!has_quorum()) add_counts(area + ".quorum-missed", Severity::unknown);
    const bool clean = has_quorum() && result_.listed == 0;
    if (clean || has_clean_list()) {
      add_counts(area + (clean ? ".clean" : ".others-clean"),
                 clean ? Severity::ok : Severity::info);
    }
  }

  /// An allow list that has the target answered too, and is not clean of it.
  bool has_clean_list() const {
    return std::any_of(result_.lists.begin(), result_.lists.end(),
                       [](const ListResult& list) { return list.state == ListState::not_listed; });
  }

  void add_counts(std::string id, Severity severity) {
    Finding& finding = add(std::move(id), severity);
    finding.data.set("listed", result_.listed)
        .set("answered", result_.answered)
        .set("queried", result_.queried);
    Value answered = Value::array();
    for (const auto& list : result_.lists) {
      if (list.state == ListState::not_listed) answered.push(list.zone);
    }
    finding.data.set("lists", std::move(answered));
  }

  DnsblResult& result_;
  std::string target_;
  bool domain_;
  double quorum_;
};

}  // namespace

std::string filled_url(std::string_view pattern, const std::string& target) {
  return text::fill_template(
      pattern, [&target](std::string_view name) { return name == "target" ? &target : nullptr; });
}

void judge_lists(DnsblResult& result, const DnsblTarget& target, double quorum,
                 const ListAccess* access) {
  result.target = target_text(target);
  Judge(result, target, quorum).run(access);
}

void excuse_unserved(DnsblResult& result) {
  for (auto& finding : result.findings) {
    if (finding.id == "dnsbl.none-asked") finding.severity = Severity::info;
  }
}

}  // namespace maildiag::checks
