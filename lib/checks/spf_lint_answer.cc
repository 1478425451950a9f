#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "checks/spf_finding.h"
#include "checks/spf_lint_record.h"
#include "core/text.h"

namespace maildiag::checks::spf {
namespace {

/// What was meant to be a record and is none: a receiver does not see it. Quotes, escapes, a byte
/// order mark and other invisible characters hide what a person takes for the beginning.
bool looks_like_record(std::string_view text) {
  if (is_spf_record(text)) return false;
  auto lower = text::ascii_lower(text.substr(0, 32));
  std::erase_if(lower,
                [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '\'' || c == '\\'; });
  return lower.starts_with("v=spf1") || lower.starts_with("spf1") || lower.starts_with("v=spf2") ||
         lower.starts_with("v:spf1") || lower.starts_with("spf=v1") || lower.starts_with("vspf1");
}

/// Where two strings meet without a space between them; most often a term was cut or two were
/// glued.
struct Seam {
  std::string shown;         ///< "word|word"
  std::string_view right;    ///< the string that begins there
  std::size_t position = 0;  ///< of the term across it, among the terms
  bool argument = false;     ///< that term has a ':' or '=' before the seam
};

/// REQUIRES: `txt` is an SPF record, and outlives the result.
std::vector<Seam> find_seams(const dns::TxtData& txt) {
  std::vector<Seam> seams;
  const auto last_word = [](std::string_view part) { return part.substr(part.rfind(' ') + 1); };
  const auto first_word = [](std::string_view part) { return part.substr(0, part.find(' ')); };
  std::size_t words = 0;
  bool inside = false;
  bool argument = false;
  for (std::size_t i = 0; i + 1 < txt.strings.size(); ++i) {
    const std::string_view left = txt.strings[i];
    const std::string_view right = txt.strings[i + 1];
    for (const char c : left) {
      if (c != ' ' && !inside) ++words;
      inside = c != ' ';
      argument = inside && (argument || c == ':' || c == '=');
    }
    // A full string was cut by a tool that knows what it does. The first word is the version.
    if (left.empty() || right.empty() || left.size() == 255 || !inside || right.front() == ' ' ||
        words < 2)
      continue;
    seams.push_back(
        {shown(last_word(left)) + "|" + shown(first_word(right)), right, words - 2, argument});
  }
  return seams;
}

/// The term that begins a text.
struct FirstTerm {
  std::string_view name;
  char next = '\0';  ///< ':', '=', '/' or a space, also for the end; NUL: no term begins there
};
FirstTerm first_term(std::string_view text) {
  constexpr std::string_view qualifiers = "+-~?", delimiters = ":=/ ";
  constexpr std::array<std::string_view, 10> names = {"include", "redirect", "exists", "exp", "ip4",
                                                      "ip6",     "ptr",      "all",    "mx",  "a"};
  if (!text.empty() && qualifiers.find(text[0]) != std::string_view::npos) text.remove_prefix(1);
  for (const auto name : names) {
    if (!text::starts_with_ignore_case(text, name)) continue;
    const char next = text.size() == name.size() ? ' ' : text[name.size()];
    if (delimiters.find(next) != std::string_view::npos) return {name, next};
  }
  return {};
}

/// In a record without a syntax error; a cut inside of a term is none, wherever it is.
std::vector<GluedTerm> find_glued(const dns::TxtData& txt, const Record& record) {
  std::vector<GluedTerm> glued;
  for (auto& seam : find_seams(txt)) {
    const auto [name, next] = first_term(seam.right);
    if (next == '\0' || !seam.argument) continue;
    // "a:" may be a part of an IPv6 address.
    const bool address = std::any_of(
        record.directives.begin(), record.directives.end(), [&](const Directive& directive) {
          return directive.position == seam.position && directive.network.has_value();
        });
    if (address) continue;
    const bool certain = next == ':' || next == '=';
    const bool all = name == "all" && next == ' ';
    glued.push_back({seam.position, std::move(seam.shown), certain, all});
    // Where more than two became one, each knows of it.
    for (auto& each : glued) {
      if (each.position == seam.position) each.holds_all = each.holds_all || all;
    }
    if (glued.size() >= max_listed_terms) break;
  }
  return glued;
}

}  // namespace

std::size_t txt_octets(const dns::Answer& answer) {
  std::size_t octets = 0;
  for (const auto& record : answer.records) {
    if (const auto* txt = std::get_if<dns::TxtData>(&record.data)) {
      for (const auto& part : txt->strings) octets += 1 + part.size();
    }
  }
  return octets;
}

Finding glued_finding(std::string_view domain, std::string_view seam) {
  auto finding = make_finding("glued-strings", Severity::critical, domain);
  finding.data.set("seam", seam);
  return finding;
}

std::vector<GluedTerm> glued_terms(const dns::Answer& answer, const Record& record) {
  for (const auto& each : answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&each.data);
    if (txt != nullptr && is_spf_record(txt->joined())) return find_glued(*txt, record);
  }
  return {};
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
    const auto parsed = parse_record(joined);
    if (parsed.errors.empty()) {
      for (const auto& glued : find_glued(*txt, parsed)) {
        if (glued.certain && findings.size() < max_listed_terms)
          findings.push_back(glued_finding(domain, glued.seam));
      }
    } else {
      for (const auto& seam : find_seams(*txt)) {
        if (findings.size() >= max_listed_terms) break;
        findings.push_back(make_finding("glued-strings", Severity::warning, domain));
        findings.back().data.set("seam", seam.shown);
      }
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
