#include "checks/dnsbl.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "checks/dnsbl_query.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t parallel_lists = 50;

bool serves(const rulebook::DnsList& list, const DnsblTarget& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  if (ip == nullptr) return list.domain;
  return ip->is_v4() ? list.ip4 : list.ip6;
}

std::string target_text(const DnsblTarget& target) {
  const auto* ip = std::get_if<IpAddress>(&target);
  return ip != nullptr ? ip->to_string() : std::get<DomainName>(target).to_string();
}

Value text_value(const rulebook::Text& text) {
  return Value::object({{"en", text.en}, {"ko", text.ko}});
}

std::string filled_url(std::string_view pattern, const std::string& target) {
  return text::fill_template(
      pattern, [&target](std::string_view name) { return name == "target" ? &target : nullptr; });
}

/// The lists to ask, with those that are named but cannot be asked as skipped results.
class Selection {
 public:
  Selection(const rulebook::Rulebook& rulebook, const DnsblTarget& target,
            const std::vector<std::string>& only) {
    if (only.empty()) {
      for (const auto& list : rulebook.lists()) {
        if (list.enabled && serves(list, target)) lists.push_back(&list);
      }
      return;
    }
    for (const auto& zone : only) add_named(rulebook, target, zone);
  }

  std::vector<const rulebook::DnsList*> lists;
  std::vector<ListResult> skipped;
  std::deque<std::string> own_zones;        ///< backs the views of own_lists
  std::deque<rulebook::DnsList> own_lists;  ///< zones that are in no list file

 private:
  void add_named(const rulebook::Rulebook& rulebook, const DnsblTarget& target,
                 const std::string& zone) {
    const auto known = std::find_if(rulebook.lists().begin(), rulebook.lists().end(),
                                    [&zone](const rulebook::DnsList& list) {
                                      return text::equals_ignore_case(list.zone, zone);
                                    });
    if (known == rulebook.lists().end()) {
      lists.push_back(&plain_list(target, zone));
    } else if (known->list_class == "retired") {
      skip(*known, "dnsbl.reason.retired");
    } else if (known->zone.find("{key}") != std::string_view::npos) {
      skip(*known, "dnsbl.reason.no-key");
    } else if (!known->ip4 && !known->ip6 && !known->domain) {
      skip(*known, "dnsbl.reason.not-queryable");
    } else if (!serves(*known, target)) {
      skip(*known, std::holds_alternative<IpAddress>(target) ? "dnsbl.reason.not-for-addresses"
                                                             : "dnsbl.reason.not-for-domains");
    } else {
      lists.push_back(&*known);
    }
  }

  void skip(const rulebook::DnsList& list, const char* reason) {
    ListResult result;
    result.list = &list;
    result.zone = masked_zone(list);
    result.state = ListState::skipped;
    result.reason = reason;
    skipped.push_back(std::move(result));
  }

  /// RFC 5782's rules and nothing else: any 127/8 answer but 127.0.0.1 and the customary error
  /// codes lists.
  const rulebook::DnsList& plain_list(const DnsblTarget& target, const std::string& zone) {
    static constexpr rulebook::ListCode any{"127.*.*.*", 0, "", "", {}};
    static constexpr rulebook::ListCode refused{"127.255.255.*", 0, "", "refused", {}};
    own_zones.push_back(zone);
    auto& list = own_lists.emplace_back();
    list.zone = list.name = own_zones.back();
    list.ip4 = list.ip6 = std::holds_alternative<IpAddress>(target);
    list.domain = !list.ip4;
    list.list_class = "block";
    list.weight = "warning";
    list.codes = {&any, 1};
    list.errors = {&refused, 1};
    list.test_listed = list.domain ? "test" : "127.0.0.2";
    list.test_clean = list.domain ? "invalid" : "127.0.0.1";
    list.test_listed6 = "::FFFF:7F00:2";
    return list;
  }
};

/// Turns list results into findings: one for each listing, one for each kind of trouble.
class Judge {
 public:
  Judge(DnsblResult& result, const DnsblTarget& target, double quorum)
      : result_(result),
        target_(target_text(target)),
        domain_(std::holds_alternative<DomainName>(target)),
        quorum_(quorum) {}

  void run() {
    for (const auto& list : result_.lists) count(list);
    for (const auto& list : result_.lists) {
      if (list.state == ListState::listed) add_listing(list);
    }
    add_trouble(ListState::blocked, "dnsbl.blocked", Severity::unknown);
    add_trouble(ListState::broken, "dnsbl.broken", Severity::info);
    add_trouble(ListState::error, "dnsbl.error", Severity::unknown);
    add_trouble(ListState::skipped, "dnsbl.skipped", Severity::warning);
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
        .set("meaning", text_value(list.meaning));
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

  bool has_quorum() const {
    return result_.queried > 0 && result_.answered >= quorum_ * result_.queried;
  }

  /// Which lists were believably clean: `clean` where all that answered are, `others-clean` beside
  /// a listing.
  void add_summary() {
    const std::string area = domain_ ? "dbl" : "dnsbl";
    if (!has_quorum()) add_counts(area + ".quorum-missed", Severity::unknown);
    const bool clean = has_quorum() && result_.listed == 0;
    if (clean || result_.answered > result_.listed) {
      add_counts(area + (clean ? ".clean" : ".others-clean"),
                 clean ? Severity::ok : Severity::info);
    }
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

Value list_value(const ListResult& list, const rulebook::Rulebook& rulebook, Language language) {
  Value codes = Value::array();
  for (const auto& code : list.codes) codes.push(code.to_string());
  const auto meaning =
      list.reason.empty() ? list.meaning.in(language) : rulebook.label(list.reason, language);
  return Value::object(
      {{"zone", list.zone},
       {"name", list.list->name},
       {"state", to_string(list.state)},
       {"class", list.code_class.empty() ? std::string(list.list->list_class) : list.code_class},
       {"codes", codes},
       {"meaning", meaning},
       {"txt", list.txt},
       {"ttl", list.ttl},
       {"delist_url",
        list.state == ListState::listed ? list.list->removal_url : std::string_view()}});
}

}  // namespace

Value DnsblResult::to_value(const rulebook::Rulebook& rulebook, Language language,
                            bool hide_clean) const {
  Value entries = Value::array();
  for (const auto& list : lists) {
    if (hide_clean && list.state == ListState::not_listed) continue;
    entries.push(list_value(list, rulebook, language));
  }
  return Value::object(
      {{"listed", listed}, {"answered", answered}, {"queried", queried}, {"lists", entries}});
}

Task<DnsblResult> check_dnsbl(Context context, DnsblTarget target, DnsblOptions options) {
  if (auto* ip = std::get_if<IpAddress>(&target)) *ip = ip->unmapped();
  const auto selection = std::make_shared<Selection>(context.rulebook, target, options.only);
  DnsblResult result;
  result.own_lists = selection;
  result.lists.resize(selection->lists.size());
  // Named, and without an owner among its captures: g++ 12 destroys the captures of a temporary
  // inside a co_await expression twice.
  const auto ask = [&context, &lists = selection->lists, &result, &target,
                    &options](std::size_t index) -> Task<void> {
    auto answer = co_await ask_list(context, *lists[index], target, options.self_test);
    result.lists[index] = std::move(answer);
  };
  co_await for_each_index(selection->lists.size(), parallel_lists, ask);
  std::move(selection->skipped.begin(), selection->skipped.end(), std::back_inserter(result.lists));
  Judge(result, target, options.quorum).run();
  co_return result;
}

}  // namespace maildiag::checks
