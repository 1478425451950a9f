/// Answers from master files. Asks no one, so an answer takes no time.
#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/text.h"
#include "dns/backends.h"
#include "dns/zone_set.h"

namespace maildiag::dns {
namespace {

/// As many CNAMEs as common resolvers follow (unbound 11, BIND 16).
constexpr std::size_t max_zone_chain = 16;

constexpr int rcode_noerror = 0, rcode_servfail = 2, rcode_nxdomain = 3, rcode_refused = 5,
              rcode_yxdomain = 6;

class ZoneBackend : public Backend {
 public:
  ZoneBackend(ZoneSet zones, const std::vector<std::string>& files)
      : zones_(std::move(zones)), files_(fmt::format("{}", fmt::join(files, ", "))) {}

  Task<Answer> ask(Question question) override { co_return answer(std::move(question)); }

 private:
  Answer answer(Question question) const;
  std::optional<DomainName> answer_or_redirect(Answer& answer, const DomainName& name) const;

  ZoneSet zones_;
  std::string files_;
};

void end(Answer& answer, Outcome outcome, int rcode, std::string detail = {}) {
  answer.outcome = outcome;
  answer.rcode = rcode;
  answer.detail = std::move(detail);
  if (!answer.definite()) {
    answer.records.clear();
    answer.ttl = 0;
  }
}

void lower_ttl(Answer& answer, std::uint32_t ttl) {
  answer.ttl = std::min(answer.ttl, ttl);
}

void take_records(Answer& answer, const DomainName& owner, const ZoneNode& node) {
  const auto asked = answer.question.type;
  for (const auto& [type, records] : node.sets) {
    if (asked != RecordType::any && type != asked) continue;
    for (const auto& [ttl, data] : records) {
      answer.records.push_back({owner, type, ttl, data});
      lower_ttl(answer, ttl);
    }
  }
}

/// Where a CNAME or DNAME leads. nullopt: the answer is complete.
std::optional<DomainName> redirect(Answer& answer, const Zone::Match& match,
                                   const DomainName& name) {
  const auto type = match.kind == Zone::Kind::cname ? RecordType::cname : RecordType::dname;
  const auto& [ttl, data] = match.node->sets.at(type).front();
  lower_ttl(answer, ttl);
  const auto& target = std::get<NameData>(data).name;
  if (match.kind == Zone::Kind::cname) return target;

  // RFC 6672 section 2.2: what stands in front of the DNAME's owner stays.
  const auto front = DomainName::from_wire(name.wire().substr(0, match.suffix) + '\0');
  auto synthesized = front ? target.prepend(*front) : std::nullopt;
  if (!synthesized) {
    end(answer, Outcome::other_rcode, rcode_yxdomain,
        fmt::format("the DNAME above {} makes too long a name", name.to_string()));
    return std::nullopt;
  }
  if (answer.question.type != RecordType::cname) return synthesized;
  answer.records.push_back({name, RecordType::cname, ttl, NameData{std::move(*synthesized)}});
  end(answer, Outcome::answer, rcode_noerror);
  return std::nullopt;
}

Answer ZoneBackend::answer(Question question) const {
  Answer answer;
  answer.question = std::move(question);
  answer.ttl = std::numeric_limits<std::uint32_t>::max();
  auto name = answer.question.name;
  while (auto target = answer_or_redirect(answer, name)) {
    const bool seen = *target == answer.question.name ||
                      std::ranges::find(answer.cname_chain, *target) != answer.cname_chain.end();
    if (seen || answer.cname_chain.size() == max_zone_chain) {
      end(answer, Outcome::servfail, rcode_servfail,
          seen ? "CNAME loop" : fmt::format("more than {} CNAMEs", max_zone_chain));
      break;
    }
    answer.cname_chain.push_back(*target);
    name = std::move(*target);
  }
  return answer;
}

/// Completes the answer from what stands at `name`, or returns the name where to look on.
std::optional<DomainName> ZoneBackend::answer_or_redirect(Answer& answer,
                                                          const DomainName& name) const {
  const auto wire = text::ascii_lower(name.wire());
  const Zone* const zone = zones_.zone_of(wire);
  answer.server = fmt::format("zone:{}", zone != nullptr ? zone->file() : files_);
  if (zone == nullptr) {
    end(answer, Outcome::refused, rcode_refused,
        fmt::format("{} is outside the zones", name.to_string()));
    return std::nullopt;
  }
  const auto match = zone->find(wire, answer.question.type);
  switch (match.kind) {
    case Zone::Kind::records:
      take_records(answer, name, *match.node);
      end(answer, Outcome::answer, rcode_noerror);
      return std::nullopt;
    case Zone::Kind::nodata:
      lower_ttl(answer, zone->negative_ttl());
      end(answer, Outcome::nodata, rcode_noerror);
      return std::nullopt;
    case Zone::Kind::nxdomain:
      lower_ttl(answer, zone->negative_ttl());
      end(answer, Outcome::nxdomain, rcode_nxdomain);
      return std::nullopt;
    case Zone::Kind::delegated:
      end(answer, Outcome::refused, rcode_refused,
          fmt::format("{} is delegated to other servers", name.to_string()));
      return std::nullopt;
    case Zone::Kind::cname:
    case Zone::Kind::dname:
      return redirect(answer, match, name);
  }
  return std::nullopt;
}

}  // namespace

Result<std::shared_ptr<Backend>> make_zone_backend(const std::vector<std::string>& files) {
  std::vector<MasterFile> parsed;
  for (const auto& file : files) {
    auto master_file = read_master_file(file);
    if (!master_file) return tl::unexpected(std::move(master_file.error()));
    parsed.push_back(std::move(*master_file));
  }
  auto zones = make_zone_set(std::move(parsed));
  if (!zones) return tl::unexpected(std::move(zones.error()));
  return std::make_shared<ZoneBackend>(std::move(*zones), files);
}

}  // namespace maildiag::dns
