#include "dns/answer.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace maildiag::dns {
namespace {

/// The mnemonics of RFC 1035, 2136 and 6891; "RCODE17" for others.
std::string rcode_name(int rcode) {
  constexpr std::array names{"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                             "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};
  constexpr int badvers = 16;
  if (rcode == badvers) return "BADVERS";
  if (rcode >= 0 && static_cast<std::size_t>(rcode) < names.size()) {
    return names[static_cast<std::size_t>(rcode)];
  }
  return fmt::format("RCODE{}", rcode);
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::answer:
      return "answer";
    case Outcome::nodata:
      return "nodata";
    case Outcome::nxdomain:
      return "nxdomain";
    case Outcome::servfail:
      return "servfail";
    case Outcome::refused:
      return "refused";
    case Outcome::other_rcode:
      return "other_rcode";
    case Outcome::timeout:
      return "timeout";
    case Outcome::network_error:
      return "network_error";
    case Outcome::malformed:
      return "malformed";
    case Outcome::not_recorded:
      return "not_recorded";
  }
  return "timeout";
}

bool is_definite(Outcome outcome) {
  return outcome == Outcome::answer || outcome == Outcome::nodata || outcome == Outcome::nxdomain;
}

Evidence to_evidence(const Answer& answer) {
  auto records = Value::Array();
  records.reserve(answer.records.size());
  for (const auto& record : answer.records) records.emplace_back(rdata_text(record));
  const auto milliseconds = static_cast<double>(answer.elapsed.count()) / 1000.0;

  constexpr std::size_t most_members = 12;  // of those below
  Value::Object data;
  data.reserve(most_members);
  data.push_back({"kind", "dns"});
  data.push_back({"name", answer.question.name.to_string()});
  data.push_back({"type", to_string(answer.question.type)});
  data.push_back({"outcome", to_string(answer.outcome)});
  data.push_back({"rcode", answer.rcode < 0 ? Value() : Value(rcode_name(answer.rcode))});
  if (!answer.cname_chain.empty()) {
    auto chain = Value::array();
    for (const auto& target : answer.cname_chain) chain.push(target.to_string());
    data.push_back({"cname_chain", std::move(chain)});
  }
  data.push_back({"records", std::move(records)});
  data.push_back({"ttl", answer.ttl});
  data.push_back({"server", answer.server});
  data.push_back({"ms", milliseconds});
  if (answer.from_cache) data.push_back({"from_cache", true});
  if (!answer.detail.empty()) data.push_back({"detail", answer.detail});
  return Evidence{std::move(data)};
}

}  // namespace maildiag::dns
