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
