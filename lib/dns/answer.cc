#include "dns/answer.h"

#include <array>

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
  auto records = Value::array();
  for (const auto& record : answer.records) records.push(rdata_text(record));
  const auto milliseconds = static_cast<double>(answer.elapsed.count()) / 1000.0;

  auto data = Value::object();
  data.set("kind", "dns");
  data.set("name", answer.question.name.to_string());
  data.set("type", to_string(answer.question.type));
  data.set("outcome", to_string(answer.outcome));
  data.set("rcode", answer.rcode < 0 ? Value() : Value(rcode_name(answer.rcode)));
  if (!answer.cname_chain.empty()) {
    auto chain = Value::array();
    for (const auto& target : answer.cname_chain) chain.push(target.to_string());
    data.set("cname_chain", std::move(chain));
  }
  data.set("records", std::move(records));
  data.set("ttl", answer.ttl);
  data.set("server", answer.server);
  data.set("ms", milliseconds);
  if (answer.from_cache) data.set("from_cache", true);
  if (!answer.detail.empty()) data.set("detail", answer.detail);
  return Evidence{std::move(data)};
}

}  // namespace maildiag::dns
