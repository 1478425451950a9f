#include "checks/spf_lint_record.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>
#include <variant>

#include "checks/spf_finding.h"
#include "core/text.h"

namespace maildiag::checks::spf {
namespace {

/// Ranges that are larger than one sender's; beyond the second pair nobody's.
constexpr unsigned wide4 = 16, wide6 = 32, very_wide4 = 8, very_wide6 = 16;

class RecordLint {
 public:
  RecordLint(std::string_view domain, const Record& record, Place place)
      : domain_(domain), record_(record), place_(place) {
    const auto& all = record.directives;
    const auto found = std::find_if(all.begin(), all.end(), [](const Directive& each) {
      return each.mechanism == Mechanism::all;
    });
    if (found != all.end()) all_ = &*found;
  }

  std::vector<Finding> run() {
    for (const auto& error : record_.errors)
      add(to_string(error.problem), Severity::critical, error.term);
    // What was meant by a record that cannot be read is guesswork.
    if (!record_.errors.empty()) return std::move(findings_);
    end_of_record();
    for (const auto& directive : record_.directives) {
      const bool unreachable = all_ != nullptr && directive.position > all_->position;
      if (unreachable || findings_.size() >= max_record_findings) break;
      one_directive(directive);
    }
    duplicates();
    overlaps();
    for (const auto& modifier : record_.others) other_modifier(modifier);
    return std::move(findings_);
  }

 private:
  Finding& add(std::string_view name, Severity severity, std::string_view term = {}) {
    findings_.push_back(make_finding(name, severity, domain_, term));
    return findings_.back();
  }

  void add_list(std::string_view name, Severity severity, const std::vector<std::string>& terms) {
    if (terms.empty()) return;
    auto& finding = add(name, severity);
    auto listed = Value::array();
    for (const auto& term : terms) {
      if (listed.as_array().size() < max_listed_terms) listed.push(shown(term));
    }
    finding.data.set("terms", std::move(listed));
    finding.data.set("count", terms.size());
  }

  /// "all", "redirect=", and what comes after them (sections 5.1 and 6.1).
  void end_of_record() {
    if (all_ == nullptr) {
      if (!record_.redirect && place_ != Place::included) add("missing-all", Severity::warning);
      return;
    }
    if (all_->qualifier == Qualifier::pass) add("plus-all", Severity::critical, all_->text);
    if (all_->qualifier == Qualifier::neutral && place_ != Place::included)
      add("neutral-all", Severity::warning, all_->text);
    std::vector<std::string> unreachable;
    for (const auto& directive : record_.directives) {
      if (directive.position > all_->position) unreachable.push_back(directive.text);
    }
    add_list("unreachable-terms", Severity::warning, unreachable);
    if (record_.redirect) add("redirect-ignored", Severity::warning, record_.redirect->text);
  }

  void one_directive(const Directive& directive) {
    // Section 5.5: "SHOULD NOT be published".
    if (directive.mechanism == Mechanism::ptr)
      add("ptr-mechanism", Severity::warning, directive.text);
    if (directive.target && directive.target->uses('p'))
      add("p-macro", Severity::warning, directive.text);
    if (!directive.network) {
      wide_prefix(directive, true, directive.prefix4);
      wide_prefix(directive, false, directive.prefix6);
      return;
    }
    const auto& network = *directive.network;
    if (directive.host_bits) {
      auto& finding = add("host-bits", Severity::info, directive.text);
      finding.data.set("network", network.to_string());
    }
    const bool four = directive.mechanism == Mechanism::ip4;
    wide_prefix(directive, four, network.prefix());
    if (!four && is_mapped(network))
      add("mapped-network", Severity::warning, directive.text);
    else if (network.prefix() >= (four ? very_wide4 : very_wide6) && network.address().is_special())
      add("special-range", Severity::info, directive.text);
  }

  /// Section 11.4. After a and mx the length is about each address of the hosts: a/0 is everybody.
  void wide_prefix(const Directive& directive, bool four, unsigned prefix) {
    if (directive.qualifier != Qualifier::pass || prefix >= (four ? wide4 : wide6)) return;
    const bool very_wide = prefix < (four ? very_wide4 : very_wide6);
    auto& finding =
        add("wide-range", very_wide ? Severity::critical : Severity::warning, directive.text);
    finding.data.set("prefix", prefix);
  }

  void duplicates() {
    std::set<std::string> seen;
    std::vector<std::string> twice;
    for (const auto& directive : record_.directives) {
      auto key = text::ascii_lower(directive.text);
      if (key[0] == '+') key.erase(0, 1);
      if (!seen.insert(std::move(key)).second) twice.push_back(directive.text);
    }
    add_list("duplicate-terms", Severity::warning, twice);
  }

  void overlaps() {
    std::vector<const Directive*> networks;
    for (const auto& directive : record_.directives) {
      if (directive.network && networks.size() < max_compared_networks)
        networks.push_back(&directive);
    }
    std::vector<std::string> inside;
    for (const auto* small : networks) {
      for (const auto* large : networks) {
        const bool contained = large->network->prefix() < small->network->prefix() &&
                               large->qualifier == small->qualifier &&
                               large->network->contains(small->network->address());
        if (!contained) continue;
        inside.push_back(small->text + " (" + large->text + ")");
        break;
      }
    }
    add_list("overlapping-ranges", Severity::info, inside);
  }

  void other_modifier(const Modifier& modifier) {
    constexpr std::array<std::string_view, 8> mechanisms = {"all", "include", "a",   "mx",
                                                            "ptr", "ip4",     "ip6", "exists"};
    if (std::find(mechanisms.begin(), mechanisms.end(), modifier.name) != mechanisms.end()) {
      add("mechanism-as-modifier", Severity::warning, modifier.text);
    } else if (modifier.name == "ra" || modifier.name == "rp" || modifier.name == "rr") {
      if (!good_report_modifier(modifier)) add("report-modifier", Severity::warning, modifier.text);
    } else {
      add("unknown-modifier", Severity::info, modifier.text);
    }
  }

  /// RFC 6652 section 3: ra= a local-part, rp= 0-100, rr= a list of all, e, f, s and n.
  static bool good_report_modifier(const Modifier& modifier) {
    const std::string_view value = modifier.value;
    if (modifier.name == "ra") return !value.empty() && value.find('@') == std::string_view::npos;
    if (modifier.name == "rp")
      return !value.empty() && value.size() <= 3 &&
             value.find_first_not_of("0123456789") == std::string_view::npos &&
             std::stoi(modifier.value) <= 100;
    for (const auto part : text::split(value, ':')) {
      const auto word = text::ascii_lower(part);
      if (word != "all" && word != "e" && word != "f" && word != "s" && word != "n") return false;
    }
    return true;
  }

  std::string_view domain_;
  const Record& record_;
  Place place_;
  const Directive* all_ = nullptr;
  std::vector<Finding> findings_;
};

}  // namespace

bool is_mapped(const IpNetwork& network) {
  return network.address().is_v6() && network.prefix() >= 96 &&
         network.address().unmapped().is_v4();
}

std::vector<Finding> lint_record(std::string_view domain, const Record& record, Place place) {
  return RecordLint(domain, record, place).run();
}

std::vector<Finding> distinct(std::vector<Finding> findings) {
  std::vector<const Finding*> chosen;
  const auto choose = [&](Severity severity) {
    for (const auto& finding : findings) {
      if (chosen.size() >= max_lint_findings) return;
      const auto same = [&](const Finding* other) {
        return other->id == finding.id && other->data == finding.data;
      };
      if (finding.severity == severity && std::none_of(chosen.begin(), chosen.end(), same))
        chosen.push_back(&finding);
    }
  };
  for (const auto severity :
       {Severity::critical, Severity::unknown, Severity::warning, Severity::info, Severity::ok})
    choose(severity);
  std::sort(chosen.begin(), chosen.end(), std::less<>());
  std::vector<Finding> kept;
  kept.reserve(chosen.size());
  for (const auto* finding : chosen)
    kept.push_back(std::move(findings[static_cast<std::size_t>(finding - findings.data())]));
  return kept;
}

}  // namespace maildiag::checks::spf
