#include "checks/spf_finding.h"

#include "core/octet_word.h"

namespace maildiag::checks::spf {

std::string shown(std::string_view octets, std::size_t limit) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto printable = [](char c) { return c >= 0x20 && c <= 0x7e; };
  if (octets.size() <= limit && is_printable_ascii(octets)) return std::string(octets);
  std::string text;
  for (const char c : octets) {
    if (text.size() >= limit) return text + "...";
    if (printable(c)) {
      text += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    text += "\\x";
    text += hex[octet >> 4U];
    text += hex[octet & 15U];
  }
  return text;
}

Finding make_finding(std::string_view name, Severity severity, std::string_view domain,
                     std::string_view term) {
  Finding finding;
  finding.id = "spf." + std::string(name);
  finding.severity = severity;
  finding.subject = shown(domain);
  finding.data.set("domain", finding.subject);
  if (!term.empty()) finding.data.set("term", shown(term));
  return finding;
}

std::string_view absence_of(const dns::Answer& answer) {
  if (!answer.cname_chain.empty()) return "dangling-alias";
  return answer.outcome == dns::Outcome::nxdomain ? "no-domain" : "none";
}

std::string alias_target(const dns::Answer& answer) {
  return answer.cname_chain.empty() ? std::string() : answer.cname_chain.back().to_string();
}

}  // namespace maildiag::checks::spf
