#include "checks/spf_lint_record.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <variant>

#include "checks/spf_finding.h"
#include "core/text.h"

namespace maildiag::checks::spf {
namespace {

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
    if (!directive.network) return;
    const auto& network = *directive.network;
    if (directive.host_bits) {
      auto& finding = add("host-bits", Severity::info, directive.text);
      finding.data.set("network", network.to_string());
    }
    const bool four = directive.mechanism == Mechanism::ip4;
    const auto wide = four ? 16U : 32U;
    const auto very_wide = four ? 8U : 16U;
    if (directive.qualifier == Qualifier::pass && network.prefix() < wide) {
      auto& finding =
          add("wide-range", network.prefix() < very_wide ? Severity::critical : Severity::warning,
              directive.text);
      finding.data.set("prefix", network.prefix());
    }
    // Section 5: a mapped client is an IPv4 client, so no ip6 term ever sees it.
    if (!four && network.prefix() >= 96 && network.address().unmapped().is_v4())
      add("mapped-network", Severity::warning, directive.text);
    else if (network.prefix() >= very_wide && network.address().is_special())
      add("special-range", Severity::info, directive.text);
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

/// What was meant to be a record and is none: a receiver does not see it.
bool looks_like_record(std::string_view text) {
  if (is_spf_record(text)) return false;
  auto lower = text::ascii_lower(text.substr(0, 32));
  std::erase_if(lower,
                [](char c) { return c == ' ' || c == '"' || c == '\t' || c == '\'' || c == '\\'; });
  return lower.starts_with("v=spf1") || lower.starts_with("spf1") || lower.starts_with("v=spf2") ||
         lower.starts_with("v:spf1") || lower.starts_with("spf=v1") || lower.starts_with("vspf1");
}

/// Strings that meet without a space between them, as "word|word"; most often a term was cut or two
/// were glued.
std::vector<std::string> glued_strings(const dns::TxtData& txt) {
  std::vector<std::string> seams;
  const auto last_word = [](std::string_view part) { return part.substr(part.rfind(' ') + 1); };
  const auto first_word = [](std::string_view part) { return part.substr(0, part.find(' ')); };
  for (std::size_t i = 0; i + 1 < txt.strings.size(); ++i) {
    const std::string_view left = txt.strings[i];
    const std::string_view right = txt.strings[i + 1];
    // A full string was cut by a tool that knows what it does.
    if (left.empty() || right.empty() || left.size() == 255 || left.back() == ' ' ||
        right.front() == ' ')
      continue;
    seams.push_back(shown(last_word(left)) + "|" + shown(first_word(right)));
  }
  return seams;
}

}  // namespace

std::vector<Finding> lint_record(std::string_view domain, const Record& record, Place place) {
  return RecordLint(domain, record, place).run();
}

std::size_t txt_octets(const dns::Answer& answer) {
  std::size_t octets = 0;
  for (const auto& record : answer.records) {
    if (const auto* txt = std::get_if<dns::TxtData>(&record.data)) {
      for (const auto& part : txt->strings) octets += 1 + part.size();
    }
  }
  return octets;
}

std::vector<Finding> lint_answer(std::string_view domain, const dns::Answer& answer) {
  std::vector<Finding> findings;
  for (const auto& record : answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr) continue;
    const auto joined = txt->joined();
    if (looks_like_record(joined) && findings.size() < max_listed_terms) {
      findings.push_back(make_finding("misspelled-version", Severity::warning, domain));
      findings.back().data.set("text", shown(joined));
    }
    if (!is_spf_record(joined)) continue;
    // Strings may be cut anywhere; where the whole is valid, the cut was meant.
    auto seams =
        parse_record(joined).errors.empty() ? std::vector<std::string>() : glued_strings(*txt);
    for (auto& seam : seams) {
      if (findings.size() >= max_listed_terms) break;
      findings.push_back(make_finding("glued-strings", Severity::warning, domain));
      findings.back().data.set("seam", std::move(seam));
    }
    const auto total = txt_octets(answer);
    if (total <= advised_octets) continue;
    findings.push_back(
        make_finding("long-record",
                     joined.size() > advised_octets ? Severity::warning : Severity::info, domain));
    findings.back().data.set("octets", joined.size());
    findings.back().data.set("total", total);
    findings.back().data.set("advised", advised_octets);
  }
  return findings;
}

}  // namespace maildiag::checks::spf
